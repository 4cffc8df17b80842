// The files that had a followed name before: `app.log.1`, `app.log-20240131`. While a job is down, or
// between two looks at the name, it may have been rotated more than once; then the file that was being
// read and those that came after it are found here, in the order in which they were written.

import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FileStatus } from '../../core/file-system.ts';
import { systemFileSystem } from '../../core/system-file-system.ts';

export interface RotatedFile {
  readonly path: string;
  readonly status: FileStatus;
}

/** What rotation puts behind a name: a number, or a date. */
const SUFFIX = /^[.\-_]\d[\d.\-_:T]*$/;
const NUMBER = /^\d{1,5}$/;

/** The files that had this name before, oldest first. */
export async function rotatedFiles(path: string): Promise<RotatedFile[]> {
  const name = basename(path);
  const directory = dirname(path);
  const found: RotatedFile[] = [];
  for (const sibling of await readdir(directory)) {
    if (!sibling.startsWith(name) || !SUFFIX.test(sibling.slice(name.length))) continue;
    const status = await systemFileSystem.stat(join(directory, sibling));
    if (status?.kind === 'file') found.push({ path: join(directory, sibling), status });
  }
  return found.sort((a, b) => compareAge(a, b, path.length));
}

/** A higher number is older, and so is an earlier date; of a number and a date, the file says when. */
function compareAge(a: RotatedFile, b: RotatedFile, nameLength: number): number {
  const [one, other] = [a.path.slice(nameLength + 1), b.path.slice(nameLength + 1)];
  const [isOneNumber, isOtherNumber] = [NUMBER.test(one), NUMBER.test(other)];
  if (isOneNumber && isOtherNumber) return Number(other) - Number(one);
  if (isOneNumber || isOtherNumber) return a.status.modifiedMs - b.status.modifiedMs;
  return one < other ? -1 : 1;
}

/** Those that were written after the file with this identity; none when it is not among them. */
export function writtenAfter(identity: string, files: readonly RotatedFile[]): RotatedFile[] {
  const index = files.findIndex(({ status }) => status.identity === identity);
  return index === -1 ? [] : files.slice(index + 1);
}
