// One attempt of one subtask, from its start to its end.

import { describe, expect, test } from 'vitest';
import { END_OF_TIME } from '../../engine/core/time.ts';
import { barrier, batchOf } from '../network/batches.ts';
import { inHalves, type Link, map, pass } from './chain-harness.ts';
import { TaskHarness, type TaskSetup } from './task-harness.ts';

const started = (setup: TaskSetup): Promise<TaskHarness> => new TaskHarness(setup).start();

/** A promise that a test settles. */
function deferred(): PromiseWithResolvers<void> {
  return Promise.withResolvers<void>();
}

const END = [{ watermark: END_OF_TIME }, { end: 'data' }, { end: 'partition' }];

describe('without checkpoints', () => {
  test('a source runs to its end and says so', async () => {
    const h = await started({ links: [pass], source: ['a', 'wait', 'b'] });
    await h.settle();
    expect(h.row).toBe('running, data ended, FINISHED');
    expect(h.sent).toEqual([['a', 1], ['b', 1], ...END]);
  });

  test('a task ends when all its channels have', async () => {
    const h = await started({ links: [pass], inputs: 2 });
    h.inputs[0]?.push(batchOf({ rows: [['a', 1]] })).endData();
    await h.settle();
    expect(h.row).toBe('running');
    h.inputs[1]?.endData();
    await h.settle();
    expect(h.row).toBe('running, data ended, FINISHED');
    expect(h.sent).toEqual([['a', 1], ...END]);
  });

  test('what takes time to end is waited for before those behind hear of the end', async () => {
    const end = deferred();
    const link: Link = {
      make: (emit) => ({ processElement: (v) => emit.emit(v), endInput: () => end.promise }),
    };
    const h = await (await started({ links: [link], source: ['a'] })).settle();
    expect([h.row, h.sent]).toEqual(['running', [['a', 1], END[0]]]);
    end.resolve();
    await h.settle();
    expect(h.row).toBe('running, data ended, FINISHED');
  });

  test('a task that has done its work stays until its last rows have left', async () => {
    const h = await started({ links: [pass], source: ['a'] });
    h.chain.credit = 3;
    await h.settle();
    expect([h.row, h.sent.at(-1)]).toEqual(['running, data ended', END[1]]);
    h.chain.credit = 1;
    await h.settle();
    expect(h.row).toBe('running, data ended, FINISHED');
  });
});

describe('a checkpoint', () => {
  test('of a source is taken between elements, and its barrier follows what was emitted', async () => {
    const h = await started({ links: [pass], source: ['a', 'wait', 'b'] });
    h.task.turn();
    h.task.triggerCheckpoint(barrier(1));
    await h.settle();
    expect(h.told).toContain('snapshot 1');
    expect(h.sent.slice(0, 3)).toEqual([['a', 1], barrier(1), ['b', 1]]);
  });

  test('waits until an element that is half done is whole', async () => {
    const gate = { isOpen: false };
    const h = await started({ links: [inHalves(gate)], source: ['a', 'b'] });
    h.task.turn();
    h.task.triggerCheckpoint(barrier(1));
    h.task.triggerCheckpoint(barrier(2));
    await h.settle();
    expect(h.row).toBe('running');
    gate.isOpen = true;
    await h.settle();
    expect(h.sent.slice(0, 4)).toEqual([
      ...[
        ['a, first half', 1],
        ['a, second half', 1],
      ],
      ...[barrier(1), barrier(2)],
    ]);
  });

  test('waits for what must be in front of its barrier; elements wait with it', async () => {
    const flushed = deferred();
    const link: Link = {
      make: (emit) => ({
        processElement: (v) => emit.emit(v),
        prepareBarrier: () => flushed.promise,
      }),
    };
    const h = await started({ links: [link], source: ['a', 'b'] });
    h.task.turn();
    h.task.triggerCheckpoint(barrier(1));
    await h.settle();
    expect([h.told, h.sent]).toEqual([['running'], [['a', 1]]]);
    flushed.resolve();
    await h.settle();
    expect(h.sent.slice(1, 3)).toEqual([barrier(1), ['b', 1]]);
  });

  test('that cannot be prepared fails the task', async () => {
    const link: Link = {
      make: () => ({
        processElement: () => undefined,
        prepareBarrier: () => Promise.reject(new Error('disk full')),
      }),
    };
    const h = await started({ links: [link], source: ['wait', 'wait'] });
    h.task.triggerCheckpoint(barrier(1));
    await h.settle();
    expect(h.told.at(-1)).toMatch(/^FAILED disk full/);
  });

  test('of a task with inputs begins when the barrier has come on all of them', async () => {
    const h = await started({ links: [pass], inputs: 2 });
    h.inputs[0]?.push(batchOf({ rows: [], barrier: barrier(1) }), batchOf({ rows: [['late', 1]] }));
    await h.settle();
    expect(h.row).toBe('running');
    h.inputs[1]?.push(batchOf({ rows: [['early', 1]], barrier: barrier(1) }));
    await h.settle();
    expect(h.row).toBe('running, snapshot 1');
    expect(h.sent).toEqual([['early', 1], barrier(1), ['late', 1]]);
  });

  test('two that are complete at once are taken one after another', async () => {
    const flushes = [deferred(), deferred()];
    const prepared: number[] = [];
    const link: Link = {
      make: () => ({
        processElement: () => undefined,
        prepareBarrier(id) {
          prepared.push(id);
          return flushes[id - 1]?.promise;
        },
      }),
    };
    const h = await started({ links: [link], inputs: 2, mode: 'at-least-once' });
    h.inputs[0]?.push(...[1, 2].map((id) => batchOf({ rows: [], barrier: barrier(id) })));
    h.inputs[1]?.push(batchOf({ rows: [], end: 'data' }), batchOf({ rows: [], end: 'partition' }));
    await h.settle();
    expect(prepared).toEqual([1]);
    flushes[0]?.resolve();
    await h.settle();
    expect([prepared, h.row]).toEqual([[1, 2], 'running, snapshot 1']);
  });

  test('without a running task upstream is taken when the ends of the input have arrived', async () => {
    const h = await started({ links: [pass], inputs: 1, isCheckpointed: true });
    h.task.triggerCheckpoint(barrier(1));
    await h.settle();
    h.inputs[0]?.push(batchOf({ rows: [['a', 1]] })).endData();
    await h.settle();
    expect(h.row).toBe('running, data ended');
    h.inputs[0]?.push(batchOf({ rows: [], end: 'partition' }));
    await h.settle();
    expect(h.row).toBe('running, data ended, snapshot 1 finished');
    expect(h.sent).toEqual([['a', 1], END[0], END[1], barrier(1)]);
  });
});

