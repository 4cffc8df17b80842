// How much of what was recorded is asked again, endpoint by endpoint, and what the rest is answered here.

import { DEVIATIONS } from './deviations.ts';
import type { Exchange } from './exchanges.ts';
import { whyNot } from './replay.ts';

export function coverageTable(exchanges: readonly Exchange[]): string {
  const rows = [...Map.groupBy(exchanges, ({ endpoint }) => endpoint)].map(([endpoint, all]) => {
    const left = all.filter((exchange) => whyNot(exchange) !== undefined);
    const other = all.filter(
      ({ endpoint: of, state }) => DEVIATIONS[`${of} ${state}`] !== undefined,
    );
    const reasons = new Set([
      ...left.flatMap((exchange) => whyNot(exchange) ?? []),
      ...other.flatMap(({ state }) => DEVIATIONS[`${endpoint} ${state}`] ?? []),
    ]);
    const same = all.length - left.length - other.filter((one) => !left.includes(one)).length;
    return [endpoint, `${same}`, `${all.length}`, [...reasons].join('; ')];
  });
  const table = [['endpoint', 'same', 'recorded', 'the others'], ...rows];
  const width = (column: number): number =>
    Math.max(...table.map((row) => row[column]?.length ?? 0));
  return table
    .map((row) => row.map((cell, i) => (i === 3 ? cell : cell.padEnd(width(i)))).join('  '))
    .join('\n');
}
