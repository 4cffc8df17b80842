import { expect, test } from 'vitest';
import { OutputLog } from '../../cli/session/output-log.ts';

const numbers = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, i) => String(from + i));

test('rows are shown at once, as tentative ones until a checkpoint covers them', () => {
  const log = new OutputLog(() => undefined);
  const lane = log.lane('print', undefined);
  lane.onRows(['1', '"two"'], true);
  expect(log.model().rows.map(({ text, tentative }) => [text, tentative])).toEqual([
    ['1', true],
    ['two', true],
  ]);
  lane.onCommitted(1);
  expect(log.model().rows.map(({ tentative }) => tentative)).toEqual([false, true]);
});

test('rows that are withdrawn are gone, and only those of their subtask', () => {
  const log = new OutputLog(() => undefined);
  const [one, other] = [log.lane('print', 0), log.lane('print', 1)];
  one.onRows(['1', '2'], true);
  other.onRows(['3'], true);
  one.onCommitted(1);
  one.onWithdrawn(1);
  expect(log.model().rows.map(({ text }) => text)).toEqual(['1', '3']);
  expect(log.model().total).toBe(2);
});

test('the newest thousand are kept, the others counted, also when they are withdrawn', () => {
  const log = new OutputLog(() => undefined);
  const lane = log.lane('print', undefined);
  lane.onRows(numbers(0, 5_000), true);
  const { rows, total, dropped } = log.model();
  expect(rows.at(-1)?.text).toBe('4999');
  expect(rows.length).toBeLessThanOrEqual(2_000);
  expect(total).toBe(5_000);
  expect(dropped).toBe(5_000 - rows.length);
  lane.onCommitted(4_990);
  lane.onWithdrawn(10);
  expect(log.model().total).toBe(4_990);
  expect(log.model().rows.at(-1)).toMatchObject({ text: '4989', tentative: false });
});
