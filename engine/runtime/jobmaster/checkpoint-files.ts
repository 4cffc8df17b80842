// What a job's checkpoints have on the disk: made before a checkpoint is triggered, removed when nothing refers to it
// any more; and nothing of one is removed while some of it is being written, which would come back.

import type { CompletedCheckpoint } from '../../checkpoint/checkpoint.ts';
import { CheckpointStorage } from '../../checkpoint/checkpoint-storage.ts';
import { SharedFiles, sharedBy } from '../../checkpoint/shared-files.ts';
import type { FileSystem } from '../../core/file-system.ts';

export class CheckpointFiles {
  readonly #storage: CheckpointStorage;
  readonly #shared: SharedFiles;
  /** By checkpoint: its directory, or its metadata. */
  readonly #writing = new Map<number, Promise<void>>();

  constructor(files: FileSystem, directory: string, isIncremental: boolean) {
    this.#storage = new CheckpointStorage(files, directory);
    this.#shared = new SharedFiles(files, directory, isIncremental);
  }

  get directory(): string {
    return this.#storage.directory;
  }

  pathOf(checkpointId: number): string {
    return this.#storage.pathOf(checkpointId);
  }

  prepare(checkpointId: number, path: string): Promise<void> {
    const prepare = async (): Promise<void> => {
      await this.#shared.prepare();
      await this.#storage.prepare(path);
    };
    return this.#writes(checkpointId, prepare());
  }

  /** Durable when it resolves. */
  store(checkpoint: CompletedCheckpoint): Promise<void> {
    return this.#writes(checkpoint.checkpointId, this.#storage.store(checkpoint));
  }

  /** Its directory. */
  async remove(checkpointId: number, path: string): Promise<void> {
    await this.#writing.get(checkpointId)?.catch(() => undefined);
    await this.#storage.remove(path);
  }

  /** What is `gone` and what is `kept` may have had files together. `untilId`: of checkpoints that are over. */
  sweep(
    kept: readonly CompletedCheckpoint[],
    gone: readonly CompletedCheckpoint[],
    untilId: number,
  ): Promise<void> {
    return this.#shared.sweep(kept, gone, untilId);
  }

  /** With the job. `gone`: of others, which it had claimed. */
  async removeAll(root: string, gone: readonly CompletedCheckpoint[]): Promise<void> {
    await Promise.allSettled(this.#writing.values());
    const paths = [root, ...gone.flatMap((one) => [one.path, ...sharedBy(one)])];
    await Promise.all(paths.map((path) => this.#storage.remove(path)));
  }

  #writes(checkpointId: number, write: Promise<void>): Promise<void> {
    this.#writing.set(checkpointId, write);
    const isOver = (): void => {
      if (this.#writing.get(checkpointId) === write) this.#writing.delete(checkpointId);
    };
    write.then(isOver, isOver);
    return write;
  }
}
