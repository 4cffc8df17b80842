// For how long records are on their way while nothing else happens, and while checkpoints are taken: 100,000 a
// second, a million keys, no waiting in buffers. The job itself writes down what it sees, each quarter of a second.

import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RestClient } from '../../../engine/rest/rest-client.ts';
import { type Case, quantiles } from '../report.ts';
import { buildJob } from '../run-job.ts';

const NOTEBOOK = fileURLToPath(new URL('jobs/paced.ts', import.meta.url));
/** All keys are there after ten seconds. */
const FILL_MS = 12_000;
const PHASE_MS = 8_000;
const PAUSE_MS = 1_000;
/** By which the 99th of a hundred records may be later. */
const MOVED_MS = 5;

/** @param file Where the job writes to. */
export async function paced(
  client: RestClient,
  file: string,
  configuration: Readonly<Record<string, string>>,
): Promise<readonly Case[]> {
  writeFileSync(file, '');
  const settings = { ...configuration, 'execution.buffer-timeout.interval': '0 ms' };
  const { bundle, plan, blobs } = await buildJob({
    notebook: NOTEBOOK,
    parameters: { out: file },
    configuration: settings,
  });
  const header = { configuration: settings, baseDirectory: '/', attached: false };
  const id = await client.submit({ header, bundle, plan, blobs });
  await sleep(FILL_MS);
  const quiet = await during(file, () => sleep(PHASE_MS));
  const took: number[] = [];
  const busy = await during(file, async () => {
    for (const until = performance.now() + PHASE_MS; performance.now() < until; ) {
      const checkpointId = await client.triggerCheckpoint(id);
      const { checkpoints } = await client.job(id);
      took.push(checkpoints.history.find((one) => one.id === checkpointId)?.durationMs ?? 0);
      await sleep(PAUSE_MS);
    }
  });
  await client.cancel(id);
  const without = { name: 'without checkpoints', figures: quantiles(quiet) };
  return [
    {
      name: 'p99 of records on their way, with checkpoints',
      unit: 'ms',
      figures: quantiles(busy),
      baseline: without,
      goal: without.figures.p50 + MOVED_MS,
    },
    { name: 'checkpoint of 1000000 keys meanwhile', unit: 'ms', figures: quantiles(took) },
  ];
}

/** The p99 of each line that is written meanwhile. */
async function during(file: string, work: () => Promise<unknown>): Promise<readonly number[]> {
  const before = linesOf(file).length;
  await work();
  return linesOf(file)
    .slice(before)
    .map((line) => Number(line.split(' ')[2]));
}

const linesOf = (file: string): readonly string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
