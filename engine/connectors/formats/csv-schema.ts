// The types of CSV columns, and the row a schema gives. A type with `?` gives null for an empty field: the
// column stays in the row, in its shape and in its JSON. For strings, `""` is the empty string and an empty
// field without quotes is null.

import { nearestOf } from '../../core/option-checks.ts';

/** `time`, `local-time` and `date` are epoch milliseconds; csv-values.ts says what each may look like. */
export type ColumnType =
  | 'string'
  | 'int'
  | 'float'
  | 'boolean'
  | 'time'
  | 'local-time'
  | 'date'
  | 'json';

export type CsvColumnType = ColumnType | `${ColumnType}?`;

/** In the order of the program's schema, which is the order of the row's fields. */
export interface CsvColumn {
  readonly name: string;
  readonly type: CsvColumnType;
}

/** The row that a schema `{ time: 'local-time', magnitude: 'float?' }` gives. */
export type CsvRow<Schema extends Readonly<Record<string, CsvColumnType>>> = {
  -readonly [Name in keyof Schema]: ColumnValue<Schema[Name]>;
};

type ColumnValue<Type extends CsvColumnType> = Type extends `${infer Base extends ColumnType}?`
  ? BaseValue<Base> | null
  : Type extends ColumnType
    ? BaseValue<Type>
    : never;

type BaseValue<Type extends ColumnType> = Type extends 'string'
  ? string
  : Type extends 'boolean'
    ? boolean
    : Type extends 'json'
      ? unknown
      : number;

/** What an error says of a field that is not of its type. */
export const WANTED: Readonly<Record<ColumnType, string>> = {
  string: 'a string',
  int: 'an int (a safe integer)',
  float: 'a float',
  boolean: 'a boolean (true, false, 1 or 0)',
  time: 'a time (epoch milliseconds, or ISO with its zone: 2001-01-01T00:01:00Z; without a zone it is a local-time)',
  'local-time': 'a local-time (YYYY-MM-DD HH:mm)',
  date: 'a date (YYYY-MM-DD)',
  json: 'JSON',
};

export interface ParsedType {
  readonly base: ColumnType;
  readonly isOptional: boolean;
}

/** @throws Error naming the column and the nearest type there is. */
export function parseColumnType({ name, type }: CsvColumn): ParsedType {
  const isOptional = type.endsWith('?');
  const base = (isOptional ? type.slice(0, -1) : type) as ColumnType;
  if (Object.hasOwn(WANTED, base)) return { base, isOptional };
  const known = Object.keys(WANTED);
  const nearest = nearestOf(base, known);
  throw new Error(
    `csv column ${JSON.stringify(name)} has the unknown type ${JSON.stringify(type)}` +
      `${nearest === undefined ? '' : `; did you mean ${nearest}?`} There are: ${known.join(', ')}, each also with a ? behind it`,
  );
}
