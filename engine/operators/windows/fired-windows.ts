// Up to when the windows of a subtask have fired, in its snapshot: none fires twice. After a rescale a subtask may
// have keys of several old ones, which had not come equally far: then it begins with the least of them, and
// leaves out the keys of those that were ahead until it has caught up.

import { type KeyGroupRange, keyGroupOf, keyGroupRange } from '../../core/key-groups.ts';
import type { StoredKey } from '../../state/keyed-state.ts';
import { keyOfMapKey } from '../../state/map-key.ts';
import type { OperatorList, OperatorStateStore } from '../../state/operator-state.ts';
import type { SubtaskInfo } from '../stream-operator.ts';

interface Surroundings {
  readonly subtask: Pick<SubtaskInfo, 'index' | 'parallelism' | 'maxParallelism'>;
  readonly operatorState: OperatorStateStore;
}

interface FiredRange extends KeyGroupRange {
  readonly upToMs: number;
}

export class FiredWindows {
  /** Windows whose last moment is not after this one have fired, or are about to. */
  upToMs = Number.NEGATIVE_INFINITY;
  /** False at a first start. */
  readonly isRestored: boolean;
  readonly #own: KeyGroupRange;
  readonly #maxParallelism: number;
  readonly #stored: OperatorList<FiredRange>;
  readonly #ahead: readonly FiredRange[];
  readonly #furthestMs: number;

  /** `isKeyed` false: there is one key, which is not the job's. */
  constructor({ subtask, operatorState }: Surroundings, isKeyed: boolean) {
    const { index, parallelism, maxParallelism } = subtask;
    this.#own = keyGroupRange(index, parallelism, maxParallelism);
    this.#maxParallelism = maxParallelism;
    this.#stored = operatorState.list<FiredRange>('fired', 'union');
    const { start, end } = this.#own;
    const before = this.#stored.get().filter((one) => one.start <= end && start <= one.end);
    this.isRestored = before.length > 0;
    if (this.isRestored) this.upToMs = Math.min(...before.map(({ upToMs }) => upToMs));
    this.#ahead = isKeyed ? before.filter(({ upToMs }) => upToMs > this.upToMs) : [];
    this.#furthestMs = Math.max(Number.NEGATIVE_INFINITY, ...this.#ahead.map((one) => one.upToMs));
  }

  /** For some keys it may have, before the state that was restored came here. */
  mayHaveFired(end: number): boolean {
    return end - 1 <= this.#furthestMs;
  }

  /** For this key. */
  hasFired(end: number, key: StoredKey): boolean {
    if (!this.mayHaveFired(end)) return false;
    const group = keyGroupOf(keyOfMapKey(key), this.#maxParallelism);
    return this.#ahead.some(
      (one) => one.start <= group && group <= one.end && end - 1 <= one.upToMs,
    );
  }

  snapshot(): void {
    const ahead = this.#ahead.filter(({ upToMs }) => upToMs > this.upToMs);
    this.#stored.update([{ ...this.#own, upToMs: this.upToMs }, ...ahead]);
  }
}
