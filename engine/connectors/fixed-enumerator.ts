// Hands out splits that are all known when the job starts. Each subtask gets its share when it asks, so
// that the same splits go to the same subtasks in every run.

import { assert } from '../core/assert.ts';
import type { EnumeratorContext, SourceSplit, SplitEnumerator } from './source.ts';

export interface PendingSplits<Split> {
  readonly pending: readonly Split[];
}

export class FixedEnumerator<Split extends SourceSplit> implements SplitEnumerator<Split> {
  readonly #context: EnumeratorContext<Split>;
  /** By subtask: what it has not been given yet. */
  readonly #pending = new Map<number, Split[]>();

  /** @param restored What `snapshot` gave; undefined at a first start, which begins with `splits`. */
  constructor(splits: readonly Split[], context: EnumeratorContext<Split>, restored: unknown) {
    this.#context = context;
    const pending = restored === undefined ? splits : pendingOf<Split>(restored);
    for (const [i, split] of pending.entries()) this.#add(split, i % context.parallelism);
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
    return { pending: [...this.#pending.values()].flat() };
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

function pendingOf<Split>(restored: unknown): readonly Split[] {
  const { pending } = restored as PendingSplits<Split>;
  assert(Array.isArray(pending), 'the restored enumerator has no list of pending splits');
  return pending;
}
