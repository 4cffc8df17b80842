// Where a TaskManager's tasks keep copies of their checkpoints: a directory for each job, which goes with the last slot
// that the job has here, and all of them with the TaskManager.

import type { FileSystem } from '../../core/file-system.ts';
import type { JobId } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';

export class LocalStateDirectory {
  readonly #files: FileSystem;
  readonly #path: string;
  readonly #log: Logger;

  /** `path`: this TaskManager's own. It comes into being when it is first needed. */
  constructor(files: FileSystem, path: string, log: Logger) {
    this.#files = files;
    this.#path = path;
    this.#log = log;
  }

  of(jobId: JobId): string {
    return `${this.#path}/${jobId}`;
  }

  release(jobId: JobId): void {
    void this.#remove(this.of(jobId));
  }

  close(): Promise<void> {
    return this.#remove(this.#path);
  }

  async #remove(path: string): Promise<void> {
    try {
      await this.#files.remove(path);
    } catch (error) {
      this.#log.log('warn', `local state ${path} is still there: ${(error as Error).message}`);
    }
  }
}
