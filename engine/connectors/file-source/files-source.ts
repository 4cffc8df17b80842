// The `files` source. Without `follow` it reads what its paths stand for when the job starts, and ends.
// With `follow`, a file that is named is read as it grows, over rotations; in folders and patterns every
// file that appears is read once, to its end.

import { checkFormat, type SourceFormat } from '../formats/record-decoder.ts';
import type { SourceConnector } from '../source.ts';
import type { FileSplit } from './file-split.ts';
import { FilesEnumerator, type FilesSnapshot } from './files-enumerator.ts';
import { FilesReader } from './files-reader.ts';

export interface FilesSourceOptions {
  /** Files, folders (with those below) and patterns (`*` `**` `?` `{a,b}` `[a-z]`); `.gz` files are unzipped. */
  readonly paths: string | readonly string[];
  readonly format: SourceFormat;
  readonly follow?: boolean;
  /** `end`: what is there when the job starts is not read. Only with `follow`. Default `beginning`. */
  readonly startAt?: 'beginning' | 'end';
}

export const filesSource: SourceConnector<unknown, FileSplit, FilesSourceOptions> = {
  name: 'files',
  boundedness: ({ follow }) => (follow === true ? 'unbounded' : 'bounded'),
  createEnumerator(options, context, restored) {
    checkOptions(options);
    return new FilesEnumerator(options, context, restored as FilesSnapshot | undefined);
  },
  createReader: ({ format }, context) => new FilesReader(format, context),
};

/** @throws Error for options that contradict one another. */
function checkOptions({ paths, format, follow, startAt }: FilesSourceOptions): void {
  checkFormat(format);
  if (paths.length === 0)
    throw new Error('files source: paths is empty; name a file, a folder or a pattern');
  if (startAt === 'end' && follow !== true) {
    throw new Error("files source: startAt: 'end' without follow: true would read nothing");
  }
}
