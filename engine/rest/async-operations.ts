// Operations that outlast their request, as Flink's API has them: the answer is a trigger id, by which the
// outcome is asked for later. A client may choose the id: then the same trigger, sent twice, is one operation.

import type { Clock } from '../core/clock.ts';
import { newTriggerId, type TriggerId } from '../core/ids.ts';
import { limits } from '../core/limits.ts';
import type { Random } from '../core/random.ts';

export type AsyncOperation<T> =
  | { readonly status: 'in-progress' }
  | { readonly status: 'completed'; readonly result: T }
  | { readonly status: 'failed'; readonly error: unknown };

/** Of one kind. Outcomes are kept for a while after they are known. */
export class AsyncOperations<T> {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #operations = new Map<string, AsyncOperation<T>>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** @param subject What it works on: ids of different subjects are apart. */
  trigger(subject: string, operate: () => Promise<T>, wanted?: TriggerId): TriggerId {
    const id = wanted ?? newTriggerId(this.#random);
    const key = keyOf(subject, id);
    if (this.#operations.has(key)) return id;
    this.#operations.set(key, { status: 'in-progress' });
    operate().then(
      (result) => this.#settle(key, { status: 'completed', result }),
      (error: unknown) => this.#settle(key, { status: 'failed', error }),
    );
    return id;
  }

  /** Undefined when there is no such operation, or none that is remembered. */
  outcome(subject: string, id: TriggerId): AsyncOperation<T> | undefined {
    return this.#operations.get(keyOf(subject, id));
  }

  #settle(key: string, outcome: AsyncOperation<T>): void {
    this.#operations.set(key, outcome);
    this.#clock.after(limits.operationOutcomeKeptMs, () => this.#operations.delete(key));
  }
}

const keyOf = (subject: string, id: TriggerId): string => `${subject}/${id}`;
