// The REST endpoint under load and under nonsense. What a second is worth depends on who else is on the
// machine, so the answers' time is held against that of a bare server in the same run, and the cost is CPU.

import { expect, test } from 'vitest';
import { measureRest } from '../bench/rest/rest.ts';

const isFull = process.env['SLUICE_TEST_FULL'] === '1';
const SECONDS = isFull ? 30 : 5;
const FUZZED = isFull ? 1_000_000 : 100_000;

test(
  'a thousand clients are answered beside a job that keeps its rate, and nonsense ends nothing',
  async () => {
    const { load, bare, cpuMicrosPerRequest, job, fuzzed, isAlive } = await measureRest(
      SECONDS,
      FUZZED,
    );
    expect(load.errors).toEqual([]);
    expect(load.answered).toBe(load.sent);
    expect(load.sent).toBeGreaterThanOrEqual(5_000 * SECONDS * 0.99);
    expect(load.p99Ms).toBeLessThan(Math.max(100, 3 * bare.p99Ms));
    expect(cpuMicrosPerRequest ?? 0).toBeLessThan(180);
    expect(job.underLoad).toBeGreaterThan(0.9 * job.wanted);
    expect(fuzzed).toBe(FUZZED);
    expect(isAlive).toBe(true);
  },
  isFull ? 600_000 : 120_000,
);
