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
  hasWarned: boolean;
}

/** A folder may be away for a moment; a file that is back after a minute is read again. */
const LISTINGS_REMEMBERED = 60;

export class KnownFiles {
  readonly #known = new Map<string, Known>();
  /** What new files looked like in the last listing. */
  #candidates = new Map<string, FileStatus>();

  constructor(known: readonly KnownFile[] = []) {
    for (const [identity, sizeBytes, modifiedMs] of known)
      this.#known.set(identity, { sizeBytes, modifiedMs, missed: 0, hasWarned: false });
  }

  add({ identity, sizeBytes, modifiedMs }: FileStatus): void {
    this.#known.set(identity, { sizeBytes, modifiedMs, missed: 0, hasWarned: false });
  }

  /** The files to hand out now; they are known from then on. `changed` is told once of each that is not as it was. */
  take(files: readonly ListedFile[], changed: (file: ListedFile) => void): readonly ListedFile[] {
    const candidates = new Map<string, FileStatus>();
    for (const known of this.#known.values()) known.missed++;
    const taken = files.filter((file) => {
      const known = this.#known.get(file.status.identity);
      if (known === undefined) return this.#isSettled(file.status, candidates);
      known.missed = 0;
      if (!isSame(known, file.status) && !known.hasWarned) {
        known.hasWarned = true;
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

  #isSettled(status: FileStatus, candidates: Map<string, FileStatus>): boolean {
    const before = this.#candidates.get(status.identity);
    if (before !== undefined && isSame(before, status)) {
      this.add(status);
      return true;
    }
    candidates.set(status.identity, status);
    return false;
  }

  #forget(): void {
    for (const [identity, { missed }] of this.#known)
      if (missed > LISTINGS_REMEMBERED) this.#known.delete(identity);
  }
}

const isSame = (a: Omit<Known, 'missed' | 'hasWarned'>, b: FileStatus): boolean =>
  a.sizeBytes === b.sizeBytes && a.modifiedMs === b.modifiedMs;
