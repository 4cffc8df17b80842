// A sink whose commits take their time, as on a slow disk: what is being committed is not forgotten meanwhile.

import { expect, test } from 'vitest';
import { systemClock } from '../../engine/core/system-clock.ts';
import { SinkOperator } from '../../engine/operators/sink-operator.ts';
import type { OperatorContext } from '../../engine/operators/stream-operator.ts';
import { HeapOperatorState } from '../../engine/state/heap-operator-state.ts';

/** Prepares one committable a checkpoint, `tx 1`, …; commits are done when they are let through. */
class SlowSink {
  readonly committed: string[] = [];
  readonly #gates: (() => void)[] = [];
  readonly state = new HeapOperatorState();
  readonly operator = new SinkOperator(
    { operatorState: this.state } as unknown as OperatorContext,
    () => ({
      write: () => undefined,
      isWritable: () => true,
      prepareCommit: (id) => Promise.resolve([`tx ${id}`]),
      finish: () => Promise.resolve(),
      close: () => undefined,
    }),
    {
      commit: async (committable) => {
        await new Promise<void>((done) => this.#gates.push(done));
        this.committed.push(committable as string);
      },
      abortOthers: () => Promise.resolve(),
    },
    true,
  );

  /** What the snapshot of this checkpoint has pending. */
  async checkpoint(id: number): Promise<unknown> {
    await this.operator.prepareBarrier(id);
    this.operator.snapshot();
    return new HeapOperatorState(this.state.snapshot()).list('committables', 'split').get();
  }

  async letThrough(): Promise<void> {
    this.#gates.shift()?.();
    await new Promise<void>((done) => systemClock.soon(done));
  }
}

const pending = (...ids: readonly number[]): unknown =>
  ids.map((checkpointId) => ({ checkpointId, committables: [`tx ${checkpointId}`] }));

test('what is being committed stands in the snapshots until it is', async () => {
  const sink = new SlowSink();
  sink.operator.open();
  expect(await sink.checkpoint(1)).toEqual(pending(1));
  void sink.operator.onCheckpointComplete(1);
  expect(await sink.checkpoint(2)).toEqual(pending(1, 2));
  await sink.letThrough();
  expect(sink.committed).toEqual(['tx 1']);
  expect(await sink.checkpoint(3)).toEqual(pending(2, 3));
});

test('a checkpoint is committed when those before it are', async () => {
  const sink = new SlowSink();
  sink.operator.open();
  await sink.checkpoint(1);
  const first = sink.operator.onCheckpointComplete(1);
  await sink.checkpoint(2);
  let isDone = false;
  const second = sink.operator.onCheckpointComplete(2).then(() => {
    isDone = true;
  });
  await sink.letThrough();
  await first;
  expect(isDone).toBe(false);
  await sink.letThrough();
  await second;
  expect(sink.committed).toEqual(['tx 1', 'tx 2']);
});
