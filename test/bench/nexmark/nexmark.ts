// Nexmark: each query of notebooks/nexmark with a sink that drops its rows, checkpoints every second and
// metrics on, beside a hand-written loop over the same events. What is compared with other engines is made
// here: all fields of all events, as many splits as subtasks.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Throughput } from '../report.ts';
import { contend, type ThroughputSettings } from '../throughput.ts';
import { discarding } from './discarding.ts';
import { FlinkRival } from './flink.ts';
import { loops } from './loops.ts';

const LOOP_MAIN = fileURLToPath(new URL('./loop-main.ts', import.meta.url));

/** Queries that keep little: their events are close in time, as others measure them. */
const LIGHT = new Set([
  ...['q0', 'q1', 'q2', 'q3', 'q8', 'q10', 'q12', 'q13', 'q14', 'q21', 'q22'],
]);
const RATES = { light: 1_000_000, heavy: 100_000 } as const;
/** Millions that take an engine that is not quick some ten seconds; of the others 3. */
const MILLIONS: Readonly<Record<string, number>> = {
  ...{ q0: 20, q1: 20, q2: 20, q3: 20, q5: 6, q7: 10, q8: 20, q9: 2, q10: 8, q11: 6, q12: 10 },
  ...{ q13: 8, q14: 10, q15: 2, q16: 1, q17: 5, q21: 8, q22: 10 },
};

export async function nexmark(settings: ThroughputSettings): Promise<readonly Throughput[]> {
  const { flinkHome: home, parallelism } = settings;
  const queries = settings.names.length > 0 ? settings.names : Object.keys(loops);
  const folder = discarding();
  const flink = home === undefined ? undefined : await FlinkRival.start({ home, parallelism });
  try {
    const rates: Throughput[] = [];
    for (const name of queries) rates.push(await contest(name, folder, settings, flink));
    return rates;
  } finally {
    await flink?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function contest(
  name: string,
  folder: string,
  settings: ThroughputSettings,
  rival: FlinkRival | undefined,
): Promise<Throughput> {
  const { events = (MILLIONS[name] ?? 3) * 1e6, parallelism } = settings;
  const rate = settings.rate ?? (LIGHT.has(name) ? RATES.light : RATES.heavy);
  const parameters = { events: `${events}`, rate: `${rate}`, splits: `${parallelism}` };
  const job = { notebook: join(folder, `${name}.ts`), parameters };
  const loop = [LOOP_MAIN, name, ...[events, rate, parallelism].map(String)];
  const flink = rival && { api: rival.api(name), run: () => rival.run({ name, events, rate }) };
  return contend({ name, events, job, loop, ...(flink && { flink }) }, settings);
}
