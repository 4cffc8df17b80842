// npm run bench -- state: what a record's look at its key costs, what a key weighs, and for how long elements
// wait for a piece of a snapshot. CPU time, in turns with the baselines.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { limits } from '../../../engine/core/limits.ts';
import { systemFileSystem } from '../../../engine/core/system-file-system.ts';
import { HeapStateBackend } from '../../../engine/state/heap-keyed-state.ts';
import { type Case, quantiles } from '../report.ts';
import { type Counter, plainMap, typedTable } from './baselines.ts';

const UPDATES = 1_000_000;
const RUNS = 7;
const KEY_COUNTS = [1_000, 100_000, 1_000_000];

export async function state(): Promise<readonly Case[]> {
  return [...KEY_COUNTS.flatMap(updates), weight(1_000_000), ...(await snapshots(1_000_000))];
}

function heapState(): { readonly backend: HeapStateBackend; readonly counter: Counter } {
  const backend = new HeapStateBackend({
    maxParallelism: 128,
    keyGroups: { start: 0, end: 127 },
    clock: { now: () => 0 },
    objectReuse: false,
  });
  const totals = backend.namespaced<number, { count: number; sum: number }>({ name: 'totals' });
  const add = (key: number, value: number): void => {
    backend.setCurrentKey(key);
    const total = totals.get(0);
    if (total === undefined) return totals.put(0, { count: 1, sum: value });
    total.count++;
    total.sum += value;
    totals.put(0, total);
  };
  return { backend, counter: { add } };
}

/** The same keys for all, in an order that no cache likes. */
function randomKeys(keys: number): Int32Array {
  let x = 12_345;
  return Int32Array.from({ length: UPDATES }, () => {
    x = (Math.imul(x, 1_103_515_245) + 12_345) | 0;
    return (x >>> 8) % keys;
  });
}

function updates(keys: number): Case[] {
  const order = randomKeys(keys);
  const contestants = [heapState().counter, plainMap(), typedTable(keys)] as const;
  const took = contestants.map((): number[] => []);
  for (let run = -1; run < RUNS; run++) {
    contestants.forEach((counter, i) => {
      const before = process.cpuUsage();
      for (const key of order) counter.add(key, 1.5);
      const { user, system } = process.cpuUsage(before);
      if (run >= 0) took[i]?.push(((user + system) * 1_000) / UPDATES); // the first one warms up
    });
  }
  const [ours = [], map = [], typed = []] = took;
  const baseline = { name: 'plain Map', figures: quantiles(map) };
  return [
    { name: `count and sum, ${keys} keys`, unit: 'ns', figures: quantiles(ours), baseline },
    { name: `  typed table by hand`, unit: 'ns', figures: quantiles(typed), baseline },
  ];
}

function weight(keys: number): Case {
  const weigh = (make: () => Counter): number => {
    const before = bytesInUse();
    const counter = make();
    for (let key = 0; key < keys; key++) counter.add(key * 7, 1.5);
    const bytes = (bytesInUse() - before) / keys;
    counter.add(0, 1); // so that it lives until here
    return bytes;
  };
  return {
    name: `a key of ${keys} with count and sum`,
    unit: 'B',
    figures: quantiles([weigh(() => heapState().counter)]),
    baseline: { name: 'plain Map', figures: quantiles([weigh(plainMap)]) },
    goal: 50,
  };
}

function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Written to a real file, with 200 updates between two pieces, as 100,000 records a second would be. */
async function snapshots(keys: number): Promise<readonly Case[]> {
  const { backend, counter } = heapState();
  for (let key = 0; key < keys; key++) counter.add(key, 1.5);
  const order = randomKeys(keys);
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const waits: number[] = [];
  const whole: number[] = [];
  let at = 0;
  const timed = <T>(work: () => T): T => {
    const begun = performance.now();
    const result = work();
    waits.push(performance.now() - begun);
    return result;
  };
  async function* pieces() {
    const snapshot = timed(() => backend.snapshot());
    for (;;) {
      const blocks = timed(() => snapshot.next(limits.snapshotStepBytes));
      if (blocks === undefined) return;
      for (const { bytes } of blocks) yield bytes;
      timed(() => {
        for (let i = 0; i < 200; i++) counter.add(order[at++ % UPDATES] as number, 1.5);
      });
    }
  }
  for (let run = 0; run < RUNS; run++) {
    const begun = performance.now();
    await systemFileSystem.writeFile(join(directory, 'state'), pieces());
    whole.push(performance.now() - begun);
  }
  rmSync(directory, { recursive: true });
  const name = `snapshot of ${keys} keys`;
  return [
    { name: `${name}: elements wait`, unit: 'ms', figures: quantiles(waits, 1_000), goal: 5 },
    { name: `${name}, written and synced`, unit: 'ms', figures: quantiles(whole) },
  ];
}
