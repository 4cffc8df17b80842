// Files and how to read them. Relative paths are relative to the notebook's folder; a name that ends in .gz
// is unzipped on the way; a path may be a folder or a pattern (`*` `**` `?` `{a,b}` `[a-z]`).

import type { CsvColumnType, CsvRow } from '../connectors/formats/csv-schema.ts';
import type { OnMalformed } from '../connectors/formats/malformed-record.ts';
import type { SourceFormat } from '../connectors/formats/record-decoder.ts';

declare const reads: unique symbol;

/** What `env.read(…)` takes: made by `lines`, `csv` and `ndjson`. */
export interface FileFormat<out T> {
  readonly paths: string | readonly string[];
  /** As it stands in the plan. */
  readonly format: SourceFormat;
  /** Exists for the type checker only. */
  readonly [reads]?: T | undefined;
}

/** The names and types of the columns that are wanted, in the order of the record's fields. */
export type CsvSchema = Readonly<Record<string, CsvColumnType>>;

export interface CsvOptions {
  /** False: the files have no header, and each record has the columns of the schema in their order. */
  readonly header?: boolean;
  /** One ASCII character; default `,`. */
  readonly delimiter?: string;
  /** A record that cannot be read fails the job (`fail`, the default), or is left out and counted (`skip`). */
  readonly onMalformed?: OnMalformed;
}

/** Each line a string, without its end. UTF-8. */
export const lines = (paths: string | readonly string[]): FileFormat<string> => ({
  paths,
  format: { name: 'lines' },
});

/**
 * Each line a JSON value; empty lines are passed over. Nothing checks that it is a `T`.
 *
 * ```ts
 * env.read(ndjson<{ user: string; at: number }>('clicks/*.ndjson'))
 * ```
 */
export const ndjson = <T>(
  paths: string | readonly string[],
  options: Pick<CsvOptions, 'onMalformed'> = {},
): FileFormat<T> => ({ paths, format: { name: 'ndjson', ...options } });

/**
 * Each record an object with the columns of the schema, which the header may have in any order, beside
 * others. The types are `string`, `int`, `float`, `boolean`, `json`, and three that give epoch milliseconds:
 * `time` (such milliseconds, or ISO with its zone), `local-time` (`2001-01-01 00:01`, read as UTC) and `date`.
 * One with a `?`, such as `int?`, is null where the field is empty. Without a schema all columns of the
 * header are strings.
 *
 * ```ts
 * env.read(csv('data/flights.csv.gz', { time: 'local-time', origin: 'string', delay: 'int?' }))
 * ```
 */
export function csv<const S extends CsvSchema>(
  paths: string | readonly string[],
  schema: S,
  options?: CsvOptions,
): FileFormat<{ -readonly [Name in keyof S]: CsvRow<S>[Name] }>;
export function csv(paths: string | readonly string[]): FileFormat<Record<string, string>>;
export function csv(
  paths: string | readonly string[],
  schema?: CsvSchema,
  options: CsvOptions = {},
): FileFormat<Record<string, unknown>> {
  const columns =
    schema === undefined
      ? {}
      : { columns: Object.entries(schema).map(([name, type]) => ({ name, type })) };
  return { paths, format: { name: 'csv', ...columns, ...options } };
}
