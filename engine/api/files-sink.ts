// Files as a sink: each record is written exactly once. What may be said about the files depends on their
// format, and so does what may be written to them, so that tsc refuses records that a format cannot hold.

import type { FilesSinkOptions } from '../connectors/file-sink/files-sink.ts';
import type { CsvSinkFormat } from '../connectors/formats/csv-encoder.ts';
import type { SinkFormat } from '../connectors/formats/record-encoder.ts';
import { Check } from './program-error.ts';
import type { ConnectorSink } from './sinks.ts';

export interface FilesOptions<T> {
  /** Of file names; default `part`. */
  readonly prefix?: string;
  /** Default by the format: `.txt`, `.csv`, `.ndjson`. */
  readonly suffix?: string;
  /** A file that has reached this size is followed by another; default 128 MiB. */
  readonly rollBytes?: number;
  /** So is one that has been open for so many milliseconds; default a minute. */
  readonly rollEvery?: number;
  /** The folder for a record, below the directory. `time`: its event time in epoch ms, NaN without one. */
  readonly bucket?: (value: T, time: number) => string;
}

/** Each record a JSON value on a line. */
export interface NdjsonFilesOptions<T> extends FilesOptions<T> {
  readonly format?: 'ndjson';
}

/** Each record, a text or a number, a line as it is. */
export interface LinesFilesOptions<T> extends FilesOptions<T> {
  readonly format: 'lines';
}

/** Each record, an object, a line of its fields. */
export interface CsvFilesOptions<T> extends FilesOptions<T>, Omit<CsvSinkFormat, 'name'> {
  readonly format: 'csv';
}

/**
 * Writes records to files in a directory, relative to the notebook's folder. A file shows under its name
 * when the checkpoint that covers it is complete: exactly once, and as late as that.
 *
 * ```ts
 * late.sinkTo(files('out/late', { format: 'csv', bucket: (f) => f.airport }))
 * ```
 */
export function files<T extends string | number | boolean>(
  directory: string,
  options: LinesFilesOptions<T>,
): ConnectorSink<T>;
export function files<T extends object>(
  directory: string,
  options: CsvFilesOptions<T>,
): ConnectorSink<T>;
export function files<T>(directory: string, options?: NdjsonFilesOptions<T>): ConnectorSink<T>;
export function files<T>(
  directory: string,
  options: NdjsonFilesOptions<T> | LinesFilesOptions<T> | CsvFilesOptions<T> = {},
): ConnectorSink<T> {
  const check = new Check('files');
  const { prefix, suffix, rollBytes, rollEvery, bucket } = options;
  check.text('the directory', directory);
  if (rollBytes !== undefined) check.wholeNumber('rollBytes', rollBytes, 1);
  if (rollEvery !== undefined) check.duration('rollEvery', rollEvery);
  if (bucket !== undefined) check.syncFunction('bucket', bucket);
  const given: FilesSinkOptions = {
    directory,
    format: formatOf(check, options),
    ...(prefix === undefined ? {} : { prefix }),
    ...(suffix === undefined ? {} : { suffix }),
    ...(rollBytes === undefined ? {} : { rollBytes }),
    ...(rollEvery === undefined ? {} : { rollMs: rollEvery }),
    ...(bucket === undefined ? {} : { bucketed: true }),
  };
  return {
    name: `files ${directory}`,
    connector: { name: 'files', options: { ...given } },
    functions: bucket === undefined ? {} : { bucket },
  };
}

function formatOf(
  check: Check,
  options: NdjsonFilesOptions<never> | LinesFilesOptions<never> | CsvFilesOptions<never>,
): SinkFormat {
  switch (options.format) {
    case undefined:
    case 'ndjson':
      return { name: 'ndjson' };
    case 'lines':
      return { name: 'lines' };
    case 'csv': {
      const { columns, header, delimiter, guardFormulas } = options;
      return {
        name: 'csv',
        ...(columns === undefined ? {} : { columns }),
        ...(header === undefined ? {} : { header }),
        ...(delimiter === undefined ? {} : { delimiter }),
        ...(guardFormulas === undefined ? {} : { guardFormulas }),
      };
    }
  }
  const { format } = options;
  return check.fail(`the format is ${JSON.stringify(format)}; give 'ndjson', 'lines' or 'csv'`);
}
