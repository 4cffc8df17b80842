// The bytes of a file that grows, over rotations. It is read through an open handle, which stays with the
// file when that is renamed. At its end there are four cases:
//
//   the file is shorter, or begins otherwise         truncated: it is read from its beginning
//   the name stands for the same file, or for none   idle: it may grow
//   the name stands for another, empty file          idle: its writer has not moved on
//   … for another with bytes, at two looks in a row  the first of those written since is read
//
// Two looks, because a writer may have appended to the old file between our reading it and its going, and
// because what is seen of a folder while files are being renamed there need not be true.

import { type FileHandle, open } from 'node:fs/promises';
import type { Logger } from '../../core/logger.ts';
import { systemFileSystem } from '../../core/system-file-system.ts';
import { type FilePath, pathText, readError } from './file-error.ts';
import { type FileInput, type Piece, readAt } from './file-input.ts';
import type { FileMark } from './file-split.ts';
import { FollowedFile, statusOf } from './followed-file.ts';
import { rotatedFiles, writtenAfter } from './rotation.ts';

const IDLE: Piece = { kind: 'idle' };

export class FollowedInput implements FileInput {
  readonly #path: FilePath;
  readonly #log: Logger;
  /** The file to begin with. */
  readonly #mark: FileMark;
  #position: number;
  #file: FollowedFile | undefined;
  /** The file that was to be read next, at the last look. */
  #next: string | undefined;
  /** The file to begin with was nowhere at the last look. */
  #isGone = false;
  #isWaiting = false;
  #isClosed = false;

  constructor(path: FilePath, position: number, mark: FileMark, log: Logger) {
    this.#path = path;
    this.#position = position;
    this.#mark = mark;
    this.#log = log;
  }

  async next(): Promise<Piece> {
    try {
      const file = this.#file;
      return file === undefined ? await this.#begin() : await this.#read(file);
    } catch (error) {
      throw readError(this.#path, error);
    }
  }

  close(): void {
    this.#isClosed = true;
    void this.#file?.handle.close();
  }

  async #begin(): Promise<Piece> {
    const mark = this.#mark;
    const path = await this.#find(mark);
    if (path === undefined && !this.#isGone) {
      this.#isGone = true;
      return IDLE;
    }
    const handle = await this.#open(path ?? this.#path.resolved);
    if (handle === undefined) return this.#wait();
    const file = await FollowedFile.of(handle, this.#position);
    if (path !== undefined && file.identity !== mark.identity) {
      // It was renamed while we looked for it.
      await handle.close();
      return IDLE;
    }
    const { sizeBytes } = await statusOf(handle);
    const isSame = sizeBytes >= this.#position && file.beginsAs(mark);
    const isContinued = path !== undefined && isSame;
    if (path === undefined) this.#warnOfLoss();
    else if (!isSame) this.#say('was truncated');
    return this.#switchTo(file, isContinued ? this.#position : 0, isContinued);
  }

  /** Where the file with this mark is now. */
  async #find({ identity }: FileMark): Promise<string | undefined> {
    const { resolved } = this.#path;
    const present = await systemFileSystem.stat(resolved);
    if (present?.identity === identity) return resolved;
    const rotated = await rotatedFiles(resolved);
    return rotated.find(({ status }) => status.identity === identity)?.path;
  }

  async #read(file: FollowedFile): Promise<Piece> {
    const bytes = await readAt(file.handle, this.#position);
    // Looked at after the bytes were read: what is another file by then may have been one already.
    const truncation = await file.truncation(this.#position);
    if (truncation === 'another' || (truncation === 'shorter' && bytes.length === 0)) {
      this.#say('was truncated');
      return this.#switchTo(file.truncated(), 0, false);
    }
    if (bytes.length === 0) return this.#look(file);
    file.onRead(this.#position, bytes);
    this.#position += bytes.length;
    this.#next = undefined;
    return { kind: 'bytes', bytes };
  }

  /** At the end of the file: whether the name stands for another one by now. */
  async #look(file: FollowedFile): Promise<Piece> {
    const next = await this.#successor(file);
    const isSecondLook = next !== undefined && next.identity === this.#next;
    this.#next = next?.identity;
    if (!isSecondLook) return IDLE;
    const handle = await this.#open(next.path);
    if (handle === undefined) return IDLE;
    const following = await FollowedFile.of(handle, 0);
    if (following.identity !== next.identity) {
      await handle.close();
      return IDLE;
    }
    this.#say('was rotated');
    void file.handle.close();
    return this.#switchTo(following, 0, false);
  }

  async #successor(
    file: FollowedFile,
  ): Promise<{ readonly path: string; readonly identity: string } | undefined> {
    const { resolved } = this.#path;
    const present = await systemFileSystem.stat(resolved);
    if (present === undefined || present.identity === file.identity) return undefined;
    const [between] = writtenAfter(file.identity, await rotatedFiles(resolved));
    if (between !== undefined) return { path: between.path, identity: between.status.identity };
    return present.sizeBytes > 0 ? { path: resolved, identity: present.identity } : undefined;
  }

  #switchTo(file: FollowedFile, position: number, isContinued: boolean): Piece {
    if (this.#isClosed) void file.handle.close();
    this.#file = file;
    this.#position = position;
    this.#next = undefined;
    return { kind: 'file', file, position, isContinued };
  }

  async #open(path: string): Promise<FileHandle | undefined> {
    try {
      return await open(path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #wait(): Piece {
    if (!this.#isWaiting) this.#say('is not there; waiting for it');
    this.#isWaiting = true;
    return IDLE;
  }

  #warnOfLoss(): void {
    const text = `${pathText(this.#path)} is not the file that was being read, and that is not beside it under a rotated name`;
    this.#log.log('warn', `${text}: what it had after byte ${this.#position} is lost`);
  }

  #say(what: string): void {
    this.#log.log('info', `${pathText(this.#path)} ${what}`);
  }
}
