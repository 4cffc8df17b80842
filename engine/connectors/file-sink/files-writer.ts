// Writes records to files in progress, one open file a bucket.

import { dirname, join, resolve } from 'node:path';
import type { Timer } from '../../core/clock.ts';
import { limits } from '../../core/limits.ts';
import { printRecord } from '../../core/print-record.ts';
import { createEncoder, type RecordEncoder, suffixOf } from '../formats/record-encoder.ts';
import type { SinkContext, SinkWriter } from '../sink.ts';
import type { FileCommittable } from './files-committer.ts';
import type { FilesSinkOptions } from './files-sink.ts';
import type { OutputFiles } from './output-files.ts';
import { PartFile } from './part-file.ts';
import {
  bucketFolder,
  finalName,
  openName,
  ownerOf,
  type PartOwner,
  preparedName,
  STAGING,
} from './part-names.ts';
import { unwritable } from './unwritable.ts';

const ROLL_BYTES = 128 * 1024 * 1024;
const ROLL_MS = 60_000;

interface OpenPart {
  readonly file: PartFile;
  readonly timer: Timer;
}

interface SealedPart {
  readonly file: PartFile;
  readonly sealed: Promise<void>;
}

export class FilesWriter implements SinkWriter<unknown, FileCommittable> {
  readonly #options: FilesSinkOptions;
  readonly #context: SinkContext;
  readonly #files: OutputFiles;
  readonly #owner: PartOwner;
  readonly #directory: string;
  readonly #encoder: RecordEncoder;
  readonly #bucketOf: (value: unknown, time: number) => unknown;
  /** By bucket, the one that was opened first in front. */
  readonly #open = new Map<string, OpenPart>();
  /** Whole, and not prepared yet. */
  #sealed: SealedPart[] = [];
  #count = 0;
  /** Appended, and not yet with the system. */
  #pendingBytes = 0;
  #isStagingReady: Promise<void> | undefined;
  #hasFailed = false;
  #isClosed = false;

  constructor(options: FilesSinkOptions, context: SinkContext, files: OutputFiles) {
    this.#options = options;
    this.#context = context;
    this.#files = files;
    this.#owner = ownerOf(context);
    this.#directory = resolve(context.baseDirectory, options.directory);
    this.#encoder = createEncoder(options.format);
    this.#bucketOf =
      options.bucketed === true
        ? (context.function('bucket') as (value: unknown, time: number) => unknown)
        : () => '';
  }

  write(value: unknown, time: number): void {
    const bucket = String(this.#bucketOf(value, time));
    const text = this.#encoder.encode(value);
    if (!text.isWellFormed())
      throw new Error(
        `a record holds half of a surrogate pair, which UTF-8 cannot write: ${printRecord(value)}`,
      );
    const { file } = this.#open.get(bucket) ?? this.#openPart(bucketFolder(bucket));
    this.#pendingBytes += file.append(text);
    if (file.bytes >= (this.#options.rollBytes ?? ROLL_BYTES)) this.#seal(file);
    if (this.#pendingBytes >= limits.sinkBufferBytes) this.#flush();
  }

  isWritable(): boolean {
    return this.#pendingBytes < limits.sinkBufferBytes;
  }

  async prepareCommit(checkpointId: number): Promise<readonly FileCommittable[]> {
    try {
      return await this.#prepareAll(checkpointId);
    } catch (cause) {
      throw unwritable(this.#directory, cause);
    }
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  /** What was not prepared is in no checkpoint, and goes. */
  close(): void {
    this.#isClosed = true;
    for (const { file, timer } of this.#open.values()) {
      timer[Symbol.dispose]();
      void file.discard();
    }
    for (const { file } of this.#sealed) void file.discard();
    this.#open.clear();
    this.#sealed = [];
  }

  async #prepareAll(checkpointId: number): Promise<readonly FileCommittable[]> {
    for (const { file } of [...this.#open.values()]) this.#seal(file);
    const parts = this.#sealed;
    this.#sealed = [];
    if (parts.length === 0) return [];
    await Promise.all(parts.map(({ sealed }) => sealed));
    const committables: FileCommittable[] = [];
    for (const { file } of parts) {
      // Cancelled meanwhile: what would be prepared now, nobody would abort.
      if (this.#isClosed) await file.discard();
      else committables.push(await this.#prepare(file, checkpointId));
    }
    await this.#files.syncDirectory(join(this.#directory, STAGING));
    return committables;
  }

  #openPart(bucket: string): OpenPart {
    if (this.#open.size >= limits.sinkBucketsOpenMax) this.#sealFirst();
    const number = this.#count++;
    const name = openName(this.#owner, number);
    const path = join(this.#directory, STAGING, name);
    this.#isStagingReady ??= this.#files.makeDirectory(dirname(path));
    const file = new PartFile({ name, bucket, number }, path, this.#isStagingReady, this.#files, {
      onWritten: (bytes) => this.#onWritten(bytes),
      onFailed: (error) => this.#fail(file, error),
    });
    const rollMs = this.#options.rollMs ?? ROLL_MS;
    const part = { file, timer: this.#context.clock.after(rollMs, () => this.#seal(file)) };
    this.#open.set(bucket, part);
    this.#pendingBytes += file.append(this.#encoder.header());
    return part;
  }

  #sealFirst(): void {
    for (const { file } of this.#open.values()) return this.#seal(file);
  }

  #seal(file: PartFile): void {
    this.#open.get(file.bucket)?.timer[Symbol.dispose]();
    this.#open.delete(file.bucket);
    const sealed = file.seal();
    sealed.catch((error: unknown) => this.#fail(file, error));
    this.#sealed.push({ file, sealed });
  }

  async #prepare({ name, bucket, number, bytes }: PartFile, id: number): Promise<FileCommittable> {
    const { prefix = 'part', suffix = suffixOf(this.#options.format) } = this.#options;
    const prepared = join(STAGING, preparedName(name, id));
    await this.#files.rename(join(this.#directory, STAGING, name), join(this.#directory, prepared));
    return { prepared, final: join(bucket, finalName(this.#owner, number, prefix, suffix)), bytes };
  }

  #flush(): void {
    for (const { file } of this.#open.values()) file.flush();
  }

  #onWritten(bytes: number): void {
    const wasFull = !this.isWritable();
    this.#pendingBytes -= bytes;
    if (wasFull && this.isWritable()) this.#context.wake();
  }

  #fail({ path }: PartFile, cause: unknown): void {
    if (this.#hasFailed || this.#isClosed) return;
    this.#hasFailed = true;
    this.#context.fail(unwritable(path, cause));
  }
}
