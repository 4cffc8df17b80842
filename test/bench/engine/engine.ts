// The engine alone: five jobs over records that cost next to nothing, so that what is seen is what the engine
// adds. The same five were measured with other engines.

import { fileURLToPath } from 'node:url';
import type { Throughput } from '../report.ts';
import { contend, type ThroughputSettings } from '../throughput.ts';
import { loops } from './loops.ts';

/** Enough for seconds: a short run measures the start of a cluster and of V8. */
const RECORDS: Readonly<Record<string, number>> = {
  filtered: 150_000_000,
  running: 40_000_000,
  hot: 20_000_000,
  highest: 100_000_000,
  joined: 30_000_000,
};
const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

export async function engine(settings: ThroughputSettings): Promise<readonly Throughput[]> {
  const names = settings.names.length > 0 ? settings.names : Object.keys(loops);
  const rates: Throughput[] = [];
  for (const name of names) {
    const events = settings.events ?? RECORDS[name] ?? 1_000_000;
    const job = { notebook: pathOf(`./jobs/${name}.ts`), parameters: { records: `${events}` } };
    const loop = [pathOf('./loop-main.ts'), name, `${events}`];
    rates.push(await contend({ name, events, job, loop }, settings));
  }
  return rates;
}
