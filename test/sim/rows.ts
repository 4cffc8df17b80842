// Rows held against those that must come: each once, no other.

import type { Row } from './job-answer.ts';

const SHOWN = 3;

/**
 * What is wrong with them; undefined: nothing.
 * @param isOrdered The rows of a key come in their order.
 * @param isWhole Otherwise some may be missing.
 */
export function problemOf(
  rows: readonly Row[],
  wanted: readonly Row[],
  isOrdered: boolean,
  isWhole: boolean,
): string | undefined {
  const counts = new Map<string, number>();
  for (const row of wanted) counts.set(nameOf(row), (counts.get(nameOf(row)) ?? 0) + 1);
  for (const row of rows) counts.set(nameOf(row), (counts.get(nameOf(row)) ?? 0) - 1);
  const lost = [...counts].filter(([, left]) => left > 0);
  const doubled = [...counts].filter(([, left]) => left < 0);
  if (doubled.length > 0 || (isWhole && lost.length > 0))
    return `${lost.length} rows are missing (${shown(lost)}) and ${doubled.length} are too many (${shown(doubled)}) of ${wanted.length}`;
  return isOrdered && isWhole ? orderProblem(rows, wanted) : undefined;
}

function orderProblem(rows: readonly Row[], wanted: readonly Row[]): string | undefined {
  const byKey = Map.groupBy(wanted, ({ key }) => key);
  for (const [key, own] of Map.groupBy(rows, (row) => row.key)) {
    const at = own.findIndex(({ n }, i) => n !== byKey.get(key)?.[i]?.n);
    if (at >= 0) return `row ${at} of key ${key} is ${own[at]?.n} out of its order`;
  }
  return undefined;
}

const nameOf = ({ key, n }: Row): string => `${key}: ${n}`;

const shown = (counts: readonly (readonly [string, number])[]): string =>
  counts
    .slice(0, SHOWN)
    .map(([row]) => row)
    .join(', ');
