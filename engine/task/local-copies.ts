// A second copy of what a task has written for its checkpoints, on the machine that it runs on: a restart there reads
// it instead of the checkpoint's folder. Nothing rests on it. It is made behind the acknowledgement and not synced; a
// copy that is missing, or is not byte for byte what was acknowledged, is passed over; whatever fails here is told to
// the log and to nobody else.

import { crc32 } from 'node:zlib';
import { Configuration } from '../core/configuration.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Logger } from '../core/logger.ts';
import { options } from '../core/options.ts';
import type { StateCopies } from '../state/read-state.ts';
import { filesOf, type StateFile, type StateHandle } from '../state/state-handle.ts';
import type { TaskDeployment, TaskRestore } from './task-deployment.ts';

/** Of one attempt of one subtask. */
export class LocalCopies implements StateCopies {
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #log: Logger;
  /** Names by checkpoint that may still complete, or is the latest that has. */
  readonly #kept = new Map<number, readonly string[]>();
  /** One thing after another. */
  #work: Promise<void> = Promise.resolve();
  #found = { files: 0, bytes: 0 };

  /** `directory`: this subtask's own. */
  constructor(files: FileSystem, directory: string, log: Logger) {
    this.#files = files;
    this.#directory = directory;
    this.#log = log;
  }

  /** It is what the task goes on from: until a later one is complete its copies stay. */
  restored({ checkpointId, operators }: TaskRestore): void {
    const files = operators.flatMap(({ subtasks }) => subtasks.flatMap(filesOf));
    this.#kept.set(checkpointId, files.map(nameOf));
  }

  /** Undefined when there is no copy, or it is not what was written. */
  async read(file: StateFile): Promise<Uint8Array | undefined> {
    const bytes = await this.#files.readFile(this.#pathOf(file)).catch(() => undefined);
    if (bytes?.length !== file.sizeBytes || crc32(bytes) !== file.crc) return undefined;
    this.#found = { files: this.#found.files + 1, bytes: this.#found.bytes + bytes.length };
    return bytes;
  }

  /** What `read` has found so far. */
  get found(): { readonly files: number; readonly bytes: number } {
    return this.#found;
  }

  /** The checkpoint is acknowledged. */
  keep(checkpointId: number, handle: StateHandle | undefined): void {
    const files = filesOf(handle);
    this.#kept.set(checkpointId, files.map(nameOf));
    if (files.length > 0) this.#then(() => this.#copy(files));
  }

  /** Restores begin from this one, or a later one: what only earlier ones have goes, of earlier attempts too. */
  onComplete(checkpointId: number): void {
    for (const id of this.#kept.keys()) if (id < checkpointId) this.#kept.delete(id);
    this.#then(() => this.#sweep());
  }

  onAborted(checkpointId: number): void {
    if (this.#kept.delete(checkpointId)) this.#then(() => this.#sweep());
  }

  async #copy(files: readonly StateFile[]): Promise<void> {
    await this.#files.makeDirectory(this.#directory);
    const there = new Set(await this.#files.list(this.#directory));
    for (const file of files)
      if (!there.has(nameOf(file))) await this.#files.copy(file.path, this.#pathOf(file));
  }

  async #sweep(): Promise<void> {
    const needed = new Set([...this.#kept.values()].flat());
    for (const name of await this.#files.list(this.#directory))
      if (!needed.has(name)) await this.#files.remove(`${this.#directory}/${name}`);
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      const message = `local copies in ${this.#directory}: ${(error as Error).message}; a restart reads the checkpoint's folder`;
      this.#log.log('debug', message);
    });
  }

  #pathOf(file: StateFile): string {
    return `${this.#directory}/${nameOf(file)}`;
  }
}

/** Undefined where none are wanted. `directory`: of the job, on this machine. */
export function localCopies(
  { program, vertexId, subtask, restore }: TaskDeployment,
  files: FileSystem,
  directory: string,
  log: Logger,
): LocalCopies | undefined {
  if (!new Configuration(program.configuration).get(options.recoveryFromLocal)) return undefined;
  const copies = new LocalCopies(files, `${directory}/${vertexId}-${subtask}`, log);
  if (restore !== undefined) copies.restored(restore);
  return copies;
}

/** By where it lies and by what is in it: files of several checkpoints may have one name in their folders. */
const nameOf = ({ path, sizeBytes, crc }: StateFile): string =>
  [crc32(path), crc, sizeBytes].map((number) => number.toString(16)).join('-');
