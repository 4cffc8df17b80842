// What turns the bytes of a file into records: one decoder reads one file from one position on.

import type { SplitOutput } from '../source.ts';
import { CsvDecoder, type CsvFormat, checkCsvFormat } from './csv-decoder.ts';
import { LinesDecoder } from './lines-decoder.ts';
import type { OnMalformed, RecordOrigin } from './malformed-record.ts';
import { NdjsonDecoder } from './ndjson-decoder.ts';
import type { RecordWindow } from './record-window.ts';

/** How a file is read. */
export type SourceFormat = LinesFormat | NdjsonFormat | CsvFormat;

/** Each line a string, without its `\n` or `\r\n`. UTF-8, as all formats. */
interface LinesFormat {
  readonly name: 'lines';
}

/** Each line a JSON value; blank lines are passed over. */
interface NdjsonFormat {
  readonly name: 'ndjson';
  readonly onMalformed?: OnMalformed;
}

export interface RecordDecoder {
  /** Line at which the next record begins, from 1. */
  readonly line: number;
  /** The names in the file's first record, once they were read; null without. */
  readonly header: readonly string[] | null;
  /**
   * Takes whole records out of the window and emits them; at most `max`, those left out included. Fewer:
   * the window has no whole record left, or none that is ours.
   */
  decode(window: RecordWindow, output: SplitOutput<unknown>, max: number): number;
}

/** Where a decoder begins: at the beginning of a file, or where another one stopped. */
export interface DecoderStart {
  readonly line: number;
  readonly header: readonly string[] | null;
}

export const FILE_START: DecoderStart = { line: 1, header: null };

export function createDecoder(
  format: SourceFormat,
  origin: RecordOrigin,
  start: DecoderStart,
): RecordDecoder {
  switch (format.name) {
    case 'lines':
      return new LinesDecoder(origin, start);
    case 'ndjson':
      return new NdjsonDecoder(origin, start, format.onMalformed);
    case 'csv':
      return new CsvDecoder(origin, start, format);
  }
}

/** @throws Error for a format that no file can have. */
export function checkFormat(format: SourceFormat): void {
  if (format.name === 'csv') checkCsvFormat(format);
}

/** Whether a record ends at every line end, so that a file may be read in parts. */
export const isLineFormat = (format: SourceFormat): boolean => format.name !== 'csv';
