// What the job must have written when it has finished, whatever was done to it: for each window and key one row,
// with a sum and a count that follow from the numbers alone.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const KEYS = 50;
const WINDOW = 5_000;

export interface Verdict {
  readonly rows: number;
  /** Records that are in no row. */
  readonly lost: number;
  /** Rows that came more than once. */
  readonly doubled: number;
  /** Rows that are none of those that must come. */
  readonly wrong: number;
  /** Prepared files that nobody has committed or aborted. */
  readonly dangling: number;
}

interface Row {
  readonly key: number;
  readonly window: number;
  readonly sum: number;
  readonly count: number;
}

export function verdict(directory: string, records: number): Verdict {
  const seen = new Map<string, number>();
  let [rows, found, doubled, wrong] = [0, 0, 0, 0];
  for (const row of rowsOf(directory)) {
    rows++;
    const name = `${row.window} ${row.key}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    const wanted = rowFor(row.window, row.key, records);
    if (times > 1) doubled++;
    else if (wanted.sum !== row.sum || wanted.count !== row.count) wrong++;
    else found += row.count;
  }
  return { rows, lost: records - found, doubled, wrong, dangling: danglingIn(directory) };
}

/** Of the numbers from `window` on that are of the key. */
function rowFor(
  window: number,
  key: number,
  records: number,
): { readonly sum: number; readonly count: number } {
  let [sum, count] = [0, 0];
  for (let n = window + key; n < Math.min(window + WINDOW, records); n += KEYS) {
    sum += n;
    count++;
  }
  return { sum, count };
}

function* rowsOf(directory: string): Iterable<Row> {
  for (const name of readdirSync(directory)) {
    if (name.startsWith('.')) continue;
    for (const line of readFileSync(join(directory, name), 'utf8').split('\n'))
      if (line !== '') yield JSON.parse(line) as Row;
  }
}

const danglingIn = (directory: string): number =>
  readdirSync(join(directory, '.sluice')).filter((name) => /\.c\d+$/.test(name)).length;
