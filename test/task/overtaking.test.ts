// Barriers that overtake records: what is processed before the snapshot and what is recorded with it are all that
// came in front of the barrier, and every record is processed once, in its order (INV-12).

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Barrier } from '../../engine/core/barrier.ts';
import { decodeFrame } from '../../engine/network/frame-codec.ts';
import type { RecordBatch } from '../../engine/network/record-batch.ts';
import { InputGate } from '../../engine/task/input-gate.ts';
import { barrier, batchOf } from '../network/batches.ts';
import { pass } from './chain-harness.ts';
import { ScriptedChannel, TaskHarness } from './task-harness.ts';

const overtaking = (id: number, overtakesAfterMs = 0): Barrier =>
  barrier(id, { timestampMs: 0, overtakesAfterMs });

/** Channel 1's third row of the batches with which it began: `1.2`. */
const rowsOf = (channel: number, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => [`${channel}.${from + i}`, 1] as const);

/** By channel, of what was sent in front of the barrier. */
const sentBefore = (h: TaskHarness, id: number): string[] => {
  const at = h.sent.findIndex((one) => (one as Partial<Barrier>).checkpointId === id);
  return valuesOf(h.sent.slice(0, at));
};
const valuesOf = (sent: readonly unknown[]): string[] =>
  sent.flatMap((one) => (Array.isArray(one) ? [String(one[0])] : []));
const ofChannel = (values: readonly string[], channel: number): string[] =>
  values.filter((value) => value.startsWith(`${channel}.`));

const overtakenBy = (h: TaskHarness, id: number): string[] => {
  const text = h.told.find((line) => line.startsWith(`overtaken by ${id}: `)) ?? '';
  return text.slice(text.indexOf(':') + 2).split(' ');
};

test('the snapshot is taken at once, without what is in front of the barrier, and that is recorded', async () => {
  const h = await new TaskHarness({ links: [pass], inputs: 2 }).start();
  h.chain.credit = 0;
  h.inputs[0]?.push(batchOf({ rows: rowsOf(0, 0, 2) }));
  h.inputs[1]?.push(batchOf({ rows: rowsOf(1, 0, 2) }));
  for (const input of h.inputs) input.announced = overtaking(1);
  await h.settle();
  expect(h.row).toBe('running, snapshot 1');
  h.inputs[0]?.push(batchOf({ rows: rowsOf(0, 2, 1), barrier: overtaking(1) }));
  h.inputs[0]?.push(batchOf({ rows: rowsOf(0, 3, 1) }));
  h.inputs[1]?.push(batchOf({ rows: [], barrier: overtaking(1) }));
  await h.settle();
  expect(new Set(overtakenBy(h, 1))).toEqual(new Set(['0.0', '0.1', '0.2', '1.0', '1.1']));
  expect(h.inputs[0]?.queued).toBe(1);
  h.chain.credit = 100;
  await h.settle();
  expect(sentBefore(h, 1)).toEqual([]);
  expect(ofChannel(valuesOf(h.sent), 0)).toEqual(['0.0', '0.1', '0.2', '0.3']);
});

test('what was read ahead is held against the credit of its sender until it is processed', async () => {
  const h = await new TaskHarness({ links: [pass], inputs: 1 }).start();
  h.chain.credit = 0;
  const [input] = h.inputs;
  for (let i = 0; i < 3; i++) input?.push(batchOf({ rows: rowsOf(0, i, 1) }));
  input?.push(batchOf({ rows: [], barrier: overtaking(1) }));
  if (input !== undefined) input.announced = overtaking(1);
  await h.settle();
  expect(input?.debt).toBe(4);
  h.chain.credit = 100;
  await h.settle();
  expect(input?.debt).toBe(0);
});

test('the rest of a batch at work is recorded, and nothing is processed before it is', async () => {
  const channel = new ScriptedChannel();
  const gate = new InputGate([{ channel, edge: 0 }], 'aligned');
  channel.announced = overtaking(1);
  expect(gate.look(0).map(({ kind }) => kind)).toEqual(['overtake']);
  const { record } = gate.record(1, {
    batch: batchOf({ rows: rowsOf(0, 0, 3) }),
    channel: 0,
    row: 1,
  });
  channel.push(batchOf({ rows: rowsOf(0, 3, 1) }));
  expect([gate.poll(), gate.isBlocked(0)]).toEqual([undefined, true]);
  gate.look(0);
  const next = gate.poll()?.batch;
  expect([next?.count, next?.values[0]]).toEqual([1, '0.3']);
  channel.push(batchOf({ rows: [], barrier: overtaking(1) }));
  gate.look(0);
  const [recorded] = (await record.whole) ?? [];
  const rows = recorded?.frames.flatMap((frame) => decodeFrame(frame).values);
  expect(rows).toEqual(['0.1', '0.2', '0.3']);
});

test('given up in the middle, it is declined, and nothing of it is left', async () => {
  const h = await new TaskHarness({ links: [pass], inputs: 2 }).start();
  for (const input of h.inputs) input.announced = overtaking(1);
  await h.settle();
  h.task.onCheckpointAborted(1);
  await h.settle();
  expect(h.row).toBe(
    'running, snapshot 1, declined 1: its barrier was cancelled, overtaken by 1: given up',
  );
  for (const input of h.inputs) input.announced = overtaking(2);
  for (const [i, input] of h.inputs.entries()) {
    input.push(batchOf({ rows: rowsOf(i, 0, 1), barrier: overtaking(1) }));
    input.push(batchOf({ rows: rowsOf(i, 1, 1), barrier: overtaking(2) }));
  }
  await h.settle();
  const recorded = overtakenBy(h, 2);
  for (const i of [0, 1])
    expect(ofChannel([...sentBefore(h, 2), ...recorded], i)).toEqual([`${i}.0`, `${i}.1`]);
});

