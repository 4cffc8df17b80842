// The completed checkpoints that a job keeps, and to whom they belong: its own go when newer ones have come, and
// with the job, as is configured. What it began with is another's and stays, unless the job has claimed it:
// then it is treated like one of its own. Savepoints of its own belong to who took them.

import type { CompletedCheckpoint } from '../../checkpoint/checkpoint.ts';
import { isSavepoint } from '../../core/barrier.ts';
import type { Configuration } from '../../core/configuration.ts';
import { options } from '../../core/options.ts';
import type { JobState } from '../../graph/execution-state.ts';

export class CompletedCheckpoints {
  readonly #retained: number;
  readonly #retention: string;
  readonly #isClaiming: boolean;
  /** Oldest first. */
  #kept: CompletedCheckpoint[] = [];
  #origin: CompletedCheckpoint | undefined;

  constructor(configuration: Configuration) {
    this.#retained = configuration.get(options.checkpointsRetained);
    this.#retention = configuration.get(options.checkpointRetention);
    this.#isClaiming = configuration.get(options.claimMode) === 'CLAIM';
  }

  get latest(): CompletedCheckpoint | undefined {
    return this.#kept.at(-1) ?? this.#origin;
  }

  /** The job has none of its own yet. */
  get isLatestGiven(): boolean {
    return this.latest === this.#origin;
  }

  /** The job begins with that of another one. */
  begin(origin: CompletedCheckpoint): void {
    this.#origin = origin;
    if (this.#isClaiming) this.#kept.push(origin);
  }

  /** The job goes on from its own under another leader; oldest first. */
  recover(kept: readonly CompletedCheckpoint[]): void {
    this.#kept = [...kept];
  }

  /** Oldest first. */
  get kept(): readonly CompletedCheckpoint[] {
    return [...this.#kept];
  }

  /** Answers those that go now. */
  add(checkpoint: CompletedCheckpoint): readonly CompletedCheckpoint[] {
    this.#kept.push(checkpoint);
    const old = this.#kept.splice(0, this.#kept.length - this.#retained);
    return old.filter((one) => this.#isOurs(one));
  }

  /** What goes with a job that ends in that state, beside its own directory. Undefined: all of it stays. */
  goneAfter(state: JobState): readonly CompletedCheckpoint[] | undefined {
    const isKept =
      state === 'FAILED'
        ? this.#retention !== 'NO_EXTERNALIZED_CHECKPOINTS'
        : state === 'CANCELED' && this.#retention === 'RETAIN_ON_CANCELLATION';
    return isKept ? undefined : this.#kept.filter((one) => this.#isOurs(one));
  }

  #isOurs(one: CompletedCheckpoint): boolean {
    return one === this.#origin ? this.#isClaiming : !isSavepoint(one.kind);
  }
}
