// What turns records into the text of a file.

import { toJson } from '../../core/json.ts';
import { CsvEncoder, type CsvSinkFormat } from './csv-encoder.ts';

/** How a file is written. UTF-8. */
export type SinkFormat =
  /** Strings as they are, all else as JSON, each on a line of its own. */
  { readonly name: 'lines' } | { readonly name: 'ndjson' } | CsvSinkFormat;

export interface RecordEncoder {
  /** With its line end. @throws Error for a record that the format cannot hold. */
  encode(value: unknown): string;
  /** What a file begins with, once a record was encoded: a line, or nothing. */
  header(): string;
}

export function createEncoder(format: SinkFormat): RecordEncoder {
  switch (format.name) {
    case 'lines':
      return { encode: (value) => `${textOf(value)}\n`, header: () => '' };
    case 'ndjson':
      return { encode: (value) => `${toJson(value)}\n`, header: () => '' };
    case 'csv':
      return new CsvEncoder(format);
  }
}

/** How a record is shown to people and to plain text files. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : toJson(value);

export function suffixOf(format: SinkFormat): string {
  switch (format.name) {
    case 'lines':
      return '.txt';
    case 'ndjson':
      return '.ndjson';
    case 'csv':
      return '.csv';
  }
}
