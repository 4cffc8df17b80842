// A file, or a part of one, with the position up to which its records were read. What stands here is in
// every checkpoint.

import type { SourceSplit } from '../source.ts';

export interface FileSplit extends SourceSplit {
  /** As the program wrote it, or found by its glob: relative to the base directory. */
  readonly path: string;
  /** `followed`: the file that has this name, over rotations; never ends. */
  readonly kind: 'whole' | 'part' | 'followed';
  /** Of the next record, in bytes after decompression. */
  readonly position: number;
  /** False: `position` may be inside a record, and the first that begins there or later is the next. */
  readonly isAligned: boolean;
  /** Records that begin there or later belong to another split; null: all to the end of the file are ours. */
  readonly end: number | null;
  /** Records before this position were there before us and are not wanted (`startAt: 'end'` of a CSV file). */
  readonly emitFrom: number;
  /** Where lines are counted from. */
  readonly firstByte: number;
  /** Of the next record, from 1. */
  readonly line: number;
  /** The names of a CSV file's columns, once they were read. */
  readonly header: readonly string[] | null;
  /** Of a followed file: which one the position is in. */
  readonly file: FileMark | null;
}

/** Tells a file from others, also from what it was before it was truncated and written again. */
export interface FileMark {
  /** FileStatus.identity. */
  readonly identity: string;
  /** The checksum of its first bytes, as many as had been read, up to 256. */
  readonly headBytes: number;
  readonly headCrc: number;
}

const START = {
  position: 0,
  isAligned: true,
  end: null,
  emitFrom: 0,
  firstByte: 0,
  line: 1,
  header: null,
  file: null,
} as const;

export const wholeFile = (path: string, id = path): FileSplit => ({
  ...START,
  id,
  path,
  kind: 'whole',
});

/** @param skipTo Records that begin before it are not wanted. */
export function followedFile(
  path: string,
  identity: string,
  skipTo: number,
  isLineFormat: boolean,
): FileSplit {
  const file = { identity, headBytes: 0, headCrc: 0 };
  const split = { ...START, id: path, path, kind: 'followed', file } as const;
  // Only where every line end ends a record can one begin in the middle.
  if (!isLineFormat) return { ...split, emitFrom: skipTo };
  return { ...split, position: skipTo, firstByte: skipTo, isAligned: skipTo === 0 };
}

/** Parts of about `partBytes` each, in order; together they have every record once. */
export function fileParts(path: string, sizeBytes: number, partBytes: number): FileSplit[] {
  const count = Math.ceil(sizeBytes / partBytes);
  return Array.from({ length: count }, (_, i) => {
    const start = i * partBytes;
    return {
      ...START,
      id: `${path}@${start}`,
      path,
      kind: 'part',
      position: start,
      firstByte: start,
      isAligned: start === 0,
      end: i === count - 1 ? null : start + partBytes,
    } as const;
  });
}