describe('a checkpoint that is given up', () => {
  test('is not taken any more, and its alignment ends', async () => {
    const h = await started({ links: [pass], inputs: 2 });
    h.inputs[0]?.push(batchOf({ rows: [], barrier: barrier(1) }), batchOf({ rows: [['a', 1]] }));
    await h.settle();
    h.task.onCheckpointAborted(1);
    await h.settle();
    h.inputs[1]?.push(batchOf({ rows: [], barrier: barrier(1) }));
    await h.settle();
    expect(h.row).toBe('running, declined 1: its barrier was cancelled');
    expect(h.sent).toEqual([barrier(1, { isCancelled: true }), ['a', 1]]);
  });

  test('before its barriers: the first of them is turned into the word that it is cancelled', async () => {
    const h = await started({ links: [pass], inputs: 2 });
    h.task.onCheckpointAborted(1);
    h.inputs[0]?.push(batchOf({ rows: [], barrier: barrier(1) }), batchOf({ rows: [['a', 1]] }));
    await h.settle();
    expect(h.sent).toEqual([barrier(1, { isCancelled: true }), ['a', 1]]);
  });

  test('while it waits for an element that is half done leaves no barrier', async () => {
    const aborted: number[] = [];
    const watching: Link = {
      make: (emit) => ({
        processElement: (v) => emit.emit(v),
        onCheckpointAborted: (id) => void aborted.push(id),
      }),
    };
    const gate = { isOpen: false };
    const h = await started({ links: [inHalves(gate), watching], source: ['a'] });
    h.task.turn();
    h.task.triggerCheckpoint(barrier(1));
    await h.settle();
    h.task.onCheckpointAborted(1);
    gate.isOpen = true;
    await h.settle();
    expect(aborted).toEqual([1]);
    expect(h.sent.filter((element) => !Array.isArray(element))).toEqual(END);
  });

  test.each([1, 2])(
    'lets a task go on that was to end with it, also when only a later one is told: %i',
    async (told) => {
      const h = await started({ links: [pass], source: ['wait', 'a'], isCheckpointed: true });
      h.task.triggerCheckpoint(barrier(1, { kind: 'stop' }));
      await h.settle();
      expect(h.row).toBe('running, snapshot 1');
      h.task.onCheckpointAborted(told);
      await h.settle();
      expect(h.row).toBe('running, snapshot 1, data ended');
    },
  );

  test('is told to those behind when a later barrier subsumes it', async () => {
    const h = await started({ links: [pass], inputs: 2 });
    h.inputs[0]?.push(batchOf({ rows: [], barrier: barrier(1) }));
    await h.settle();
    h.inputs[1]?.push(batchOf({ rows: [], barrier: barrier(2) }));
    await h.settle();
    expect(h.row).toBe('running, declined 1: its barrier was subsumed');
    expect(h.sent).toEqual([barrier(1, { isCancelled: true })]);
  });
});

