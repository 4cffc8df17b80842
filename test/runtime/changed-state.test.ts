// A job that goes on from a savepoint with a program whose states are others: what is new begins empty, what is
// gone is kept until it comes back, and what is of another kind, or has values of another type, is refused.

import { describe, expect, test } from 'vitest';
import type { KeyedProcessFunction } from '../../engine/operators/functions.ts';
import { takeSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { type AnyDescriptor, list, map, reducing, value } from '../../engine/state/descriptors.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';

const RECORDS = 200;
const KEYS = 4;
/** Of each job before the last. */
const ROWS = 40;
const CONFIGURATION = { 'parallelism.default': 2, 'execution.checkpointing.interval': '40 ms' };

interface Row {
  readonly key: number;
  readonly n: number;
}
type Process = KeyedProcessFunction<number, Row, Row>['process'];

/** Each record comes to this function, under a uid that stays. */
function start(
  cluster: MiniCluster,
  process: Process,
  savepointPath?: string,
  more: Readonly<Record<string, boolean>> = {},
): RunningJob {
  return cluster.submit(
    ({ env }) => {
      env
        .generate((n) => ({ key: n % KEYS, n }), { count: RECORDS, ratePerSecond: 1_000 })
        .uid('numbers')
        .keyBy((row) => row.key)
        .process(process)
        .uid('counts')
        .name('Counts')
        .print('rows');
    },
    { ...CONFIGURATION, ...more },
    undefined,
    { savepointPath },
  );
}

/** A savepoint of the program in the middle of its records. */
async function left(cluster: MiniCluster, process: Process, from?: string): Promise<string> {
  const job = start(cluster, process, from);
  await cluster.clock.play(() => job.rows.of('rows').length >= ROWS, `${ROWS} rows`);
  const path = await cluster.clock.result(takeSavepoint(job.master, '/savepoints', cluster.random));
  job.master.cancel();
  await cluster.until(job, 'CANCELED');
  return path;
}

/** What each key has counted at the end of the job; rows of the job before that nobody has taken come first. */
async function counts(cluster: MiniCluster, job: RunningJob): Promise<readonly number[]> {
  expect(await cluster.end(job)).toBe('FINISHED');
  const rows = job.rows.of('rows') as readonly Row[];
  return Array.from({ length: KEYS }, (_, key) => rows.findLast((row) => row.key === key)?.n ?? 0);
}

const counter =
  (name: string): Process =>
  ({ key }, ctx, out) => {
    const count = ctx.state(value({ name, default: 0 }));
    count.update(count.value() + 1);
    out.collect({ key, n: count.value() });
  };
const stateless: Process = (row, _ctx, out) => out.collect(row);

/** Of all records. */
const ALL = Array.from({ length: KEYS }, () => RECORDS / KEYS);

test.each<AnyDescriptor>([
  list<number>({ name: 'count' }),
  map<number, number>({ name: 'count' }),
  reducing<number>({ name: 'count', reduce: (a, b) => a + b }) as AnyDescriptor,
])('a value state that is asked for as a $kind state is refused', async (descriptor) => {
  const cluster = new MiniCluster();
  const path = await left(cluster, counter('count'));
  const ask: Process = (_row, ctx) =>
    void (ctx.state as (descriptor: AnyDescriptor) => unknown)(descriptor);
  const job = start(cluster, ask, path);
  expect(await cluster.end(job)).toBe('FAILED');
  const message = job.master.scheduler.failures.failures[0]?.error.message ?? '';
  expect(message).toContain(
    `state "count" is a value state and is asked for as a ${descriptor.kind} state`,
  );
  expect(message).toContain('in operator "Counts"');
});

test('a state that is new begins empty, and the others go on', async () => {
  const cluster = new MiniCluster();
  const path = await left(cluster, counter('count'));
  const renamed = await counts(cluster, start(cluster, counter('other'), path));
  for (const count of renamed) expect(count).toBeLessThan(RECORDS / KEYS);
  const both: Process = (row, ctx, out) => {
    counter('other')(row, ctx, { collect: () => undefined });
    return counter('count')(row, ctx, out);
  };
  expect(await counts(cluster, start(cluster, both, path))).toEqual(ALL);
});

test('a state that is gone is in the savepoints of a program without it, and comes back', async () => {
  const cluster = new MiniCluster();
  const path = await left(cluster, stateless, await left(cluster, counter('count')));
  const job = start(cluster, counter('count'), path);
  for (const count of await counts(cluster, job)) expect(count).toBeLessThan(RECORDS / KEYS);
  const least = Math.min(...(job.rows.of('rows') as readonly Row[]).map(({ n }) => n));
  expect(least).toBeGreaterThan(ROWS / KEYS / 2);
});

/** What keeps numbers under a name, and what keeps texts under it. */
const kept: readonly (readonly [kind: string, keep: (text: boolean) => Process])[] = [
  [
    'value',
    (text) => (row, ctx) => ctx.state(value<unknown>({ name: 'kept' })).update(text ? 'x' : row.n),
  ],
  [
    'list',
    (text) => (row, ctx) => ctx.state(list<unknown>({ name: 'kept' })).add(text ? 'x' : row.n),
  ],
  [
    'list with a time to live',
    (text) => (row, ctx) =>
      ctx.state(list<unknown>({ name: 'kept', ttl: 60_000 })).add(text ? 'x' : row.n),
  ],
  [
    'map',
    (text) => (row, ctx) =>
      ctx.state(map<number, unknown>({ name: 'kept' })).put(row.n, text ? 'x' : row.n),
  ],
  [
    'reducing',
    (text) => (row, ctx) =>
      ctx
        .state(reducing<unknown>({ name: 'kept', reduce: (_, last) => last }))
        .add(text ? 'x' : row.n),
  ],
];

const emitting =
  (keep: Process): Process =>
  (row, ctx, out) => {
    keep(row, ctx, out);
    out.collect(row);
  };

describe.each(kept)('a %s state that was written with numbers', (_, keep) => {
  const [numbers, texts] = [emitting(keep(false)), emitting(keep(true))];

  test('is refused when texts come, with its name, its operator and both types', async () => {
    const cluster = new MiniCluster();
    // Where no program has asked for it in between, it is still known.
    const path = await left(cluster, stateless, await left(cluster, numbers));
    const job = start(cluster, texts, path);
    expect(await cluster.end(job)).toBe('FAILED');
    const message = job.master.scheduler.failures.failures[0]?.error.message ?? '';
    expect(message).toContain(
      'state "kept" was written with values of type number and has values of type string now',
    );
    expect(message).toContain('in operator "Counts"');
  });

  test('goes on with numbers, and with texts where the program says that it may', async () => {
    const cluster = new MiniCluster();
    const path = await left(cluster, numbers);
    expect(await cluster.end(start(cluster, numbers, path))).toBe('FINISHED');
    const lenient = { 'sluice.state.check-types': false };
    expect(await cluster.end(start(cluster, texts, path, lenient))).toBe('FINISHED');
  });
});

test('a program that keeps values of several types goes on from its own checkpoints with any of them', async () => {
  const cluster = new MiniCluster();
  const job = start(
    cluster,
    emitting((row, ctx) =>
      ctx.state(list<unknown>({ name: 'kept' })).add(row.n < RECORDS / 2 ? row.n : 'x'),
    ),
  );
  // The texts come first after the restart.
  const { history } = job.master.checkpoints;
  await cluster.clock.play(() => history.counts.completed >= 2, 'two checkpoints');
  cluster.killAny();
  expect(await cluster.end(job)).toBe('FINISHED');
  expect(job.master.scheduler.restarts).toBe(1);
});
