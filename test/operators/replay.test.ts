// Records at the pace of their event time.

import { expect, test } from 'vitest';
import { type OperatorDefinition, OperatorHarness } from '../harness/operator-harness.ts';
import { emitted, endOfInput, processingTime, record } from '../harness/operator-items.ts';
import { verifyOperator } from '../harness/verify-operator.ts';

const replay = (
  speed: number | null,
  functions: OperatorDefinition['functions'] = () => ({}),
): OperatorDefinition => ({ kind: 'replay', params: { speed }, functions });

test('records pass at the pace of event time, and the end of input waits behind them', () => {
  const harness = new OperatorHarness(replay(10));
  harness.push(
    processingTime(1_000),
    record('a', 0),
    record('b', 500),
    record('c', 520),
    endOfInput,
  );
  expect(harness.output).toEqual([emitted('a', 0)]);
  expect(harness.push(processingTime(1_049))).toEqual([]);
  expect(harness.push(processingTime(1_050))).toEqual([emitted('b', 500)]);
  expect(harness.push(processingTime(1_052))).toEqual([emitted('c', 520), endOfInput]);
});

test('records that are early for nobody pass at once: without a time, or older than the last', () => {
  verifyOperator(replay(1), {
    input: [record('a', 100), record('b'), record('c', 50), record('d', 100)],
    output: [emitted('a', 100), emitted('b'), emitted('c', 50), emitted('d', 100)],
  });
});

test('as fast as it can is at once, and the time may come from the record', () => {
  verifyOperator(replay(null), {
    input: [record('a', 0), record('b', 1e9)],
    output: [emitted('a', 0), emitted('b', 1e9)],
  });
  const harness = new OperatorHarness(replay(1, () => ({ time: (n: number) => n })));
  harness.push(record(0), record(10));
  expect(harness.push(processingTime(9))).toEqual([]);
  expect(harness.push(processingTime(10))).toEqual([emitted(10)]);
});

test('a record that waits is in the snapshot, and sets the pace after a restore', () => {
  const definition = replay(1);
  const before = new OperatorHarness(definition);
  before.push(record('a', 0), record('b', 1_000));
  expect(before.isPending).toBe(true);
  const after = new OperatorHarness(definition, { restored: before.snapshot() });
  expect(after.output).toEqual([emitted('b', 1_000)]);
  after.push(record('c', 1_010));
  expect(after.push(processingTime(10))).toEqual([emitted('c', 1_010)]);
});