describe('with checkpoints, a task whose data has ended', () => {
  const ended = async (more: Partial<TaskSetup> = {}): Promise<TaskHarness> =>
    (await started({ links: [pass], source: ['a'], isCheckpointed: true, ...more })).settle();

  test('stays until a checkpoint that covers all of it is complete, and its commits are done', async () => {
    const commits: number[] = [];
    const commit = deferred();
    const sink: Link = {
      make: (emit) => ({
        processElement: (v) => emit.emit(v),
        onCheckpointComplete(id) {
          commits.push(id);
          return commit.promise;
        },
      }),
    };
    const h = await ended({ links: [sink] });
    expect(h.row).toBe('running, data ended');
    h.task.triggerCheckpoint(barrier(4));
    await h.settle();
    h.task.onCheckpointComplete(4);
    await h.settle();
    expect([h.row, commits]).toEqual(['running, data ended, snapshot 4 finished', [4]]);
    commit.resolve();
    await h.settle();
    expect(h.told.at(-1)).toBe('FINISHED');
  });

  test('is not ended by one that began before', async () => {
    const h = await started({ links: [pass], source: ['wait', 'a'], isCheckpointed: true });
    h.task.triggerCheckpoint(barrier(1));
    await h.settle();
    h.task.onCheckpointComplete(1);
    await h.settle();
    expect(h.row).toBe('running, snapshot 1, data ended');
  });

  test('is ended by a later one when the first that covers it was given up', async () => {
    const h = await ended();
    for (const id of [1, 2]) h.task.triggerCheckpoint(barrier(id));
    await h.settle();
    h.task.onCheckpointAborted(1);
    h.task.onCheckpointComplete(2);
    await h.settle();
    expect(h.told.at(-1)).toBe('FINISHED');
  });

  test('ends once, however often it is told', async () => {
    const h = await ended();
    h.task.triggerCheckpoint(barrier(1));
    h.task.triggerCheckpoint(barrier(2));
    await h.settle();
    h.chain.credit = 0;
    h.task.onCheckpointComplete(1);
    h.task.onCheckpointComplete(1);
    h.task.onCheckpointComplete(2);
    await h.settle();
    h.chain.credit = 9;
    await h.settle();
    expect(h.sent.filter((e) => (e as { end?: string }).end === 'partition')).toHaveLength(1);
    expect(h.told.filter((text) => text === 'FINISHED')).toHaveLength(1);
  });

  test('declines a checkpoint that comes when it is ending: no barrier follows the end', async () => {
    const h = await ended();
    h.task.triggerCheckpoint(barrier(1));
    await h.settle();
    h.chain.credit = 0;
    h.task.onCheckpointComplete(1);
    await h.settle();
    h.task.triggerCheckpoint(barrier(2));
    await h.settle();
    expect(h.told.at(-1)).toBe('declined 2: the task is ending');
    h.chain.credit = 9;
    await h.settle();
    expect(h.sent.at(-1)).toEqual({ end: 'partition' });
  });

  test('that was restored as finished only says so again', async () => {
    const h = await ended({ isRestoredFinished: true, source: ['never'] });
    expect(h.row).toBe('running, data ended');
    h.task.triggerCheckpoint(barrier(7));
    await h.settle();
    h.task.onCheckpointComplete(7);
    await h.settle();
    expect(h.row).toBe('running, data ended, snapshot 7 finished, FINISHED');
    expect(h.sent).toEqual([END[0], END[1], barrier(7), END[2]]);
  });

  test('restored as finished, it hears the ends of its input without ending twice', async () => {
    const h = await started({
      links: [pass],
      inputs: 1,
      isCheckpointed: true,
      isRestoredFinished: true,
    });
    h.inputs[0]?.endData().push(batchOf({ rows: [], barrier: barrier(1) }));
    await h.settle();
    expect(h.row).toBe('running, data ended, snapshot 1 finished');
  });
});

test('an operator hears the time that it asked for, and what it makes of it leaves', async () => {
  const timer: Link = {
    make: (emit) => ({
      processElement: (v) => emit.wakeAt(v as number),
      onProcessingTime(now) {
        emit.emit(`at ${now}`);
        return true;
      },
    }),
  };
  const h = await started({ links: [timer], inputs: 1 });
  const at = h.clock.now() + 50;
  h.inputs[0]?.push(batchOf({ rows: [[at, 0]] }));
  await h.settle();
  expect(h.task.nextDelayMs()).toBe(50);
  h.clock.advance(49);
  await h.settle();
  expect([h.sent, h.task.nextDelayMs()]).toEqual([[], 1]);
  h.clock.advance(1);
  await h.settle();
  expect(h.sent).toEqual([[`at ${at}`, 0]]);
});

test('a step of an operator is shown while it is at work', async () => {
  const seen: number[] = [];
  const look = (): void => void seen.push(h.chain.chain.currentOperator);
  const h: TaskHarness = new TaskHarness({ links: [pass, map(look)], source: ['a'] });
  await h.start();
  await h.settle();
  expect(seen).toEqual([1]);
});
