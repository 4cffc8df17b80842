// Latency markers over whole jobs: where they come by, under Flink's names, and what they have waited for.

import { describe, expect, test } from 'vitest';
import { jobMetrics, metricNumber, subtaskMetrics } from '../../engine/rest/json/metric-names.ts';
import { jobDetails } from '../../engine/runtime/jobmaster/job-details.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import type { TestProgram } from '../harness/test-jobs.ts';
import { PLACEMENTS } from './placements.ts';

const RATE = 1_000;

const program =
  (group: string, seen: (record: unknown) => void): TestProgram =>
  ({ env }) => {
    env
      .generate((n) => n, { ratePerSecond: RATE })
      .map((n) => n)
      .name('beside')
      .keyBy((n) => n % 10)
      .reduce((_, n) => n)
      .name('behind')
      .slotSharingGroup(group)
      .filter((n) => {
        seen(n);
        return false;
      })
      .print('rows');
  };

/** By name, `_max` of each, in ms; operators and sources by their names. */
function latencies({ master }: RunningJob, nowMs: number): ReadonlyMap<string, number> {
  const details = jobDetails(master, nowMs);
  const names = new Map(
    details.vertices.flatMap(({ vertex }) =>
      vertex.operators.map(({ node }) => [node.operatorId as string, node.name] as const),
    ),
  );
  return new Map(
    [...jobMetrics(details)]
      .filter(([name]) => name.endsWith('.latency_max'))
      .map(([name, value]) => [
        name.replace(/[0-9a-f]{32}/g, (id) => names.get(id) ?? 'unknown'),
        metricNumber(value) ?? Number.NaN,
      ]),
  );
}

async function measured(
  settings: ConstructorParameters<typeof MiniCluster>[0],
  group: string,
  configuration: Readonly<Record<string, string | number>>,
  seen: (record: unknown) => void = () => undefined,
): Promise<ReadonlyMap<string, number>> {
  const cluster = new MiniCluster(settings);
  const job = cluster.submit(program(group, seen), configuration);
  await cluster.until(job, 'RUNNING');
  await cluster.clock.advance(3_000);
  return latencies(job, cluster.clock.now());
}

describe.each(PLACEMENTS)('with the ends of an exchange $where', ({ cluster, group }) => {
  test('each operator behind the source notes how long markers wait in front of it', async () => {
    const found = await measured(cluster, group, {
      'metrics.latency.interval': '50 ms',
      'execution.buffer-timeout.interval': '100 ms',
      'metrics.latency.history-size': 4,
    });
    const of = (name: string): string =>
      `latency.source_id.Source: generator.operator_id.${name}.operator_subtask_index.0.latency_max`;
    const sink = [...found.keys()].find((name) => name.includes('print')) ?? '';
    expect(new Set(found.keys())).toEqual(
      new Set([of('Filter'), of('behind'), of('beside'), sink]),
    );
    expect(found.get(of('beside'))).toBe(0);
    const [behind, last] = [found.get(of('behind')) ?? 0, found.get(sink)];
    expect(last).toBe(behind);
    // What is handed over at once waits for nothing, what goes by way of batches for the buffer timeout.
    if (group === 'default') expect(behind).toBe(0);
    else expect(behind).toBeGreaterThan(50);
    expect(behind).toBeLessThan(150);
  });
});

test.each([
  ['single', ['latency.operator_id.behind.operator_subtask_index.0']],
  [
    'subtask',
    [
      'latency.source_id.Source: generator.source_subtask_index.0.operator_id.behind.operator_subtask_index.0',
      'latency.source_id.Source: generator.source_subtask_index.1.operator_id.behind.operator_subtask_index.0',
    ],
  ],
])('with the granularity %s they are told apart by it', async (granularity, expected) => {
  const found = await measured({ taskManagers: 2 }, 'default', {
    'metrics.latency.interval': '50 ms',
    'metrics.latency.granularity': granularity,
    'parallelism.default': 2,
  });
  const names = [...found.keys()].filter((name) =>
    name.includes('behind.operator_subtask_index.0'),
  );
  expect(new Set(names)).toEqual(new Set(expected.map((name) => `${name}.latency_max`)));
});

test('no user function sees a marker, and none is sent where none is asked for', async () => {
  const seen: unknown[] = [];
  const note = (record: unknown): void => void seen.push(record);
  await measured({}, 'default', { 'metrics.latency.interval': '10 ms' }, note);
  expect(seen).toEqual(seen.map((_, i) => i));
  expect([...(await measured({}, 'default', {})).keys()]).toEqual([]);
});

test('a source tells by how much its event time is behind the clock', async () => {
  const cluster = new MiniCluster();
  const job = cluster.submit(({ env, watermarks }) => {
    env
      .generate((n) => n, { ratePerSecond: RATE })
      .withWatermarks(watermarks.monotonous(), (n) => n)
      .print('rows');
  });
  await cluster.until(job, 'RUNNING');
  await cluster.clock.advance(1_000);
  const { vertices, nowMs } = jobDetails(job.master, 5_000_000);
  const [vertex] = vertices;
  const [subtask] = vertex?.subtasks ?? [];
  if (vertex === undefined || subtask?.metrics === undefined) throw new Error('no metrics');
  const { watermark } = subtask.metrics;
  expect(watermark).toBeGreaterThan(500);
  const lag = subtaskMetrics(vertex, subtask, nowMs).get('Source__generator.watermarkLag');
  expect(lag).toBe(nowMs - watermark);
});
