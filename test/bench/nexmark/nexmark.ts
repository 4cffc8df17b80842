// Nexmark: each query of notebooks/nexmark with a sink that drops its rows, checkpoints every second and
// metrics on, beside a hand-written loop over the same events. What is compared with other engines is made
// here: all fields of all events, as many splits as subtasks.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Throughput } from '../report.ts';
import { contend, type ThroughputSettings } from '../throughput.ts';
import { loops } from './loops.ts';

const NOTEBOOKS = fileURLToPath(new URL('../../../notebooks/nexmark', import.meta.url));
const LOOP_MAIN = fileURLToPath(new URL('./loop-main.ts', import.meta.url));

/** Queries that keep little: their events are close in time, as others measure them. */
const LIGHT = new Set([
  ...['q0', 'q1', 'q2', 'q3', 'q8', 'q10', 'q12', 'q13', 'q14', 'q21', 'q22'],
]);
const RATES = { light: 1_000_000, heavy: 100_000 } as const;
const EVENTS = 3_000_000;

export async function nexmark(settings: ThroughputSettings): Promise<readonly Throughput[]> {
  const { events = EVENTS, parallelism } = settings;
  const queries = settings.names.length > 0 ? settings.names : Object.keys(loops);
  const folder = discarding();
  try {
    const rates: Throughput[] = [];
    for (const name of queries) {
      const rate = settings.rate ?? (LIGHT.has(name) ? RATES.light : RATES.heavy);
      const parameters = { events: `${events}`, rate: `${rate}`, splits: `${parallelism}` };
      const job = { notebook: join(folder, `${name}.ts`), parameters };
      const loop = [LOOP_MAIN, name, ...[events, rate, parallelism].map(String)];
      rates.push(await contend({ name, events, job, loop }, settings));
    }
    return rates;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The notebooks, with sinks that drop what comes. */
function discarding(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-nexmark-'));
  cpSync(NOTEBOOKS, folder, { recursive: true });
  for (const query of Object.keys(loops)) {
    const path = join(folder, `${query}.ts`);
    const text = readFileSync(path, 'utf8').replace('.print()', '.sinkTo(discard())');
    writeFileSync(path, `${text}\nimport { discard } from 'sluice';\n`);
  }
  return folder;
}
