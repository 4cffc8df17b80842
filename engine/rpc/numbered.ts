// What must arrive in order and once although a message may be lost: the sender numbers its items from 1
// and keeps each until the other end has said how many it has; the receiver takes the next and no other. What
// was lost is sent again when a report shows how many have arrived.

export class Outbox<T> {
  #items: T[] = [];
  /** Number of the first of `#items`. */
  #first = 1;

  /** Its number. */
  add(item: T): number {
    this.#items.push(item);
    return this.sent;
  }

  /** How many there have been. */
  get sent(): number {
    return this.#first + this.#items.length - 1;
  }

  /** The other end has as many. */
  onReceived(count: number): void {
    const known = Math.min(Math.max(0, count - this.#first + 1), this.#items.length);
    this.#items.splice(0, known);
    this.#first += known;
  }

  /** Those that the other end is not known to have, with their numbers. */
  get waiting(): readonly (readonly [number: number, item: T])[] {
    return this.#items.map((item, i) => [this.#first + i, item] as const);
  }
}

export class Inbox {
  #count = 0;

  /** How many have come. */
  get count(): number {
    return this.#count;
  }

  /** False for one that has come before, and for one before which something is missing. */
  takes(number: number): boolean {
    if (number !== this.#count + 1) return false;
    this.#count = number;
    return true;
  }
}
