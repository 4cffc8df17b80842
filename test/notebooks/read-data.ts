// The notebooks' data, read without the engine: what expected results are computed from.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { notebook } from './run-notebook.ts';

/** The fields of each record, by column. A quoted field may have commas, and no line ends. */
export function readData(name: string): readonly Readonly<Record<string, string>>[] {
  const text = gunzipSync(readFileSync(notebook(`data/${name}`))).toString();
  const [header = [], ...records] = text.trimEnd().split('\n').map(fieldsOf);
  return records.map((fields) =>
    Object.fromEntries(header.map((name, i) => [name, fields[i] ?? ''])),
  );
}

const fieldsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** As rows begin: `Mon, 01 Jan 2001 06:00`. */
export const dateOf = (time: number): string => new Date(time).toUTCString().slice(0, 22);

/** The start of the window of this size that has the time. */
export const floor = (time: number, size: number): number => Math.floor(time / size) * size;
