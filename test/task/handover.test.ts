// Chains of one slot that hand over what they emit: each record runs through both before the next, what fails is
// the receiver's own, and what ends a turn comes in its place.

import { expect, onTestFinished, test } from 'vitest';
import type { TestProgram } from '../harness/test-jobs.ts';
import { SlotHarness } from './slot-harness.ts';

const RECORDS = 6_000;

function slot(program: TestProgram): SlotHarness {
  const harness = new SlotHarness(program);
  onTestFinished(() => harness.runtime.close());
  return harness.deploy();
}

test('once the first batches have been looked at, each record runs through both chains before the next', async () => {
  const log: string[] = [];
  const noted = (who: string) => (n: number) => {
    log.push(`${who} ${n}`);
    return n;
  };
  const h = slot(({ env, discard }) => {
    env
      .generate((n) => n, { count: RECORDS })
      .map(noted('sends'))
      .keyBy((n) => n % 7)
      .reduce((_, n) => n)
      .map(noted('gets'))
      .sinkTo(discard());
  });
  await h.end(1);
  const numbers = Array.from({ length: RECORDS }, (_, n) => n);
  for (const who of ['sends', 'gets'])
    expect(log.filter((line) => line.startsWith(who))).toEqual(numbers.map((n) => `${who} ${n}`));
  expect(log.slice(-4)).toEqual([
    ...[`sends ${RECORDS - 2}`, `gets ${RECORDS - 2}`],
    ...[`sends ${RECORDS - 1}`, `gets ${RECORDS - 1}`],
  ]);
});

test('what fails with a record that was handed over fails the receiver and names the record', async () => {
  const h = slot(({ env, discard }) => {
    env
      .generate((n) => ({ n }), { count: RECORDS })
      .keyBy(({ n }) => n % 7)
      .reduce((_, record) => record)
      .map(({ n }) => {
        if (n === RECORDS - 3) throw new Error('too many');
        return n;
      })
      .name('strict')
      .sinkTo(discard());
  });
  const end = await h.end(1);
  expect(end).toMatchObject({
    state: 'FAILED',
    failure: { error: { message: 'too many' }, operator: 'strict' },
  });
  expect(end.state === 'FAILED' && end.failure.record).toContain(`${RECORDS - 3}`);
  expect(await h.end(0)).toMatchObject({ state: 'FINISHED' });
});

test('watermarks keep their places among records that are handed over', async () => {
  const h = slot(({ env, watermarks, tumbling }) => {
    env
      .generate((n) => ({ n }), { count: RECORDS })
      .withWatermarks(watermarks.monotonous(), ({ n }) => n)
      .windowAll(tumbling({ size: 1_000 }))
      .aggregate({ create: () => 0, add: (count) => count + 1 })
      .print();
  });
  await h.end(1);
  expect(h.printed).toEqual(Array.from({ length: RECORDS / 1_000 }, () => '1000'));
});

test('a slot in which nothing is handed over rests', async () => {
  let rests = 0;
  let restsBefore = Number.POSITIVE_INFINITY;
  const h = slot(({ env, discard }) => {
    env
      .generate((n) => n, { count: 5_000, ratePerSecond: 5_000 })
      .keyBy((n) => n % 7)
      .reduce((_, n) => n)
      .map((n) => {
        // By now records are handed over; many more come, a few at a time.
        if (n === 3_000) restsBefore = rests;
        return n;
      })
      .sinkTo(discard());
  });
  const rest = h.doorbell.rest.bind(h.doorbell);
  h.doorbell.rest = (delayMs) => {
    rests++;
    return rest(delayMs);
  };
  await h.end(1);
  expect(rests).toBeGreaterThan(restsBefore + 50);
});
