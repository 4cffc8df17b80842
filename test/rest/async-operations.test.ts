import { expect, test } from 'vitest';
import type { TriggerId } from '../../engine/core/ids.ts';
import { limits } from '../../engine/core/limits.ts';
import { SeededRandom } from '../../engine/core/random.ts';
import { AsyncOperations } from '../../engine/rest/async-operations.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { turn } from '../harness/until.ts';

const GIVEN = '0123456789abcdef0123456789abcdef' as TriggerId;

function setUp(): { readonly clock: FakeClock; readonly operations: AsyncOperations<number> } {
  const clock = new FakeClock();
  return { clock, operations: new AsyncOperations<number>(clock, new SeededRandom(1)) };
}

test('an operation is in progress, and then has a result', async () => {
  const { operations } = setUp();
  let finish: (value: number) => void = () => undefined;
  const id = operations.trigger('job', () => new Promise((resolve) => (finish = resolve)));
  expect(operations.outcome('job', id)).toEqual({ status: 'in-progress' });
  finish(7);
  await turn();
  expect(operations.outcome('job', id)).toEqual({ status: 'completed', result: 7 });
});

test('one that fails tells why', async () => {
  const { operations } = setUp();
  const error = new Error('no');
  const id = operations.trigger('job', () => Promise.reject(error));
  await turn();
  expect(operations.outcome('job', id)).toEqual({ status: 'failed', error });
});

test('the same trigger, sent twice, is one operation', async () => {
  const { operations } = setUp();
  let runs = 0;
  const operate = (): Promise<number> => Promise.resolve(++runs);
  expect(operations.trigger('job', operate, GIVEN)).toBe(GIVEN);
  await turn();
  expect(operations.trigger('job', operate, GIVEN)).toBe(GIVEN);
  await turn();
  expect([runs, operations.outcome('job', GIVEN)]).toEqual([1, { status: 'completed', result: 1 }]);
});

test('the same id for another subject is another operation', async () => {
  const { operations } = setUp();
  operations.trigger('job', () => Promise.resolve(1), GIVEN);
  await turn();
  expect(operations.outcome('other', GIVEN)).toBeUndefined();
});

test('an outcome is kept for a while, counted from its end', async () => {
  const { clock, operations } = setUp();
  let finish: (value: number) => void = () => undefined;
  const id = operations.trigger('job', () => new Promise((resolve) => (finish = resolve)));
  clock.advance(2 * limits.operationOutcomeKeptMs);
  expect(operations.outcome('job', id)).toEqual({ status: 'in-progress' });
  finish(1);
  await turn();
  clock.advance(limits.operationOutcomeKeptMs - 1);
  expect(operations.outcome('job', id)?.status).toBe('completed');
  clock.advance(1);
  expect(operations.outcome('job', id)).toBeUndefined();
});
