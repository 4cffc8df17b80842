// How long a record is under way through one keyed exchange at 100,000 a second, with a checkpoint each second:
// from when it is made until what stands behind the exchange has it. Two subtasks, so that one half of the
// records goes to another thread. Beside it how long one bare thread takes to wake another, in the same run: on
// a machine with other work that is what the tail is made of.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Grid, GridRow } from '../report.ts';

const CLI = fileURLToPath(new URL('../../../.dist/cli.js', import.meta.url));
const NOTEBOOK = fileURLToPath(new URL('jobs/records.ts', import.meta.url));
const PEER = new URL('woken.ts', import.meta.url);
const RATE = 100_000;
const ROWS_BYTES_MAX = 2 ** 28;
const WAKES = 3_000;

/** At the default buffer timeout, and at none; what p99 is to stay under. */
const CASES = [
  { timeout: '5ms', goal: 5.5 },
  { timeout: '0ms', goal: 1 },
] as const;

/** Times by how often each was seen, ascending. */
type Distribution = readonly (readonly [ms: number, times: number])[];

export async function records(events = 1_000_000): Promise<Grid> {
  const rows: GridRow[] = [];
  for (const { timeout, goal } of CASES)
    rows.push(rowOf(`buffer timeout ${timeout}`, await measure(timeout, events), goal));
  rows.push(rowOf('a bare thread wakes another', await wakes(), undefined));
  return { head: ['ms', 'p50', 'p90', 'p99', 'p99.9', 'max', 'goal of p99'], rows };
}

async function measure(timeout: string, events: number): Promise<Distribution> {
  const flags = [
    ...['--json', '-p', '2', '--set', `events=${events}`, '--set', `rate=${RATE}`],
    ...['-Dexecution.checkpointing.interval=1s', `-Dexecution.buffer-timeout.interval=${timeout}`],
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'run', NOTEBOOK, ...flags], {
    maxBuffer: ROWS_BYTES_MAX,
  });
  const times = new Map<number, number>();
  for (const line of stdout.trim().split('\n')) {
    const { value } = JSON.parse(line) as { readonly value: readonly [number, number][] };
    for (const [step, count] of value) times.set(step, (times.get(step) ?? 0) + count);
  }
  return [...times].map(([step, count]) => [step / 100, count] as const).sort(([a], [b]) => a - b);
}

async function wakes(): Promise<Distribution> {
  const memory = new SharedArrayBuffer(8 * (1 + WAKES));
  const peer = new Worker(PEER, { workerData: { memory, wakes: WAKES } });
  const ended = new Promise<void>((resolve, reject) => {
    peer.once('error', reject).once('exit', () => resolve());
  });
  const words = new Int32Array(memory, 0, 2);
  await new Promise<void>((resolve) => peer.once('message', () => resolve()));
  const sentAt: number[] = [];
  for (let i = 0; i < WAKES; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    sentAt.push(Number(process.hrtime.bigint()) / 1e6);
    Atomics.add(words, 0, 1);
    Atomics.notify(words, 0);
  }
  await ended;
  const seenAt = new Float64Array(memory, 8);
  return sentAt.map((at, i) => [(seenAt[i] ?? 0) - at, 1] as const).sort(([a], [b]) => a - b);
}

function rowOf(name: string, distribution: Distribution, goal: number | undefined): GridRow {
  const total = distribution.reduce((sum, [, times]) => sum + times, 0);
  const at = (share: number): number | undefined => {
    let count = 0;
    for (const [ms, times] of distribution) {
      count += times;
      if (count >= share * total) return ms;
    }
    return undefined;
  };
  return { name, values: [at(0.5), at(0.9), at(0.99), at(0.999), at(1), goal] };
}