test('one whose upstream has finished is taken at once too', async () => {
  const h = await new TaskHarness({ links: [pass], inputs: 1 }).start();
  h.chain.credit = 0;
  h.inputs[0]?.push(batchOf({ rows: rowsOf(0, 0, 2) }));
  h.inputs[0]?.endData().push(batchOf({ rows: [], end: 'partition' }));
  h.task.triggerCheckpoint(overtaking(1));
  await h.settle();
  expect(h.row).toBe('running, snapshot 1, overtaken by 1: 0.0 0.1');
});

/** Of each channel: rows in front of the barriers of checkpoints 1 and 2, and behind them. */
const channel = fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4));
/** What happens next: a channel gets its next batch, is announced its next barrier, or the task has turns. */
const step = fc.record({
  channel: fc.nat(2),
  kind: fc.nat(3),
  rows: fc.integer({ min: 1, max: 3 }),
});

/** A task, and what stands in front of it on each channel. */
class Delivery {
  readonly h: TaskHarness;
  readonly #scripts: readonly (readonly RecordBatch[])[];
  readonly #next: number[];

  constructor(channels: readonly (readonly [number, number, number])[], after: number) {
    this.h = new TaskHarness({ links: [pass], inputs: channels.length });
    this.#scripts = channels.map((counts, i) => scriptOf(i, counts, after));
    this.#next = channels.map(() => 0);
  }

  /** A barrier is told of no later than it comes. */
  push(channel: number): void {
    const batch = this.#scripts[channel]?.[this.#next[channel] as number];
    if (batch === undefined) return;
    if (batch.barrier !== undefined) this.announce(channel);
    this.#next[channel] = (this.#next[channel] as number) + 1;
    this.h.inputs[channel]?.push(batch);
  }

  /** The next barrier; the second is triggered when the first is over. */
  announce(channel: number): void {
    const coming = this.#scripts[channel]
      ?.slice(this.#next[channel])
      .find((batch) => batch.barrier !== undefined)?.barrier;
    const isFirstOver = this.h.told.some((line) => /^overtaken by 1|^snapshot 1$/.test(line));
    const input = this.h.inputs[channel];
    if (input === undefined || coming === undefined) return;
    if (coming.checkpointId === 1 || isFirstOver) input.announced = coming;
  }

  async toItsEnd(): Promise<void> {
    this.h.chain.credit = 1_000;
    for (const [i, script] of this.#scripts.entries()) for (const _ of script) this.push(i);
    await this.h.settle();
  }

  /** Undefined when it was given up. */
  heldBy(id: number): string[] | undefined {
    const { told } = this.h;
    if (!told.includes(`snapshot ${id}`) || told.includes(`overtaken by ${id}: given up`))
      return undefined;
    return [...sentBefore(this.h, id), ...overtakenBy(this.h, id)];
  }
}

test('whatever comes when, snapshot and record hold what is in front of the barrier, once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(channel, { minLength: 1, maxLength: 3 }),
      fc.array(step, { maxLength: 40 }),
      fc.constantFrom(0, 5),
      async (channels, story, after) => {
        const delivery = new Delivery(channels, after);
        const { h } = delivery;
        await h.start();
        for (const one of story) {
          const i = one.channel % channels.length;
          h.chain.credit = one.kind === 3 ? 0 : one.rows;
          [() => delivery.push(i), () => delivery.announce(i), () => h.task.turn()][
            one.kind % 3
          ]?.();
          h.clock.advance(1);
        }
        await delivery.toItsEnd();
        for (const [i, [a, b, c]] of channels.entries()) {
          const all = rowsOf(i, 0, a + b + c).map(([value]) => value);
          expect(ofChannel(valuesOf(h.sent), i)).toEqual(all);
          const held = [delivery.heldBy(1), delivery.heldBy(2)];
          if (held[0] !== undefined) expect(ofChannel(held[0], i)).toEqual(all.slice(0, a));
          if (held[1] !== undefined) expect(ofChannel(held[1], i)).toEqual(all.slice(0, a + b));
        }
        expect(h.told).toContain('snapshot 2');
      },
    ),
    {
      numRuns: 500,
      // The second barrier comes by a channel that had the first, while the first is awaited on others.
      examples: [
        [
          [
            [0, 0, 0],
            [0, 0, 0],
            [1, 0, 0],
          ],
          steps([1, 0], [1, 0], [0, 2], [0, 2], [0, 2], [0, 2]),
          0,
        ],
      ],
    },
  );
});

const steps = (...all: readonly (readonly [channel: number, kind: number])[]) =>
  all.map(([channel, kind]) => ({ channel, kind, rows: 1 }));

function scriptOf(
  channel: number,
  [a, b, c]: readonly [number, number, number],
  after: number,
): RecordBatch[] {
  const singles = (from: number, count: number) =>
    rowsOf(channel, from, count).map((row) => batchOf({ rows: [row] }));
  return [
    ...singles(0, a),
    batchOf({ rows: [], barrier: overtaking(1, after) }),
    ...singles(a, b),
    batchOf({ rows: [], barrier: overtaking(2, after) }),
    ...singles(a + b, c),
  ];
}
