// The files that a subtask's incremental checkpoints are made of: one with all state, and behind it those with
// what has changed from each checkpoint to the next. When the changes outgrow half of the first, or become too
// many, all state is written anew. A file counts when it is durable; whatever goes wrong on the way ends the chain,
// and the next checkpoint begins another one.

import { type Barrier, isSavepoint } from '../core/barrier.ts';
import { limits } from '../core/limits.ts';
import type { SnapshotExtent } from '../state/keyed-snapshot.ts';
import type { StateFile, StateHandle } from '../state/state-handle.ts';

/** A checkpoint that is being written. */
export interface ChainedCheckpoint {
  readonly extent: SnapshotExtent;
  /** Of the checkpoint whose state was written so; undefined: nowhere. Answers what the checkpoint holds. */
  written(handle: StateHandle | undefined): StateHandle | undefined;
}

export class SnapshotChain {
  /** Empty: all state is to be written. */
  #files: readonly StateFile[] = [];
  /** The checkpoint whose file is the next one. */
  #writing: ChainedCheckpoint | undefined;

  /** State is frozen for a checkpoint now. Every one that begins is `written` or `failed`. */
  begin({ kind, isFull }: Pick<Barrier, 'kind' | 'isFull'>): ChainedCheckpoint {
    if (isSavepoint(kind) || this.#writing !== undefined) {
      // What a later one refers to is kept only as long as completed checkpoints hold it, and this one does not.
      if (kind !== 'savepoint') this.#end();
      return { extent: 'whole', written: (handle) => handle };
    }
    const files = isFull !== true && this.#canGrow() ? this.#files : [];
    const begun: ChainedCheckpoint = {
      extent: files.length === 0 ? 'base' : 'changes',
      written: (handle) => this.#written(begun, files, handle),
    };
    this.#writing = begun;
    return begun;
  }

  /** It has not been written, or was given up. */
  failed(checkpoint: ChainedCheckpoint): void {
    if (checkpoint === this.#writing) this.#end();
  }

  #written(
    checkpoint: ChainedCheckpoint,
    before: readonly StateFile[],
    handle: StateHandle | undefined,
  ): StateHandle | undefined {
    const isFile = handle?.kind === 'file';
    const files = isFile ? [...before, handle] : [];
    if (checkpoint === this.#writing) {
      this.#writing = undefined;
      this.#files = files;
    }
    return isFile ? { kind: 'chain', files } : handle;
  }

  #canGrow(): boolean {
    const [base, ...changes] = this.#files;
    if (base === undefined || changes.length >= limits.changesFilesMax) return false;
    const bytes = changes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return bytes <= Math.max(base.sizeBytes / 2, limits.changesBytesMin);
  }

  #end(): void {
    this.#writing = undefined;
    this.#files = [];
  }
}
