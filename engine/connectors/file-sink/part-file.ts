// One file in progress: text is gathered, written in large pieces, one after another, and synced when the
// file is sealed. What has not reached the system yet is counted, so that the writer can stop in time.

import type { OutputFile, OutputFiles } from './output-files.ts';

const PIECE_LENGTH = 64 * 1024;

export interface PartEvents {
  /** Bytes that were appended have reached the system. */
  onWritten(bytes: number): void;
  /** The file cannot be written; nothing more becomes of it. */
  onFailed(error: unknown): void;
}

export class PartFile {
  readonly name: string;
  readonly bucket: string;
  readonly number: number;
  /** Appended so far. */
  bytes = 0;
  readonly path: string;
  readonly #files: OutputFiles;
  readonly #events: PartEvents;
  readonly #file: Promise<OutputFile>;
  #text = '';
  /** Everything handed over so far. Rejects when the file cannot be written. */
  #written: Promise<void>;

  constructor(
    part: { readonly name: string; readonly bucket: string; readonly number: number },
    path: string,
    ready: Promise<void>,
    files: OutputFiles,
    events: PartEvents,
  ) {
    this.name = part.name;
    this.bucket = part.bucket;
    this.number = part.number;
    this.path = path;
    this.#files = files;
    this.#events = events;
    this.#file = ready.then(() => files.create(path));
    this.#written = this.#file.then(() => undefined);
    this.#reportFailure();
  }

  append(text: string): number {
    const bytes = Buffer.byteLength(text);
    this.bytes += bytes;
    this.#text += text;
    if (this.#text.length >= PIECE_LENGTH) this.flush();
    return bytes;
  }

  flush(): void {
    if (this.#text === '') return;
    const piece = Buffer.from(this.#text);
    this.#text = '';
    this.#written = this.#written.then(async () => {
      const file = await this.#file;
      await file.write(piece);
      this.#events.onWritten(piece.length);
    });
    this.#reportFailure();
  }

  /** Resolves when the file is whole and its bytes are durable. */
  async seal(): Promise<void> {
    this.flush();
    try {
      await this.#written;
      await (await this.#file).sync();
    } finally {
      await this.#close();
    }
  }

  /** Removes the file, as far as that is possible. */
  async discard(): Promise<void> {
    this.#text = '';
    await this.#written.catch(() => undefined);
    await this.#close();
    await this.#files.remove(this.path).catch(() => undefined);
  }

  /** It may have been closed, or never made. */
  #close(): Promise<void> {
    return this.#file.then((file) => file.close()).catch(() => undefined);
  }

  #reportFailure(): void {
    this.#written.catch((error: unknown) => this.#events.onFailed(error));
  }
}
