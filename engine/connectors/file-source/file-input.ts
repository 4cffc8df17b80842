// The bytes of a file, from a position on, one piece after another. A name that ends in .gz is unzipped;
// since gzip cannot be entered in the middle, what lies before the position is unzipped and dropped.

import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { changedFile, type FilePath, readError } from './file-error.ts';
import type { FollowedFile } from './followed-file.ts';

export type Piece =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** No bytes follow. */
  | { readonly kind: 'end' }
  /** Nothing more now; it may be asked again. */
  | { readonly kind: 'idle' }
  /**
   * What follows is of this file, from this position; the one before has ended.
   * `isContinued`: it is the one that the split stands in.
   */
  | {
      readonly kind: 'file';
      readonly file: FollowedFile;
      readonly position: number;
      readonly isContinued: boolean;
    };

export interface FileInput {
  /** Called again only when the promise before has settled. */
  next(): Promise<Piece>;
  /** Also while `next` is under way, whose result is then of no interest. */
  close(): void;
}

/** Large enough that a system call costs nothing a record, small enough for the cache. */
const PIECE_BYTES = 256 * 1024;

export const isGzip = (path: string): boolean => path.endsWith('.gz');

export const createFileInput = (path: FilePath, position: number): FileInput =>
  isGzip(path.written) ? new GzipInput(path, position) : new PlainInput(path, position);

class PlainInput implements FileInput {
  readonly #path: FilePath;
  #position: number;
  #handle: FileHandle | undefined;
  #isClosed = false;

  constructor(path: FilePath, position: number) {
    this.#path = path;
    this.#position = position;
  }

  async next(): Promise<Piece> {
    try {
      this.#handle ??= await this.#open();
      const bytes = await readAt(this.#handle, this.#position);
      this.#position += bytes.length;
      return bytes.length === 0 ? { kind: 'end' } : { kind: 'bytes', bytes };
    } catch (error) {
      throw readError(this.#path, error);
    }
  }

  close(): void {
    this.#isClosed = true;
    void this.#handle?.close();
  }

  async #open(): Promise<FileHandle> {
    const handle = await open(this.#path.resolved, 'r');
    if (this.#isClosed) void handle.close();
    const { size } = await handle.stat();
    if (size >= this.#position) return handle;
    void handle.close();
    throw changedFile(
      this.#path,
      `has ${size} bytes, and ${this.#position} had been read before the restart`,
    );
  }
}

export async function readAt(
  handle: FileHandle,
  position: number,
  bytesMax = PIECE_BYTES,
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytesMax);
  const { bytesRead } = await handle.read(buffer, 0, bytesMax, position);
  return buffer.subarray(0, bytesRead);
}

class GzipInput implements FileInput {
  readonly #path: FilePath;
  readonly #position: number;
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  #chunks: AsyncIterator<Buffer> | undefined;
  /** Unzipped bytes seen so far. */
  #seen = 0;

  constructor(path: FilePath, position: number) {
    this.#path = path;
    this.#position = position;
  }

  async next(): Promise<Piece> {
    try {
      this.#chunks ??= this.#open();
      for (;;) {
        const { done, value } = await this.#chunks.next();
        if (done === true) return this.#end();
        const from = Math.max(0, this.#position - this.#seen);
        this.#seen += value.length;
        if (from < value.length) return { kind: 'bytes', bytes: value.subarray(from) };
      }
    } catch (error) {
      throw readError(this.#path, error);
    }
  }

  close(): void {
    this.#gunzip.destroy();
  }

  #open(): AsyncIterator<Buffer> {
    const file = createReadStream(this.#path.resolved);
    file.on('error', (error) => this.#gunzip.destroy(error));
    this.#gunzip.on('close', () => file.destroy());
    file.pipe(this.#gunzip);
    return this.#gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  #end(): Piece {
    if (this.#seen >= this.#position) return { kind: 'end' };
    const had = `${this.#position} had been read before the restart`;
    throw changedFile(this.#path, `has ${this.#seen} bytes when unzipped, and ${had}`);
  }
}
