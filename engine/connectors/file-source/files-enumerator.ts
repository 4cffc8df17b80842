// Finds the files of a source and hands them out. Files that end are pulled, one at a time, by whichever
// reader has none; followed files, which never end, are dealt out evenly. A source that follows looks for
// new files in its folders and patterns once a second.

import { isLineFormat } from '../formats/record-decoder.ts';
import type { EnumeratorContext, SplitEnumerator } from '../source.ts';
import { filePath, pathText } from './file-error.ts';
import { isGzip } from './file-input.ts';
import { type FileListing, type ListedFile, listFiles } from './file-listing.ts';
import { type FileSplit, fileParts, followedFile, wholeFile } from './file-split.ts';
import type { FilesSourceOptions } from './files-source.ts';
import { type KnownFile, KnownFiles } from './known-files.ts';

const DISCOVERY_MS = 1_000;
/** Smaller files are read by one reader: starting another costs more. */
const PART_BYTES_MIN = 8 * 1024 * 1024;
/** Larger parts would let the readers' event times drift apart. */
const PART_BYTES_MAX = 64 * 1024 * 1024;

export interface FilesSnapshot {
  /** The first listing is done: what it found has been handed out or is in `pending`. */
  readonly isListed: boolean;
  readonly pending: readonly FileSplit[];
  readonly known: readonly KnownFile[];
}

export class FilesEnumerator implements SplitEnumerator<FileSplit> {
  readonly #options: FilesSourceOptions;
  readonly #paths: readonly string[];
  readonly #context: EnumeratorContext<FileSplit>;
  readonly #known: KnownFiles;
  #isListed: boolean;
  /** By subtask: the followed files that it is to read. */
  readonly #dealt = new Map<number, FileSplit[]>();
  #dealtCount = 0;
  readonly #pending: FileSplit[] = [];
  /** Subtasks that have asked and got nothing yet. */
  readonly #waiting = new Set<number>();

  constructor(
    options: FilesSourceOptions,
    context: EnumeratorContext<FileSplit>,
    restored: FilesSnapshot | undefined,
  ) {
    this.#options = options;
    this.#paths = typeof options.paths === 'string' ? [options.paths] : options.paths;
    this.#context = context;
    this.#known = new KnownFiles(restored?.known);
    this.#isListed = restored?.isListed ?? false;
    this.#add(restored?.pending ?? []);
  }

  start(): void {
    if (!this.#isListed || this.#isFollowing) this.#list();
  }

  addReader(): void {
    // Readers ask when they are ready.
  }

  onSplitRequest(subtask: number): void {
    this.#waiting.add(subtask);
    this.#assign();
  }

  addSplitsBack(splits: readonly FileSplit[], subtask: number): void {
    // It asks again when it is back.
    this.#waiting.delete(subtask);
    for (const split of splits) {
      if (split.kind === 'followed') this.#deal(split, subtask);
      else this.#pending.unshift(split);
    }
    this.#assign();
  }

  snapshot(): FilesSnapshot {
    return {
      isListed: this.#isListed,
      pending: [...[...this.#dealt.values()].flat(), ...this.#pending],
      known: this.#known.snapshot(),
    };
  }

  close(): void {
    // The context calls nobody back after it.
  }

  get #isFollowing(): boolean {
    return this.#options.follow === true;
  }

  #list(): void {
    const { baseDirectory, fileSystem } = this.#context;
    const paths = this.#paths;
    this.#context.callAsync(
      () => listFiles(paths, baseDirectory, fileSystem).catch((error: unknown) => ({ error })),
      (result) => {
        if ('error' in result) this.#context.fail(result.error);
        else this.#onListing(result);
      },
    );
  }

  #onListing(listing: FileListing): void {
    if (this.#isListed) this.#onLaterListing(listing);
    else this.#onFirstListing(listing);
    if (!this.#isListed) return;
    if (this.#isFollowing) this.#context.after(DISCOVERY_MS, () => this.#list());
    this.#assign();
  }

  #onFirstListing({ files, missing, empty }: FileListing): void {
    const fatal = missing[0] ?? (this.#isFollowing ? undefined : empty[0]);
    if (fatal !== undefined) return this.#context.fail(fatal);
    for (const { message } of empty) this.#context.log.log('info', `${message} Waiting for them.`);
    this.#isListed = true;
    if (this.#isFollowing) this.#known.add(files);
    for (const file of files) this.#add(this.#splitsOf(file));
  }

  /** A named file may be away for a moment, while it is rotated: its reader knows how to wait. */
  #onLaterListing({ files }: FileListing): void {
    // Patterns may match what a named file is called once it is rotated.
    this.#known.add(files.filter(({ isNamed }) => isNamed));
    const found = this.#known.take(files, (file) => this.#warnOfChange(file));
    this.#add(found.map(({ path, status }) => wholeFile(path, `${path}#${status.identity}`)));
  }

  #splitsOf({ path, status: { sizeBytes, identity }, isNamed }: ListedFile): readonly FileSplit[] {
    const { format, startAt } = this.#options;
    const isLines = isLineFormat(format);
    // What is zipped does not grow.
    if (this.#isFollowing && isNamed && !isGzip(path))
      return [followedFile(path, identity, startAt === 'end' ? sizeBytes : 0, isLines)];
    if (startAt === 'end') return [];
    const { parallelism } = this.#context;
    const share = Math.ceil(sizeBytes / parallelism);
    const partBytes = Math.min(Math.max(share, PART_BYTES_MIN), PART_BYTES_MAX);
    const isDivided = parallelism > 1 && sizeBytes > partBytes && isLines && !isGzip(path);
    return isDivided ? fileParts(path, sizeBytes, partBytes) : [wholeFile(path)];
  }

  #warnOfChange({ path }: ListedFile): void {
    const text = pathText(filePath(this.#context.baseDirectory, path));
    this.#context.log.log(
      'warn',
      `${text} changed after it was handed out. In a folder or pattern that is followed each file is read once: ` +
        'move files there when they are whole, or name the file to read what is appended to it.',
    );
  }

  #add(splits: readonly FileSplit[]): void {
    for (const split of splits) {
      if (split.kind !== 'followed') this.#pending.push(split);
      else this.#deal(split, this.#dealtCount++ % this.#context.parallelism);
    }
  }

  #deal(split: FileSplit, subtask: number): void {
    this.#dealt.set(subtask, [...(this.#dealt.get(subtask) ?? []), split]);
  }

  #assign(): void {
    if (!this.#isListed) return;
    for (const subtask of [...this.#waiting].sort((a, b) => a - b)) {
      const followed = this.#dealt.get(subtask) ?? [];
      const next = this.#pending.shift();
      this.#dealt.delete(subtask);
      const splits = next === undefined ? followed : [...followed, next];
      if (splits.length > 0) this.#context.assign(subtask, splits);
      if (next === undefined && this.#isFollowing) continue;
      this.#waiting.delete(subtask);
      if (next === undefined) this.#context.noMoreSplits(subtask);
    }
  }
}
