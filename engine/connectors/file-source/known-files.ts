// Which files of a watched folder were handed out. A file is known by its identity, whatever its name is
// by now; a new one is handed out when two listings in a row show it unchanged, so that a file that is
// being copied is not read before it is whole.

import type { FileStatus } from '../../core/file-system.ts';
import type { ListedFile } from './file-listing.ts';

/** Identity, bytes and time of the last change, as they were when the file was handed out. */
export type KnownFile = readonly [identity: string, sizeBytes: number, modifiedMs: number];

interface Known {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Listings in a row without it. */
  missed: number;
  /** Whether it was told of, or may change. */
  isChangeTold: boolean;
}

/** A folder may be away for a moment; a file that is back after a minute is read again. */
const LISTINGS_REMEMBERED = 60;

export class KnownFiles {
  readonly #known = new Map<string, Known>();
  /** What new files looked like in the last listing. */
  #candidates = new Map<string, FileStatus>();

  constructor(known: readonly KnownFile[] = []) {
    for (const [identity, sizeBytes, modifiedMs] of known)
      this.#known.set(identity, { sizeBytes, modifiedMs, missed: 0, isChangeTold: false });
  }

  /** Those that are named are read as they grow: they may change. */
  add(files: readonly ListedFile[]): void {
    for (const { status, isNamed } of files) {
      const { identity, sizeBytes, modifiedMs } = status;
      this.#known.set(identity, { sizeBytes, modifiedMs, missed: 0, isChangeTold: isNamed });
    }
  }

  /** The files to hand out now; they are known from then on. `changed` is told once of each that is not as it was. */
  take(files: readonly ListedFile[], changed: (file: ListedFile) => void): readonly ListedFile[] {
    const candidates = new Map<string, FileStatus>();
    for (const known of this.#known.values()) known.missed++;
    const taken = files.filter((file) => {
      const known = this.#known.get(file.status.identity);
      if (known === undefined) return this.#takeSettled(file, candidates);
      known.missed = 0;
      if (!isSame(known, file.status) && !known.isChangeTold) {
        known.isChangeTold = true;
        changed(file);
      }
      return false;
    });
    this.#candidates = candidates;
    this.#forget();
    return taken;
  }

  snapshot(): readonly KnownFile[] {
    return [...this.#known].map(([identity, { sizeBytes, modifiedMs }]) => [
      identity,
      sizeBytes,
      modifiedMs,
    ]);
  }

  /** Whether the file is as it was in the listing before: then it is known from now on. */
  #takeSettled(file: ListedFile, candidates: Map<string, FileStatus>): boolean {
    const { status } = file;
    const before = this.#candidates.get(status.identity);
    candidates.set(status.identity, status);
    const isSettled = before !== undefined && isSame(before, status);
    if (isSettled) this.add([file]);
    return isSettled;
  }

  #forget(): void {
    for (const [identity, { missed }] of this.#known)
      if (missed > LISTINGS_REMEMBERED) this.#known.delete(identity);
  }
}

const isSame = (a: Pick<Known, 'sizeBytes' | 'modifiedMs'>, b: FileStatus): boolean =>
  a.sizeBytes === b.sizeBytes && a.modifiedMs === b.modifiedMs;
