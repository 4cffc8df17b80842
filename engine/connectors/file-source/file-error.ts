// What can be wrong with a file, said with its name as the program wrote it, the name it stands for, and
// what to do about it.

import { resolve } from 'node:path';
import { SluiceError } from '../../core/errors.ts';

export type FileProblem = 'file-missing' | 'file-unreadable' | 'file-damaged' | 'file-changed';

/** A name as the program wrote it, and where it leads. */
export interface FilePath {
  readonly written: string;
  readonly resolved: string;
}

export const filePath = (baseDirectory: string, written: string): FilePath => ({
  written,
  resolved: resolve(baseDirectory, written),
});

export const pathText = ({ written, resolved }: FilePath): string =>
  written === resolved ? written : `${written} (${resolved})`;

const ADVICE = "Relative paths are relative to the notebook's folder.";

export const missingFile = (path: FilePath): SluiceError<FileProblem> =>
  new SluiceError(
    'file-missing',
    `there is no file ${pathText(path)}. ${ADVICE} Check the name, or give the full path; every TaskManager must see it.`,
  );

export const noMatch = (path: FilePath): SluiceError<FileProblem> =>
  new SluiceError(
    'file-missing',
    `no file matches ${pathText(path)}. ${ADVICE} Names that begin with a dot match only a pattern that does too.`,
  );

export const emptyDirectory = (path: FilePath): SluiceError<FileProblem> =>
  new SluiceError(
    'file-missing',
    `the directory ${pathText(path)} has no files. Put some there, or wait for them with follow: true.`,
  );

export const changedFile = (path: FilePath, what: string): SluiceError<FileProblem> =>
  new SluiceError(
    'file-changed',
    `${pathText(path)} ${what}. Put the file back as it was, or start the job without its checkpoint.`,
  );

/** What the system or zlib said, as an error that names the file. */
export function readError(path: FilePath, cause: unknown): SluiceError<FileProblem> {
  if (cause instanceof SluiceError) return cause;
  const { code = '', message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return missingFile(path);
  const options = { cause };
  if (code === 'EACCES' || code === 'EPERM') {
    const text = `may not read ${pathText(path)}: permission denied. Let the user that runs sluice read it.`;
    return new SluiceError('file-unreadable', text, options);
  }
  if (code.startsWith('Z_')) {
    const text = `${pathText(path)} is not whole gzip data: ${message}. Was it copied to its end? Check it with gzip -t.`;
    return new SluiceError('file-damaged', text, options);
  }
  return new SluiceError('file-unreadable', `cannot read ${pathText(path)}: ${message}`, options);
}
