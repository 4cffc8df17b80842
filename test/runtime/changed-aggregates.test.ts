// A job that goes on from a savepoint with other aggregates: an accumulator of another type is refused, and one that
// has got a field begins there with what an empty one has. Other keys are refused.

import { describe, expect, test } from 'vitest';
import { takeSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import type { Api } from '../api/program.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';

const RECORDS = 200;
const KEYS = 4;
const CONFIGURATION = { 'parallelism.default': 2, 'execution.checkpointing.interval': '40 ms' };

interface Row {
  readonly key: number;
  readonly n: number;
}

type AggregateOf = (api: Api) => unknown;

function source({ env, watermarks }: Api, keyOf: (key: number) => unknown) {
  return env
    .generate((n): Row => ({ key: n % KEYS, n }), { count: RECORDS, ratePerSecond: 1_000 })
    .uid('numbers')
    .withWatermarks(watermarks.monotonous(), ({ n }) => n)
    .uid('times')
    .keyBy(({ key }) => keyOf(key) as number);
}

type Keyed = ReturnType<typeof source>;

/** All of a key's records are in one window. */
const SIZE = 10 * RECORDS;

const PLACES = {
  running: (keyed) => keyed,
  'tumbling windows': (keyed, { tumbling }) => keyed.window(tumbling({ size: SIZE })),
  'windows that stay for the late': (keyed, { tumbling }) =>
    keyed.window(tumbling({ size: SIZE })).allowedLateness(10),
  'session windows': (keyed, { session }) => keyed.window(session({ gap: SIZE })),
} as const satisfies Record<string, (keyed: Keyed, api: Api) => unknown>;
type Place = keyof typeof PLACES;

/** Its rows are accumulators, or what an aggregate makes of them. */
function start(
  cluster: MiniCluster,
  place: Place,
  aggregateOf: AggregateOf,
  savepointPath?: string,
  more: Readonly<Record<string, boolean>> = {},
  keyOf: (key: number) => unknown = (key) => key,
): RunningJob {
  return cluster.submit(
    (api) => {
      PLACES[place](source(api, keyOf), api)
        .aggregate(aggregateOf(api) as never)
        .uid('totals')
        .name('Totals')
        .print('rows');
    },
    { ...CONFIGURATION, ...more },
    undefined,
    { savepointPath },
  );
}

/** A savepoint in the middle of the records. */
async function left(cluster: MiniCluster, place: Place, aggregateOf: AggregateOf): Promise<string> {
  const job = start(cluster, place, aggregateOf);
  const { history } = job.master.checkpoints;
  await cluster.clock.play(() => history.counts.completed >= 2, 'two checkpoints');
  const path = await cluster.clock.result(takeSavepoint(job.master, '/savepoints', cluster.random));
  job.master.cancel();
  await cluster.until(job, 'CANCELED');
  return path;
}

async function refusal(cluster: MiniCluster, job: RunningJob): Promise<string> {
  expect(await cluster.end(job)).toBe('FAILED');
  return job.master.scheduler.failures.failures[0]?.error.message ?? '';
}

const counted: AggregateOf = () => ({
  create: () => ({ n: 0 }),
  add: (held: { n: number }) => ({ n: held.n + 1 }),
  merge: (a: { n: number }, b: { n: number }) => ({ n: a.n + b.n }),
});
const summedToo: AggregateOf = () => ({
  create: () => ({ sum: 0, n: 0 }),
  add: (held: { sum: number; n: number }, row: Row) => ({ sum: held.sum + row.n, n: held.n + 1 }),
  merge: (a: { sum: number; n: number }, b: { sum: number; n: number }) => ({
    sum: a.sum + b.sum,
    n: a.n + b.n,
  }),
});
const spelled: AggregateOf = () => ({
  create: () => ({ n: '' }),
  add: (held: { n: string }) => ({ n: `${held.n}I` }),
  merge: (a: { n: string }, b: { n: string }) => ({ n: a.n + b.n }),
});

describe.each(Object.keys(PLACES) as Place[])('of %s', (place) => {
  test('a count does not become a mean, and a mean no count', async () => {
    const cluster = new MiniCluster();
    const count: AggregateOf = (api) => api.count();
    const mean: AggregateOf = (api) => api.mean(({ n }: Row) => n);
    const ofCounts = start(cluster, place, mean, await left(cluster, place, count));
    const message = await refusal(cluster, ofCounts);
    expect(message).toContain('values of type number and has values of type object now');
    expect(message).toContain('in operator "Totals"');
    const ofMeans = start(cluster, place, count, await left(cluster, place, mean));
    expect(await refusal(cluster, ofMeans)).toContain(
      'values of type object and has values of type number now',
    );
  });

  test('a field of another type is refused by its name, unless the program says that it may', async () => {
    const cluster = new MiniCluster();
    const path = await left(cluster, place, counted);
    expect(await refusal(cluster, start(cluster, place, spelled, path))).toMatch(
      /\.n" was written with values of type number and has values of type string now/,
    );
    const lenient = { 'sluice.state.check-types': false };
    expect(await cluster.end(start(cluster, place, spelled, path, lenient))).toBe('FINISHED');
  });

  test('a field that is new begins as it does in an empty accumulator, and the others go on', async () => {
    const cluster = new MiniCluster();
    const path = await left(cluster, place, counted);
    const job = start(cluster, place, summedToo, path);
    expect(await cluster.end(job)).toBe('FINISHED');
    const rows = job.rows.of('rows') as readonly { readonly n: number; readonly sum: number }[];
    const all = rows.filter(({ n }) => n === RECORDS / KEYS);
    expect(all).toHaveLength(KEYS);
    for (const { sum } of all) {
      expect(sum).toBeGreaterThan(0);
      expect(sum).toBeLessThan((RECORDS * RECORDS) / 2 / KEYS);
    }
  });

  test('keys of another type are refused', async () => {
    const cluster = new MiniCluster();
    const path = await left(cluster, place, counted);
    const message = await refusal(cluster, start(cluster, place, counted, path, {}, String));
    expect(message).toContain('written for keys of type number and has keys of type string now');
    expect(message).toContain('in operator "Totals"');
    const lenient = { 'sluice.state.check-types': false };
    const job = start(cluster, place, counted, path, lenient, String);
    expect(await cluster.end(job)).toBe('FINISHED');
  });
});
