// CSV (RFC 4180): quotes, line ends inside quotes, `\r\n`, a header or given columns. The tokenizer finds
// the fields of a record, and a generated constructor makes the row.

import { NO_TIME } from '../../core/time.ts';
import type { SplitOutput } from '../source.ts';
import { type CsvLayout, delimiterByte, layoutOf } from './csv-header.ts';
import { createRowMaker, type RowMaker } from './csv-row-maker.ts';
import { type CsvColumn, parseColumnType, WANTED } from './csv-schema.ts';
import { CsvTokenizer, ESCAPED, INCOMPLETE } from './csv-tokenizer.ts';
import {
  MalformedRecord,
  MalformedRecords,
  type OnMalformed,
  type RecordOrigin,
} from './malformed-record.ts';
import type { DecoderStart, RecordDecoder } from './record-decoder.ts';
import type { RecordWindow, TextBuffer } from './record-window.ts';

/** A line without anything is passed over, unless there is just one column, whose empty field it is. */
export interface CsvFormat {
  readonly name: 'csv';
  /** The columns that are wanted, found in the header by name; absent: all of the header's, as strings. */
  readonly columns?: readonly CsvColumn[];
  /** False: there is no header, and each record has `columns` in their order. Default true. */
  readonly header?: boolean;
  /** One ASCII character; default `,`. */
  readonly delimiter?: string;
  readonly onMalformed?: OnMalformed;
}

/** Of a header: a file with more is no CSV. */
const FIELDS_MAX = 16_384;

export class CsvDecoder implements RecordDecoder {
  line: number;
  header: readonly string[] | null;
  readonly #origin: RecordOrigin;
  readonly #format: CsvFormat;
  readonly #malformed: MalformedRecords;
  #tokenizer: CsvTokenizer;
  /** Undefined until the header was read. */
  #layout: CsvLayout | undefined;
  #makeRow: RowMaker = () => undefined;
  /** The column that `#makeRow` could not read. */
  #failedColumn = 0;

  /** @throws Error for a schema that cannot be. */
  constructor(origin: RecordOrigin, start: DecoderStart, format: CsvFormat) {
    this.#origin = origin;
    this.#format = format;
    this.#malformed = new MalformedRecords(origin, format.onMalformed);
    this.#tokenizer = new CsvTokenizer(FIELDS_MAX, delimiterByte(format.delimiter));
    this.line = start.line;
    this.header = start.header;
    const names = format.header === false ? givenNames(format) : start.header;
    if (names !== null) this.#setNames(names);
  }

  decode(window: RecordWindow, output: SplitOutput<unknown>, max: number): number {
    const layout = this.#layout ?? this.#readHeader(window);
    if (layout === undefined) return 0;
    const { bytes, stop, isFinal } = window;
    const tokenizer = this.#tokenizer;
    let count = 0;
    while (count < max && window.at < stop) {
      const next = this.#scan(bytes, window.at, isFinal);
      if (next === INCOMPLETE) break;
      if (tokenizer.count === layout.width && tokenizer.problem === undefined) {
        const row = this.#makeRow(bytes, tokenizer.starts, tokenizer.ends, tokenizer.kinds);
        if (row === undefined) this.#refuseField(layout, bytes, window.at, next);
        else output.emit(row, NO_TIME);
      } else if (!tokenizer.isBlank) {
        this.#refuseRecord(layout, bytes, window.at, next);
      }
      window.at = next;
      this.line += 1 + tokenizer.innerLines;
      count++;
    }
    return count;
  }

  #scan(bytes: TextBuffer, at: number, isFinal: boolean): number {
    const next = this.#tokenizer.scan(bytes, at, isFinal);
    this.#malformed.checkLength(this.line, (next === INCOMPLETE ? bytes.length : next) - at);
    return next;
  }

  /** The first record that is not blank holds the names. */
  #readHeader(window: RecordWindow): CsvLayout | undefined {
    const { bytes, isFinal } = window;
    while (window.at < bytes.length) {
      const next = this.#scan(bytes, window.at, isFinal);
      if (next === INCOMPLETE) return undefined;
      const names = Array.from({ length: Math.min(this.#tokenizer.count, FIELDS_MAX) }, (_, i) =>
        this.#fieldText(bytes, i).trim(),
      );
      const isBlank = this.#tokenizer.isBlank;
      window.at = next;
      this.line += 1 + this.#tokenizer.innerLines;
      if (isBlank) continue;
      this.header = names;
      return this.#setNames(names);
    }
    return undefined;
  }

  #setNames(names: readonly string[]): CsvLayout {
    try {
      const layout = layoutOf(names, this.#format.columns);
      this.#makeRow = createRowMaker(layout, (column) => {
        this.#failedColumn = column;
        return undefined;
      });
      this.#tokenizer = new CsvTokenizer(layout.width, delimiterByte(this.#format.delimiter));
      this.#layout = layout;
      return layout;
    } catch (error) {
      throw new MalformedRecord(`${this.#origin.file}: ${(error as Error).message}`);
    }
  }

  #refuseField({ columns, fields }: CsvLayout, bytes: TextBuffer, at: number, next: number): void {
    const column = columns[this.#failedColumn] as CsvColumn;
    const field = fields[this.#failedColumn] as number;
    const text = JSON.stringify(this.#fieldText(bytes, field));
    const what = `${text} is not ${WANTED[parseColumnType(column).base]}`;
    this.#refuse(column.name, what, bytes, at, next);
  }

  #refuseRecord({ width }: CsvLayout, bytes: TextBuffer, at: number, next: number): void {
    const { problem, count } = this.#tokenizer;
    const what = problem ?? `${count} fields where there should be ${width}`;
    this.#refuse(undefined, what, bytes, at, next);
  }

  #refuse(
    column: string | undefined,
    what: string,
    bytes: TextBuffer,
    at: number,
    next: number,
  ): void {
    const record = bytes.utf8Slice(at, next).replace(/\r?\n$/, '');
    const place = column === undefined ? {} : { column };
    this.#malformed.refuse({ line: this.line, ...place, what, record });
  }

  #fieldText(bytes: TextBuffer, field: number): string {
    const { starts, ends, kinds } = this.#tokenizer;
    const text = bytes.utf8Slice(starts[field] as number, ends[field] as number);
    return kinds[field] === ESCAPED ? text.replaceAll('""', '"') : text;
  }
}

/** @throws Error naming the column or option that cannot be. */
export function checkCsvFormat(format: CsvFormat): void {
  delimiterByte(format.delimiter);
  for (const column of format.columns ?? []) parseColumnType(column);
  if (format.header === false) givenNames(format);
}

function givenNames({ columns }: CsvFormat): readonly string[] {
  if (columns !== undefined && columns.length > 0) return columns.map(({ name }) => name);
  throw new Error('csv without a header needs its columns: give them by name and type');
}
