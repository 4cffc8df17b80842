// Memory of a TaskManager under load: a source that is faster than its sink is stopped by credit, not by a heap
// that is full; and a job that runs for long needs no more than one that has just begun. Behind
// SLUICE_TEST_FULL: each takes its time.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Place, type Started, until } from './harness/tool.ts';

const isFull = process.env['SLUICE_TEST_FULL'] === '1' && process.platform === 'linux';
const SAMPLE_MS = 100;
const MB = 2 ** 20;

/** Records of a kilobyte as fast as they are taken; behind the exchange each takes a millisecond. */
const SLOW_SINK = `import { discard, env } from 'sluice';
const clock = new Int32Array(new SharedArrayBuffer(4));
// %% Slow
env
  .generate((n) => ({ n, text: String(n).padEnd(1_000, 'x') }))
  .keyBy(({ n }) => n % 100)
  .map((record) => {
    Atomics.wait(clock, 0, 0, 1);
    return record;
  })
  .slotSharingGroup('slow')
  .sinkTo(discard());
`;

const LONG = `import { discard, env, sum } from 'sluice';
// %% Long
env
  .generate((n) => ({ key: n % 100_000, amount: n % 7 }), { count: 100_000_000 })
  .keyBy(({ key }) => key)
  .aggregate(sum(({ amount }) => amount))
  .sinkTo(discard());
`;

/** Of the largest TaskManager, from when there are some until the run has ended, or for so many samples. */
async function memoryOf(place: Place, run: Started, most: number): Promise<readonly number[]> {
  await until(() => place.taskManagers().length > 0 || run.child.exitCode !== null);
  const samples: number[] = [];
  let pids: readonly number[] = [];
  while (run.child.exitCode === null && samples.length < most) {
    if (samples.length % 10 === 0) pids = place.taskManagers();
    samples.push(Math.max(0, ...pids.map(residentBytes)));
    await sleep(SAMPLE_MS);
  }
  return samples;
}

function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024;
  } catch {
    return 0; // it has ended
  }
}

const highest = (samples: readonly number[]): number => Math.max(...samples) / MB;

describe.runIf(isFull)('the memory of a TaskManager', () => {
  test.each([
    ['in one process', []],
    ['between two', ['-Dtaskmanager.numberOfTaskSlots=1']],
  ])(
    'is bounded where a fast source meets a slow sink, %s',
    { timeout: 60_000 },
    async (_, flags) => {
      const place = new Place();
      place.write('slow.ts', SLOW_SINK);
      const memory = `-Dtaskmanager.memory.process.size=${flags.length === 0 ? 512 : 64}m`;
      const run = place.start('run', 'slow.ts', memory, ...flags);
      const samples = await memoryOf(place, run, 120);
      run.kill('SIGINT');
      const { err } = await run.ended();
      expect(err).toMatch(/Slow: CANCELED/);
      expect(err).not.toContain('restart');
      const half = samples.length >> 1;
      expect(highest(samples)).toBeLessThan(350);
      expect(highest(samples.slice(half))).toBeLessThan(highest(samples.slice(0, half)) + 30);
    },
  );

  test('stays what it was over a hundred million records', { timeout: 600_000 }, async () => {
    const place = new Place();
    place.write('long.ts', LONG);
    const run = place.start('run', 'long.ts', '-p', '2');
    const samples = await memoryOf(place, run, 5_000);
    const { code, err } = await run.ended();
    expect({ code, err }).toMatchObject({
      code: 0,
      err: expect.stringContaining('100,000,000 records in'),
    });
    // The young generation of each slot's heap grows to its size within the first quarter. From then on a leak of
    // two bytes a record is seen.
    const quarter = samples.length >> 2;
    const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(3 * quarter)];
    expect(highest(late)).toBeLessThan(highest(early) * 1.25);
  });
});
