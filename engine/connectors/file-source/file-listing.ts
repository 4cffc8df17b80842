// What the paths of a source stand for now: each a file, a folder or a pattern. A name that exists is
// never taken for a pattern.

import type { SluiceError } from '../../core/errors.ts';
import type { FileSystem } from '../../core/file-system.ts';
import {
  emptyDirectory,
  type FilePath,
  type FileProblem,
  filePath,
  missingFile,
  noMatch,
  readError,
} from './file-error.ts';
import { type FoundFile, filesBelow, findFiles, isPattern } from './file-pattern.ts';

export interface FileListing {
  readonly files: readonly ListedFile[];
  /** Names for which there is nothing. */
  readonly missing: readonly SluiceError<FileProblem>[];
  /** Folders and patterns in which there is nothing. */
  readonly empty: readonly SluiceError<FileProblem>[];
}

export interface ListedFile extends FoundFile {
  /** The program named the file itself. */
  readonly isNamed: boolean;
}

/** @throws SluiceError for what is there and cannot be read. */
export async function listFiles(
  paths: readonly string[],
  baseDirectory: string,
  fileSystem: FileSystem,
): Promise<FileListing> {
  const files = new Map<string, ListedFile>();
  const missing: SluiceError<FileProblem>[] = [];
  const empty: SluiceError<FileProblem>[] = [];
  for (const written of paths) {
    const path = filePath(baseDirectory, written);
    const found = await listPath(path, baseDirectory, fileSystem);
    if (found === 'missing') missing.push(missingFile(path));
    else if (found === 'nothing below') empty.push(emptyDirectory(path));
    else if (found === 'no match') empty.push(noMatch(path));
    else addTo(files, found);
  }
  return { files: [...files.values()], missing, empty };
}

/** Each once; a file that is named and found too counts as named. */
function addTo(files: Map<string, ListedFile>, found: readonly ListedFile[]): void {
  for (const file of found) if (file.isNamed || !files.has(file.path)) files.set(file.path, file);
}

async function listPath(
  path: FilePath,
  baseDirectory: string,
  fileSystem: FileSystem,
): Promise<readonly ListedFile[] | 'missing' | 'nothing below' | 'no match'> {
  const { written, resolved } = path;
  try {
    const status = await fileSystem.stat(resolved);
    if (status?.kind === 'file') return [{ path: written, status, isNamed: true }];
    if (status?.kind === 'other') throw new Error('it is neither a file nor a folder');
    if (status === undefined && !isPattern(written)) return 'missing';
    const find = status === undefined ? findFiles : filesBelow;
    const found = await find(written, baseDirectory, fileSystem);
    if (found.length === 0) return status === undefined ? 'no match' : 'nothing below';
    return found.map((file) => ({ ...file, isNamed: false }));
  } catch (error) {
    throw readError(path, error);
  }
}
