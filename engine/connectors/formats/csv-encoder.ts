// Records as CSV (RFC 4180). The columns are those that were given, or the fields of the first record; a
// later record with others fails, since its values would stand under the wrong names or nowhere. What is
// written is read back by csv-decoder.ts: null and undefined are empty, the empty string is `""`.

import { toJson } from '../../core/json.ts';
import { printRecord } from '../../core/print-record.ts';
import { delimiterByte } from './csv-header.ts';
import type { RecordEncoder } from './record-encoder.ts';

export interface CsvSinkFormat {
  readonly name: 'csv';
  /** Absent: the fields of the first record. */
  readonly columns?: readonly string[];
  /** Whether every file begins with the names. Default true. */
  readonly header?: boolean;
  /** One ASCII character; default `,`. */
  readonly delimiter?: string;
  /**
   * Puts a `'` before text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a
   * tab or a return). The files are then for people: the `'` is read back as text.
   */
  readonly guardFormulas?: boolean;
}

/** Quotes, line ends, and blanks that a reader might trim. */
const SPECIAL = /["\r\n]|^\s|\s$/;
const FORMULA = /^[=+\-@\t\r]/;

export class CsvEncoder implements RecordEncoder {
  readonly #format: CsvSinkFormat;
  readonly #delimiter: string;
  #columns: readonly string[] | undefined;
  #known: ReadonlySet<string> | undefined;

  constructor(format: CsvSinkFormat) {
    const { delimiter = ',', columns } = format;
    delimiterByte(delimiter);
    this.#format = format;
    this.#delimiter = delimiter;
    if (columns !== undefined) this.#setColumns(columns);
  }

  encode(value: unknown): string {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error(`a csv file takes objects, and this is none: ${printRecord(value)}`);
    const record = value as Readonly<Record<string, unknown>>;
    const columns = this.#columns ?? this.#setColumns(Object.keys(record));
    for (const name in record) if (this.#known?.has(name) !== true) this.#refuse(name, record);
    return this.#line(columns.map((name) => this.#field(record[name])));
  }

  header(): string {
    if (this.#format.header === false || this.#columns === undefined) return '';
    return this.#line(this.#columns.map((name) => this.#quoted(name)));
  }

  #setColumns(columns: readonly string[]): readonly string[] {
    this.#columns = columns;
    this.#known = new Set(columns);
    return columns;
  }

  #line(fields: readonly string[]): string {
    // A single empty field would be a blank line, which is no record.
    return `${fields.length === 1 && fields[0] === '' ? '""' : fields.join(this.#delimiter)}\n`;
  }

  #field(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
      case 'boolean':
      case 'bigint':
        return Object.is(value, -0) ? '-0' : String(value);
      case 'undefined':
        return '';
      default:
        return value === null ? '' : this.#quoted(objectText(value));
    }
  }

  #text(text: string): string {
    const isGuarded = this.#format.guardFormulas === true && FORMULA.test(text);
    return this.#quoted(isGuarded ? `'${text}` : text);
  }

  #quoted(text: string): string {
    const isPlain = text !== '' && !SPECIAL.test(text) && !text.includes(this.#delimiter);
    return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
  }

  #refuse(name: string, record: object): never {
    throw new Error(
      `the csv file has the columns ${this.#columns?.join(', ')}, and this record has ${JSON.stringify(name)} ` +
        `besides: ${printRecord(record)}. Give the sink all columns, or map the records to the same fields`,
    );
  }
}

/** Dates as ISO text, all else as JSON. */
const objectText = (value: unknown): string =>
  value instanceof Date ? (JSON.parse(toJson(value)) as string) : toJson(value);
