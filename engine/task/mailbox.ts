// What others ask of a task, done in its own turns, one letter after another; and the one thing that may take
// time, a promise that the task holds for: letters and elements wait until it is settled.

export interface MailboxOwner {
  readonly isEnded: boolean;
  fail(error: unknown): void;
}

export class Mailbox {
  readonly #owner: MailboxOwner;
  readonly #wake: () => void;
  #letters: (() => void)[] = [];
  #isHeld = false;

  constructor(owner: MailboxOwner, wake: () => void) {
    this.#owner = owner;
    this.#wake = wake;
  }

  /** Something that takes time is under way: elements wait. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  post(letter: () => void): void {
    this.#letters.push(letter);
    this.#wake();
  }

  /** Runs letters until there is none, or one holds. True when there was one. */
  run(): boolean {
    if (this.#letters.length === 0) return false;
    const letters = this.#letters;
    this.#letters = [];
    for (const [i, letter] of letters.entries()) {
      if (this.#owner.isEnded) return true;
      if (this.#isHeld) {
        this.#letters = [...letters.slice(i), ...this.#letters];
        return i > 0;
      }
      letter();
    }
    return true;
  }

  /** Letters and elements wait until the promise is settled; then `then` runs. */
  hold(promise: Promise<unknown>, then: () => void): void {
    this.#isHeld = true;
    promise.then(
      () => {
        this.#isHeld = false;
        if (this.#owner.isEnded) return;
        try {
          then();
        } catch (error) {
          this.#owner.fail(error);
        }
        this.#wake();
      },
      (error: unknown) => this.#owner.fail(error),
    );
  }

  /** Nothing is done any more. */
  close(): void {
    this.#letters = [];
  }
}
