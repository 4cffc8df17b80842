// Files that several checkpoints of a job hold, in a folder beside their directories. Nobody counts: a file stays as
// long as a checkpoint that is kept holds it, or one may that is not complete yet; so whatever a crash or a checkpoint
// that was given up has left behind goes with the next one that completes.

import { basename, dirname } from 'node:path';
import { SluiceError } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { filesOf } from '../state/state-handle.ts';
import type { CompletedCheckpoint } from './checkpoint.ts';

/** Below the directory of a job's checkpoints. */
export const SHARED = 'shared';

/** `checkpointId`: the first that holds it. */
export const sharedFileName = (checkpointId: number, fileName: string): string =>
  `${checkpointId}-${fileName}`;

export class SharedFiles {
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #isUsed: boolean;

  /** `directory`: of the job's checkpoints. `isUsed`: it makes incremental ones. */
  constructor(files: FileSystem, directory: string, isUsed: boolean) {
    this.#files = files;
    this.#directory = `${directory}/${SHARED}`;
    this.#isUsed = isUsed;
  }

  async prepare(): Promise<void> {
    if (this.#isUsed) await this.#files.makeDirectory(this.#directory);
  }

  /**
   * Removes what none of the `kept` holds: of those that are `gone`, and of all up to `untilId`, whatever became of
   * them.
   */
  async sweep(
    kept: readonly CompletedCheckpoint[],
    gone: readonly CompletedCheckpoint[],
    untilId: number,
  ): Promise<void> {
    const needed = new Set(kept.flatMap(sharedBy));
    const names = this.#isUsed ? await this.#files.list(this.#directory) : [];
    const old = names
      .filter((name) => Number.parseInt(name, 10) <= untilId)
      .map((name) => `${this.#directory}/${name}`);
    const unneeded = new Set([...gone.flatMap(sharedBy), ...old]).difference(needed);
    await Promise.all([...unneeded].map((path) => this.#files.remove(path)));
  }
}

/** Paths of what it holds outside of its own directory. */
export const sharedBy = ({ vertices }: CompletedCheckpoint): readonly string[] =>
  vertices
    .flatMap(({ subtasks }) => subtasks.map(({ handle }) => handle))
    .flatMap((handle) => (handle?.kind === 'chain' ? filesOf(handle).map(({ path }) => path) : []));

/** As the metadata of a checkpoint in `directory` names the file. */
export const storedName = (directory: string, path: string): string =>
  dirname(path) === directory ? basename(path) : `../${SHARED}/${basename(path)}`;

const STORED_NAME = /^(?:\.\.\/(shared)\/)?([^/]+)$/;

/** The opposite. Names of files elsewhere are nobody's who writes checkpoints. */
export function pathOfStored(directory: string, stored: string): string {
  const [, shared, name] = STORED_NAME.exec(stored) ?? [];
  if (name === undefined || name === '.' || name === '..')
    throw new SluiceError(
      'checkpoint-unreadable',
      `the checkpoint ${directory} names ${JSON.stringify(stored)}, which is no file of a checkpoint`,
    );
  return `${shared === undefined ? directory : `${dirname(directory)}/${shared}`}/${name}`;
}
