// A binary heap of times: the least is on top. Holds each time once; who puts times in sees to that.

export class TimeHeap {
  #times: number[] = [];

  get size(): number {
    return this.#times.length;
  }

  /** The earliest time, +Infinity when there is none. */
  first(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  push(time: number): void {
    const times = this.#times;
    let at = times.length;
    times.push(time);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = times[parent] as number;
      if (above <= time) break;
      times[at] = above;
      at = parent;
    }
    times[at] = time;
  }

  /** Takes the earliest away. */
  pop(): void {
    const last = this.#times.pop();
    if (last !== undefined && this.#times.length > 0) this.#sink(0, last);
  }

  /** Keeps the times that pass the test. */
  retain(isKept: (time: number) => boolean): void {
    this.#times = this.#times.filter(isKept);
    for (let i = (this.#times.length >> 1) - 1; i >= 0; i--) {
      this.#sink(i, this.#times[i] as number);
    }
  }

  #sink(from: number, time: number): void {
    const times = this.#times;
    const { length } = times;
    let at = from;
    for (let child = 2 * at + 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && (times[child + 1] as number) < (times[child] as number)) child++;
      const below = times[child] as number;
      if (below >= time) break;
      times[at] = below;
      at = child;
    }
    times[at] = time;
  }
}
