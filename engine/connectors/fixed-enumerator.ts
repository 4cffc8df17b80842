// Hands out splits that are all known when the job starts. Each subtask gets its share when it asks, so
// that the same splits go to the same subtasks in every run, and after a restore: a subtask that had finished
// there reads nothing any more, so nothing that was another's may fall to it.

import { assert } from '../core/assert.ts';
import type { EnumeratorContext, SourceSplit, SplitEnumerator } from './source.ts';

export interface PendingSplits<Split> {
  readonly pending: readonly Split[];
  /** Of each, the subtask that is to read it, of so many. */
  readonly owners: readonly number[];
  readonly parallelism: number;
}

export class FixedEnumerator<Split extends SourceSplit> implements SplitEnumerator<Split> {
  readonly #context: EnumeratorContext<Split>;
  /** By subtask: what it has not been given yet. */
  readonly #pending = new Map<number, Split[]>();

  /** @param restored What `snapshot` gave; undefined at a first start, which begins with `splits`. */
  constructor(splits: readonly Split[], context: EnumeratorContext<Split>, restored: unknown) {
    this.#context = context;
    const { pending, owners, parallelism } =
      restored === undefined ? dealt(splits, context.parallelism) : pendingOf<Split>(restored);
    const isRescaled = parallelism !== context.parallelism;
    for (const [i, split] of pending.entries())
      this.#add(split, isRescaled ? i % context.parallelism : (owners[i] ?? 0));
  }

  start(): void {
    // Nothing has to be found.
  }

  addReader(): void {
    // Readers ask when they are ready.
  }

  onSplitRequest(subtask: number): void {
    const splits = this.#pending.get(subtask);
    this.#pending.delete(subtask);
    if (splits !== undefined) this.#context.assign(subtask, splits);
    this.#context.noMoreSplits(subtask);
  }

  addSplitsBack(splits: readonly Split[], subtask: number): void {
    for (const split of splits) this.#add(split, subtask);
  }

  snapshot(): PendingSplits<Split> {
    const owned = [...this.#pending];
    return {
      pending: owned.flatMap(([, splits]) => splits),
      owners: owned.flatMap(([subtask, splits]) => splits.map(() => subtask)),
      parallelism: this.#context.parallelism,
    };
  }

  close(): void {
    // Nothing is held.
  }

  #add(split: Split, subtask: number): void {
    const splits = this.#pending.get(subtask);
    if (splits === undefined) this.#pending.set(subtask, [split]);
    else splits.push(split);
  }
}

const dealt = <Split>(splits: readonly Split[], parallelism: number): PendingSplits<Split> => ({
  pending: splits,
  owners: splits.map((_, i) => i % parallelism),
  parallelism,
});

function pendingOf<Split>(restored: unknown): PendingSplits<Split> {
  const found = restored as PendingSplits<Split>;
  const isWhole = [found.pending, found.owners].every((list) => Array.isArray(list));
  assert(isWhole, 'the restored enumerator has no list of pending splits');
  return found;
}
