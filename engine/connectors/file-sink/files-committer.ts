// Makes prepared files visible. The final name is made as a second name of the file, which fails where it
// is taken, and then the first one is removed; a crash in between is recognised by the two being one file.
//
//   prepared   final
//   there      –            link, remove            the usual case
//   there      same file    remove                  the crash was between the two
//   there      other file   fails                   never overwrites
//   –          there        nothing to do           committed before
//   –          –            fails                   somebody removed it

import { basename, dirname, join } from 'node:path';
import { SluiceError } from '../../core/errors.ts';
import type { FileStatus } from '../../core/file-system.ts';
import type { Committer, SinkContext } from '../sink.ts';
import type { OutputFiles } from './output-files.ts';
import { ownerOf, type PartOwner, parseStaged, STAGING } from './part-names.ts';
import { unwritable } from './unwritable.ts';

/** Paths relative to the sink's directory. */
export interface FileCommittable {
  readonly prepared: string;
  readonly final: string;
  readonly bytes: number;
}

type CommitProblem = 'output-gone' | 'output-exists' | 'output-damaged';

/** What a file system says that knows no second names. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

export class FilesCommitter implements Committer<FileCommittable> {
  readonly #directory: string;
  readonly #context: SinkContext;
  readonly #files: OutputFiles;

  constructor(directory: string, context: SinkContext, files: OutputFiles) {
    this.#directory = directory;
    this.#context = context;
    this.#files = files;
  }

  async commit(committable: FileCommittable): Promise<void> {
    try {
      await this.#commit(committable);
    } catch (cause) {
      throw unwritable(join(this.#directory, committable.final), cause);
    }
  }

  /**
   * Leaves alone what may be in a checkpoint: files of this attempt, files that the restored checkpoint
   * covers, and those of other subtasks, which may be at work; subtasks that no longer exist are shared out.
   */
  async abortOthers(): Promise<void> {
    const owner = ownerOf(this.#context);
    const staging = join(this.#directory, STAGING);
    try {
      for (const name of await this.#files.list(staging)) {
        if (this.#isAborted(name, owner)) await this.#files.remove(join(staging, name));
      }
    } catch (cause) {
      throw unwritable(staging, cause);
    }
  }

  async #commit({ prepared, final, bytes }: FileCommittable): Promise<void> {
    const from = join(this.#directory, prepared);
    const to = join(this.#directory, final);
    const [source, target] = [await this.#files.stat(from), await this.#files.stat(to)];
    if (source === undefined && target !== undefined) return;
    if (source === undefined) {
      const text = `neither the prepared file ${from} nor the committed one ${to} is there: its records are lost. Put one of them back, or restore an older savepoint`;
      throw new SluiceError<CommitProblem>('output-gone', text);
    }
    if (source.sizeBytes !== bytes) {
      const text = `the prepared file ${from} has ${source.sizeBytes} bytes, and ${bytes} were written`;
      throw new SluiceError<CommitProblem>('output-damaged', text);
    }
    if (target === undefined) await this.#publish(from, to);
    else this.#mustBeSame(source, target, to);
    await this.#files.syncDirectory(dirname(to));
    await this.#files.remove(from);
  }

  #isAborted(name: string, own: PartOwner): boolean {
    const { parallelism, restoredCheckpointId = Number.NEGATIVE_INFINITY } = this.#context;
    const part = parseStaged(name);
    if (part === undefined || part.run !== own.run || part.attempt >= own.attempt) return false;
    if (part.subtask % parallelism !== own.subtask) return false;
    return part.checkpointId === undefined || part.checkpointId > restoredCheckpointId;
  }

  async #publish(from: string, to: string): Promise<void> {
    await this.#files.makeDirectory(dirname(to));
    try {
      await this.#files.link(from, to);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return this.#checkOther(from, to);
      if (!NO_LINKS.includes(code)) throw error;
      await this.#files.rename(from, to);
    }
  }

  /** Somebody made the name since we looked: fine if it was for this file. */
  async #checkOther(from: string, to: string): Promise<void> {
    const [source, target] = [await this.#files.stat(from), await this.#files.stat(to)];
    if (source !== undefined && target !== undefined) this.#mustBeSame(source, target, to);
  }

  #mustBeSame(source: FileStatus, target: FileStatus, to: string): void {
    if (source.identity !== target.identity) throw alreadyThere(to);
  }
}

const alreadyThere = (to: string): SluiceError<CommitProblem> =>
  new SluiceError(
    'output-exists',
    `${to} exists, and a committed file never replaces another: move ${basename(to)} away`,
  );
