// Which field of a CSV record is which column: by the names in the file's first record, or by order.

import { nearestOf } from '../../core/option-checks.ts';
import type { CsvColumn } from './csv-schema.ts';

export interface CsvLayout {
  readonly columns: readonly CsvColumn[];
  /** By column: the index of its field in a record. */
  readonly fields: readonly number[];
  /** Fields that a record has. */
  readonly width: number;
}

/**
 * @param names Of the fields, in their order.
 * @param columns Those that are wanted; absent: all, as strings.
 * @throws Error naming the column that is not there, or is there twice.
 */
export function layoutOf(
  names: readonly string[],
  columns: readonly CsvColumn[] = names.map((name) => ({ name, type: 'string' })),
): CsvLayout {
  const fields = columns.map(({ name }) => fieldOf(name, names));
  return { columns, fields, width: names.length };
}

function fieldOf(name: string, names: readonly string[]): number {
  const field = names.indexOf(name);
  if (field === -1) {
    const nearest = nearestOf(name, names);
    throw new Error(
      `no column ${JSON.stringify(name)}${nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`}` +
        ` The header has: ${names.join(', ')}`,
    );
  }
  if (names.includes(name, field + 1)) {
    throw new Error(`the column ${JSON.stringify(name)} stands twice in the header`);
  }
  return field;
}

/** @throws Error when the delimiter is not one character that can be one. */
export function delimiterByte(delimiter = ','): number {
  if (/^[\x20-\x7e\t]$/.test(delimiter) && delimiter !== '"') return delimiter.charCodeAt(0);
  throw new Error(
    `csv delimiter ${JSON.stringify(delimiter)}: it must be one ASCII character, and no quote`,
  );
}
