// Nexmark: each query of notebooks/nexmark with a sink that drops its rows, checkpoints every second and
// metrics on, beside a hand-written loop over the same events. What is compared with other engines is made
// here: all fields of all events, as many splits as subtasks.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Throughput, throughputOf } from '../report.ts';
import { runJob } from '../run-job.ts';
import { loops } from './loops.ts';

export interface NexmarkSettings {
  /** Queries; empty: all that have a loop. */
  readonly names: readonly string[];
  readonly events: number;
  /** Undefined: each query's own. */
  readonly rate: number | undefined;
  readonly parallelism: number;
  readonly runs: number;
}

const NOTEBOOKS = fileURLToPath(new URL('../../../notebooks/nexmark', import.meta.url));
const LOOP_MAIN = fileURLToPath(new URL('./loop-main.ts', import.meta.url));

/** Queries that keep little: their events are close in time, as others measure them. */
const LIGHT = new Set([
  ...['q0', 'q1', 'q2', 'q3', 'q8', 'q10', 'q12', 'q13', 'q14', 'q21', 'q22'],
]);
const RATES = { light: 1_000_000, heavy: 100_000 } as const;

export async function nexmark(settings: NexmarkSettings): Promise<readonly Throughput[]> {
  const { names, runs, events, parallelism } = settings;
  const queries = names.length > 0 ? names : Object.keys(loops);
  const folder = discarding();
  try {
    const cases: Throughput[] = [];
    for (const query of queries) {
      const rate = settings.rate ?? (LIGHT.has(query) ? RATES.light : RATES.heavy);
      const parameters = { events: `${events}`, rate: `${rate}`, splits: `${parallelism}` };
      const configuration = {
        'parallelism.default': `${parallelism}`,
        'execution.checkpointing.interval': '1 s',
      };
      const job = { notebook: join(folder, `${query}.ts`), parameters, configuration };
      // In turns, so that both see the same of what else goes on.
      const [ours, theirs] = [[], []] as [Measured[], Measured[]];
      for (let run = 0; run < runs; run++) {
        theirs.push(loop(query, events, rate, parallelism));
        ours.push(await runJob(job));
      }
      cases.push(throughputOf(query, events, parallelism, ours, theirs));
    }
    return cases;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Measured = Parameters<typeof throughputOf>[3][number];

function loop(query: string, events: number, rate: number, splits: number): Measured {
  const flags = ['--no-warnings', '--max-old-space-size=8192', LOOP_MAIN];
  const settings = [query, ...[events, rate, splits].map(String)];
  return JSON.parse(
    execFileSync(process.execPath, [...flags, ...settings], { encoding: 'utf8' }),
  ) as Measured;
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
