// Which subtask is given which of the splits that were known from the start.

import { expect, test } from 'vitest';
import { FixedEnumerator } from '../../engine/connectors/fixed-enumerator.ts';
import type { EnumeratorContext, SourceSplit } from '../../engine/connectors/source.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { RecordingLogger } from '../harness/recording-logger.ts';

const splits = ['a', 'b', 'c'].map((id) => ({ id }));

class Dealt {
  readonly given: string[] = [];
  readonly enumerator: FixedEnumerator<SourceSplit>;

  constructor(parallelism: number, restored?: unknown) {
    const context: EnumeratorContext<SourceSplit> = {
      parallelism,
      clock: new FakeClock(),
      log: new RecordingLogger(),
      fileSystem: undefined as never,
      baseDirectory: '/',
      assign: (subtask, own) => this.given.push(...own.map(({ id }) => `${id} to ${subtask}`)),
      noMoreSplits: () => undefined,
      callAsync: () => undefined,
      after: () => undefined,
      fail: (error) => {
        throw error;
      },
    };
    this.enumerator = new FixedEnumerator(splits, context, restored);
  }

  ask(...subtasks: readonly number[]): this {
    for (const subtask of subtasks) this.enumerator.onSplitRequest(subtask);
    return this;
  }
}

test('over a restore a split stays with its subtask: the others may have finished', () => {
  const before = new Dealt(3).ask(0, 1);
  const after = new Dealt(3, before.enumerator.snapshot()).ask(0, 1, 2);
  expect([...before.given, ...after.given]).toEqual(['a to 0', 'b to 1', 'c to 2']);
});

test('at another parallelism they are dealt out anew', () => {
  const before = new Dealt(3).ask(0);
  expect(new Dealt(2, before.enumerator.snapshot()).ask(0, 1).given).toEqual(['b to 0', 'c to 1']);
});
