// The `files` sink: exactly once. Records go to files in progress, which are out of sight; at a checkpoint
// those are sealed, and when it is complete they get their final names. So each checkpoint makes new files,
// and so do size and time in between.

import { resolve } from 'node:path';
import type { SinkFormat } from '../formats/record-encoder.ts';
import type { SinkConnector } from '../sink.ts';
import { type FileCommittable, FilesCommitter } from './files-committer.ts';
import { FilesWriter } from './files-writer.ts';
import { type OutputFiles, systemOutputFiles } from './output-files.ts';

/** Slot: `bucket(value, time)`, when `bucketed`. */
export interface FilesSinkOptions {
  readonly directory: string;
  readonly format: SinkFormat;
  /** Of file names; default `part`. */
  readonly prefix?: string;
  /** Default by the format: `.txt`, `.csv`, `.ndjson`. */
  readonly suffix?: string;
  /** A file that has reached this size is followed by another; default 128 MiB. */
  readonly rollBytes?: number;
  /** As is one that has been open for this time; default 60 s. */
  readonly rollMs?: number;
  /** The bucket function gives the folder below `directory` for each record. */
  readonly bucketed?: boolean;
}

export const filesSinkOn = (
  files: OutputFiles,
): SinkConnector<unknown, FileCommittable, FilesSinkOptions> => ({
  name: 'files',
  guarantee: 'exactly-once',
  createWriter(options, context) {
    checkOptions(options);
    return new FilesWriter(options, context, context.outputFiles ?? files);
  },
  createCommitter: ({ directory }, context) =>
    new FilesCommitter(
      resolve(context.baseDirectory, directory),
      context,
      context.outputFiles ?? files,
    ),
});

export const filesSink = filesSinkOn(systemOutputFiles);

/** @throws Error naming the option that cannot be. */
function checkOptions({ prefix = 'part', suffix = '', rollBytes, rollMs }: FilesSinkOptions): void {
  if (!/^[^./\0][^/\0]*$/.test(prefix))
    throw new Error(
      `files sink: the prefix ${JSON.stringify(prefix)} must be the beginning of a visible name`,
    );
  if (/[/\0]/.test(suffix))
    throw new Error(`files sink: the suffix ${JSON.stringify(suffix)} must be the end of a name`);
  for (const [name, value] of Object.entries({ rollBytes, rollMs })) {
    if (value !== undefined && !(value > 0))
      throw new Error(`files sink: ${name} is ${value}; it must be above 0`);
  }
}
