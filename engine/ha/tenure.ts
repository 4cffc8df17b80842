// Time and files for as long as a leadership lasts. When it is over nothing is called any more and nothing is
// done to files: whatever the leader had begun stands still for ever. One that has been asleep, and may have been
// deposed meanwhile, is first looked at: until it is known to lead, what is due waits.

import type { Clock } from '../core/clock.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Leadership } from './ha-store.ts';

const LOOK_AGAIN_MS = 100;

export class Tenure {
  readonly leadership: Leadership;
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly #clock: Clock;
  readonly #freshMs: number;
  /** What came due while it was not known whether we lead. */
  #held: (() => void)[] = [];

  /** @param freshMs So long after it was last confirmed, a leadership is taken for granted. */
  constructor(leadership: Leadership, clock: Clock, files: FileSystem, freshMs: number) {
    this.leadership = leadership;
    this.#clock = clock;
    this.#freshMs = freshMs;
    this.clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (delayMs, call) => clock.after(delayMs, () => this.#run(call)),
      soon: (call) => clock.soon(() => this.#run(call)),
    };
    this.files = this.#filesOver(files);
  }

  #run(call: () => void): void {
    if (this.leadership.isOver) return;
    if (this.#held.length === 0 && this.#isFresh) return call();
    this.#held.push(call);
    if (this.#held.length === 1) this.#confirm();
  }

  get #isFresh(): boolean {
    return this.#clock.monotonic() - this.leadership.confirmedMs <= this.#freshMs;
  }

  #confirm(): void {
    this.leadership.confirm().then(
      (leads) => {
        const held = this.#held;
        this.#held = [];
        if (leads) for (const call of held) call();
      },
      // The disk does not say.
      () => this.#clock.after(LOOK_AGAIN_MS, () => this.#confirm()),
    );
  }

  #filesOver(files: FileSystem): FileSystem {
    const whileLeading = <R>(work: () => Promise<R>): Promise<R> =>
      new Promise((resolve, reject) => {
        if (this.leadership.isOver) return;
        work().then(
          (result) => this.#run(() => resolve(result)),
          (error: unknown) => this.#run(() => reject(error as Error)),
        );
      });
    return {
      writeFile: (path, bytes) => whileLeading(() => files.writeFile(path, bytes)),
      readFile: (path) => whileLeading(() => files.readFile(path)),
      link: (from, to) => whileLeading(() => files.link(from, to)),
      copy: (from, to) => whileLeading(() => files.copy(from, to)),
      rename: (from, to) => whileLeading(() => files.rename(from, to)),
      makeDirectory: (path) => whileLeading(() => files.makeDirectory(path)),
      syncDirectory: (path) => whileLeading(() => files.syncDirectory(path)),
      list: (path) => whileLeading(() => files.list(path)),
      remove: (path) => whileLeading(() => files.remove(path)),
      exists: (path) => whileLeading(() => files.exists(path)),
      stat: (path) => whileLeading(() => files.stat(path)),
    };
  }
}
