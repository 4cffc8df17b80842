// Flow over the whole of a job: no thread waits for another for ever, and what is under way is bounded.

import { describe, expect, test } from 'vitest';
import { limits } from '../../engine/core/limits.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';

describe('two slots whose chains send to one another, with credit for one frame', () => {
  const EACH = 10_000;
  const RECORDS = 6;

  test.each(['slot', 'chain'] as const)(
    'every record becomes 10,000: threads by %s',
    async (threads) => {
      const cluster = new MiniCluster({
        taskManagers: 2,
        slotsPerTaskManager: 1,
        ringSlots: 1,
        ringSlotBytes: 4_096,
        threads,
      });
      let underWay = 0;
      let most = 0;
      const job = cluster.submit(
        ({ env }) => {
          env
            .generate((i) => i, { count: RECORDS })
            .flatMap(function* (n) {
              for (let i = 0; i < EACH; i++) {
                most = Math.max(most, ++underWay);
                yield n * EACH + i;
              }
            })
            .keyBy((n) => n % 8)
            .filter((n) => {
              underWay--;
              return n % EACH === 0;
            })
            .print('rows');
        },
        { 'parallelism.default': 2 },
      );
      expect(await cluster.end(job)).toBe('FINISHED');
      expect(job.rows.of('rows')).toHaveLength(RECORDS);
      expect(underWay).toBe(0);
      // Of each channel: a frame being filled, one in the ring at either end, one on the way, one being read.
      expect(most).toBeLessThan(4 * 5 * limits.frameRowsMax);
    },
  );
});

describe('a client that does not ask', () => {
  const COUNT = 20_000;

  test('stops the source; when it asks, every row comes (INV-40)', async () => {
    const cluster = new MiniCluster({ taskManagers: 2 });
    const asks = Promise.withResolvers<void>();
    const job = cluster.submit(
      ({ env }) => {
        env
          .generate((i) => i, { count: COUNT })
          .rebalance()
          .map((n) => n + 1)
          .print('rows');
      },
      { 'parallelism.default': 2 },
      () => asks.promise,
    );
    await cluster.until(job, 'RUNNING');
    await cluster.clock.advance(5_000);
    const sourceOf = (): number => {
      const [first] = job.master.job.vertices;
      const subtasks = first === undefined ? [] : job.master.graph.subtasksOf(first.id);
      return subtasks.reduce(
        (sum, { current }) =>
          sum + (job.master.metrics.get(current.attemptId)?.metrics.recordsOut ?? 0),
        0,
      );
    };
    const stopped = sourceOf();
    // Two sinks full of rows, and four channels of frames.
    expect(stopped).toBeGreaterThan(2 * limits.collectRowsMax);
    expect(stopped).toBeLessThan(2 * limits.collectRowsMax + 4 * 10 * limits.frameRowsMax);
    await cluster.clock.advance(5_000);
    expect(sourceOf()).toBe(stopped);
    asks.resolve();
    expect(await cluster.end(job)).toBe('FINISHED');
    expect(new Set(job.rows.of('rows')).size).toBe(COUNT);
  });
});
