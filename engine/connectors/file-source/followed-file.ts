// One file of those that bear a followed name in the course of time, recognised by identity and by its
// first bytes: a file that was truncated and has grown again is not the one that was read.

import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { FileStatus } from '../../core/file-system.ts';
import { fileStatus } from '../../core/system-file-system.ts';
import { readAt } from './file-input.ts';
import type { FileMark } from './file-split.ts';

const HEAD_BYTES = 256;

export class FollowedFile {
  readonly handle: FileHandle;
  readonly identity: string;
  /** The first bytes of the file, as far as they have been seen. */
  #head = Buffer.alloc(0);

  private constructor(handle: FileHandle, identity: string) {
    this.handle = handle;
    this.identity = identity;
  }

  /** @param position Up to which the file was read: its head is taken up to there. */
  static async of(handle: FileHandle, position: number): Promise<FollowedFile> {
    const { identity } = await statusOf(handle);
    const file = new FollowedFile(handle, identity);
    if (position > 0) file.onRead(0, await readAt(handle, 0, Math.min(position, HEAD_BYTES)));
    return file;
  }

  /** The same file, which begins anew. */
  truncated(): FollowedFile {
    return new FollowedFile(this.handle, this.identity);
  }

  onRead(position: number, bytes: Buffer): void {
    if (position !== this.#head.length || position >= HEAD_BYTES) return;
    this.#head = Buffer.concat([this.#head, bytes.subarray(0, HEAD_BYTES - position)]);
  }

  mark(position: number): FileMark {
    const head = this.#head.subarray(0, position);
    return { identity: this.identity, headBytes: head.length, headCrc: crc32(head) };
  }

  /** False: the file has begun anew since it was marked. */
  beginsAs({ headBytes, headCrc }: FileMark): boolean {
    return crc32(this.#head.subarray(0, headBytes)) === headCrc;
  }

  /**
   * Whether it was truncated since it was read up to `position`: it is `shorter`, or has grown again
   * since, to `another` content.
   */
  async truncation(position: number): Promise<'none' | 'shorter' | 'another'> {
    const { sizeBytes } = await statusOf(this.handle);
    if (sizeBytes < position) return 'shorter';
    const expected = this.#head;
    const head = await readAt(this.handle, 0, Math.max(1, expected.length));
    return head.subarray(0, expected.length).equals(expected) ? 'none' : 'another';
  }
}

export const statusOf = async (handle: FileHandle): Promise<FileStatus> =>
  fileStatus(await handle.stat({ bigint: true }));
