// How a task ends before its time, and how long it sleeps meanwhile.

import { describe, expect, test } from 'vitest';
import { AssertionError } from '../../engine/core/assert.ts';
import { barrier, batchOf } from '../network/batches.ts';
import { inHalves, type Link, map, pass } from './chain-harness.ts';
import { TaskHarness, type TaskSetup } from './task-harness.ts';

const started = (setup: TaskSetup): Promise<TaskHarness> => new TaskHarness(setup).start();
const never = new Promise<void>(() => undefined);

const throwing = (error: unknown): Link =>
  map(() => {
    throw error;
  });

describe('a failure', () => {
  test('of an operator tells which, and the record at work', async () => {
    const h = await started({ links: [pass, throwing(new Error('no such user'))], inputs: 1 });
    h.inputs[0]?.push(batchOf({ rows: [[{ id: 7 }, 0]] }));
    await h.settle();
    expect(h.told.at(-1)).toBe('FAILED no such user (user, operator 1, record {"id":7})');
    expect(h.inputs[0]?.isClosed).toBe(true);
    expect(h.chain.channels[0]?.isClosed).toBe(true);
  });

  test('in a source tells the record that it was reading', async () => {
    const h = await started({ links: [throwing('a string')], source: ['x'] });
    await h.settle();
    expect(h.told.at(-1)).toBe(
      'FAILED threw "a string", not an Error (user, operator 0, record "x")',
    );
  });

  test('of an assumption of ours is not the program’s', async () => {
    const h = await started({ links: [throwing(new AssertionError('ours'))], source: ['x'] });
    await h.settle();
    expect(h.told.at(-1)).toMatch(/^FAILED ours \(engine/);
  });

  test.each([
    ['initialize', { initialize: () => Promise.reject(new Error('early')) }],
    [
      'open',
      {
        open: () => {
          throw new Error('early');
        },
      },
    ],
  ])('in %s ends a task that never ran', async (_, more) => {
    const link: Link = { make: () => ({ processElement: () => undefined, ...more }) };
    const h = await started({ links: [link], source: ['x'] });
    await h.settle();
    expect(h.told).toHaveLength(1);
    expect(h.row).toMatch(/^FAILED early/);
  });

  test('in close ends a task all the same: as failed where it had done its work', async () => {
    const link: Link = {
      make: () => ({
        processElement: () => undefined,
        close: () => {
          throw new Error('in close');
        },
      }),
    };
    const finishing = await (await started({ links: [pass, link], source: ['x'] })).settle();
    expect(finishing.told.at(-1)).toMatch(/^FAILED in close \(user, operator 1/);
    const cancelled = await started({ links: [link], source: ['wait'] });
    cancelled.task.cancel();
    expect(cancelled.row).toBe('running, CANCELED');
    const failing = await started({ links: [link], source: ['wait'] });
    failing.task.fail(new Error('first'));
    expect(failing.told.at(-1)).toMatch(/^FAILED first/);
  });

  test('is told once, and nothing after it', async () => {
    const h = await started({ links: [pass], source: ['wait', 'a'] });
    h.task.fail(new Error('one'));
    h.task.fail(new Error('two'));
    h.task.cancel();
    h.task.triggerCheckpoint(barrier(1));
    h.task.onCheckpointComplete(1);
    await h.settle();
    expect(h.told).toHaveLength(2);
    expect([h.task.isEnded, h.task.turn()]).toEqual([true, false]);
  });
});

describe('a cancelled task', () => {
  const held: Link = {
    make: (emit) => ({ processElement: (v) => emit.emit(v), prepareBarrier: () => never }),
  };
  const slowEnd: Link = {
    make: (emit) => ({ processElement: (v) => emit.emit(v), endInput: () => never }),
  };

  test.each<[string, TaskSetup, (h: TaskHarness) => void, string]>([
    ['while it runs', { links: [pass], inputs: 1 }, () => undefined, 'running'],
    [
      'in the middle of an element',
      { links: [inHalves({ isOpen: false })], source: ['a'] },
      () => undefined,
      'running',
    ],
    [
      'while a barrier is prepared',
      { links: [held], source: ['wait', 'wait', 'wait', 'wait', 'wait', 'wait'] },
      (h) => h.task.triggerCheckpoint(barrier(1)),
      'running',
    ],
    ['while its input ends', { links: [slowEnd], source: [] }, () => undefined, 'running'],
    [
      'while it waits for its last checkpoint',
      { links: [pass], source: [], isCheckpointed: true },
      () => undefined,
      'running, data ended',
    ],
    [
      'while its last rows have not left',
      { links: [pass], source: [] },
      (h) => {
        h.chain.credit = 2;
      },
      'running, data ended',
    ],
  ])('%s ends at once, and its channels are closed', async (_, setup, bring, told) => {
    const h = await started(setup);
    bring(h);
    await h.settle();
    expect(h.row).toBe(told);
    h.task.cancel();
    h.task.cancel();
    expect(h.row).toBe(`${told}, CANCELED`);
    await h.settle();
    expect(h.row).toBe(`${told}, CANCELED`);
    if (told === 'running') expect(h.chain.channels[0]?.isClosed).toBe(true);
  });

  test('while it is initialized never runs', async () => {
    const ready = Promise.withResolvers<void>();
    const opened: string[] = [];
    const link: Link = {
      make: () => ({
        processElement: () => undefined,
        initialize: () => ready.promise,
        open: () => void opened.push('opened'),
      }),
    };
    const h = new TaskHarness({ links: [link], source: ['x'] });
    const starting = h.task.start();
    h.task.cancel();
    ready.resolve();
    await starting;
    expect([h.row, opened]).toEqual(['CANCELED', []]);
  });
});

describe('a task sleeps', () => {
  const timer: Link = {
    make: (emit) => ({
      processElement: (v) => {
        emit.wakeAt(0); // long past
        emit.emit(v);
      },
      onProcessingTime: () => true,
      prepareBarrier: () => never,
    }),
  };

  test('for ever when nothing is due', async () => {
    const h = await (await started({ links: [pass], source: ['wait'] })).settle();
    expect(h.task.nextDelayMs()).toBeLessThanOrEqual(Number.POSITIVE_INFINITY);
    const waiting = await (await started({ links: [pass], inputs: 1 })).settle();
    expect(waiting.task.nextDelayMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('while something takes time, whatever is due: that wakes it', async () => {
    const h = await started({ links: [timer], inputs: 1 });
    h.inputs[0]?.push(batchOf({ rows: [['a', 0]], barrier: barrier(1) }));
    h.task.turn();
    h.task.turn();
    h.clock.advance(1_000);
    expect(h.task.turn()).toBe(false);
    expect(h.task.nextDelayMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('after its data has ended, whatever timers are left', async () => {
    const late: Link = {
      make: (emit) => ({
        processElement: () => emit.wakeAt(Number.MAX_SAFE_INTEGER),
        onProcessingTime: () => true,
      }),
    };
    const h = await started({ links: [late], source: ['a'], isCheckpointed: true });
    await h.settle();
    expect(h.row).toBe('running, data ended');
    expect(h.task.nextDelayMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('without credit, whatever timers are due: the credit rings', async () => {
    const h = await started({ links: [timer], inputs: 1 });
    h.inputs[0]?.push(batchOf({ rows: [['a', 0]] }));
    h.task.turn();
    h.chain.credit = 0;
    expect(h.task.nextDelayMs()).toBe(Number.POSITIVE_INFINITY);
  });
});
