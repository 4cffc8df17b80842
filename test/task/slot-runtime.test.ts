// What runs in a slot's thread: tasks of real programs, from the message that deploys them to their end.

import { describe, expect, onTestFinished, test } from 'vitest';
import { AssertionError } from '../../engine/core/assert.ts';
import type { TestProgram } from '../harness/test-jobs.ts';
import { turns, until } from '../harness/until.ts';
import { barrier } from '../network/batches.ts';
import { SlotHarness } from './slot-harness.ts';

function slot(program: TestProgram, configuration: Readonly<Record<string, string>> = {}) {
  const harness = new SlotHarness(program, configuration);
  onTestFinished(() => harness.runtime.close());
  return harness;
}

const counting: TestProgram = ({ env }) => {
  env
    .fromSequence(1, 5)
    .map((n) => n * 10)
    .keyBy((n) => n % 20)
    .reduce((a, b) => a + b)
    .print();
};

const endless: TestProgram = ({ env }) => {
  env
    .generate((i) => i)
    .filter((i) => i < 0)
    .print();
};

describe('a job in one slot', () => {
  test('runs to its end, chains exchanging batches by reference', async () => {
    const h = slot(counting).deploy();
    expect(h.deployments).toHaveLength(2);
    expect([await h.end(0), await h.end(1)]).toMatchObject([
      { state: 'FINISHED' },
      { state: 'FINISHED' },
    ]);
    expect(h.printed).toEqual(['10', '20', '40', '60', '90']);
    expect(h.kinds(1)).toEqual(['INITIALIZING', 'RUNNING', 'data-ended', 'ended']);
  });

  test('runs whichever task is deployed first, however late the other', async () => {
    for (const [first, second] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const h = slot(counting).deploy(first);
      await turns();
      h.deploy(second);
      await h.end(1);
      expect(h.printed).toHaveLength(5);
    }
  });

  test('a checkpoint is acknowledged by every task, and its state is small enough to travel along', async () => {
    const h = slot(endless, { 'execution.checkpointing.interval': '1 h' }).deploy();
    await until(() => h.kinds().includes('RUNNING'), 'running');
    const [attemptId] = h.attempts as [(typeof h.attempts)[0]];
    h.runtime.onMessage({ kind: 'trigger', attemptId, barrier: barrier(1) });
    await until(() => h.kinds().includes('acknowledge'), 'acknowledged');
    const message = h.posted.find(({ kind }) => kind === 'acknowledge');
    expect(message).toMatchObject({
      ack: { checkpointId: 1, isFinished: false, handle: { kind: 'inline' } },
    });
  });

  test('larger state goes to a file of its own, durable before it is acknowledged', async () => {
    const h = slot(endless, { 'state.storage.fs.memory-threshold': '1 b' }).deploy();
    await h.files.makeDirectory('/checkpoints/chk-1');
    await until(() => h.kinds().includes('RUNNING'), 'running');
    const [attemptId] = h.attempts as [(typeof h.attempts)[0]];
    h.runtime.onMessage({ kind: 'trigger', attemptId, barrier: barrier(1) });
    await until(() => h.kinds().includes('acknowledge'), 'acknowledged');
    expect(h.files.operations.slice(-2).map((text) => text.split(' ')[0])).toEqual([
      'writeFile',
      'syncDirectory',
    ]);
    h.files.losePower();
    expect(h.files.paths).toHaveLength(1);
  });

  test('state that cannot be written declines the checkpoint as a fault; the task goes on', async () => {
    const h = slot(endless, { 'state.storage.fs.memory-threshold': '1 b' }).deploy();
    await until(() => h.kinds().includes('RUNNING'), 'running');
    const [attemptId] = h.attempts as [(typeof h.attempts)[0]];
    h.runtime.onMessage({ kind: 'trigger', attemptId, barrier: barrier(1) });
    await until(() => h.kinds().includes('decline'), 'declined');
    expect(h.posted.at(-1)).toMatchObject({ decline: { checkpointId: 1, isFault: true } });
    expect(h.kinds()).not.toContain('ended');
  });
});

describe('a failure', () => {
  test('of the program names operator and record', async () => {
    const h = slot(({ env }) => {
      env
        .fromSequence(1, 5)
        .map((n) => {
          if (n === 3) throw new Error('no 3');
          return n;
        })
        .name('picky')
        .print();
    }).deploy();
    expect(await h.end()).toMatchObject({
      state: 'FAILED',
      failure: { error: { message: 'no 3' }, cause: 'user', operator: 'picky', record: '3' },
    });
  });

  test('of a record that cannot leave the slot names it, and the operator that emitted it', async () => {
    const h = slot(({ env }) => {
      env
        .fromSequence(1, 3)
        .map((n) => ({ n, f: () => n }))
        .name('odd')
        .rebalance()
        .map((v) => v.n)
        .print();
    });
    // Both ends in one slot, where nothing is serialised.
    h.deploy();
    expect(await h.end()).toMatchObject({
      state: 'FAILED',
      failure: {
        error: {
          message:
            'a function (f) at .f cannot be stored or sent: the record {"n":1,"f":"[function f]"}',
        },
        operator: 'odd',
      },
    });
  });

  test('while the program is loaded ends the task early, as the program’s or ours', async () => {
    for (const [error, cause] of [
      [new Error('builds a different job'), 'user'],
      [new AssertionError('ours'), 'engine'],
    ] as const) {
      const h = slot(endless);
      h.load = () => Promise.reject(error);
      h.deploy();
      expect(await h.end()).toMatchObject({
        state: 'FAILED',
        failure: { error: { message: error.message }, cause },
      });
    }
  });

  test('of something that no call of ours made fails every task of the slot', async () => {
    const h = slot(endless).deploy();
    await until(() => h.kinds().includes('RUNNING'), 'running');
    h.runtime.failAll(new Error('a promise that nobody awaited'));
    expect(await h.end()).toMatchObject({
      failure: { error: { message: 'a promise that nobody awaited' } },
    });
  });
});

describe('a cancelled task', () => {
  test('ends at whatever moment it is told', async () => {
    for (const wait of [0, 1, 2, 3, 5, 10, 30]) {
      const h = slot(endless).deploy();
      await turns(wait);
      const [attemptId] = h.attempts as [(typeof h.attempts)[0]];
      h.runtime.onMessage({ kind: 'cancel', attemptId });
      expect(await h.end()).toEqual({ state: 'CANCELED' });
      await turns();
      h.runtime.onMessage({ kind: 'cancel', attemptId });
      h.runtime.onMessage({ kind: 'checkpoint-complete', attemptId, checkpointId: 1 });
      expect(h.kinds().filter((kind) => kind === 'ended')).toHaveLength(1);
      expect(h.kinds().at(-1)).toBe('ended');
    }
  });

  test('while its program is loaded never runs, nor says that it failed', async () => {
    const loading = Promise.withResolvers<never>();
    const h = slot(endless);
    h.load = () => loading.promise;
    h.deploy();
    const [attemptId] = h.attempts as [(typeof h.attempts)[0]];
    h.runtime.onMessage({ kind: 'cancel', attemptId });
    loading.reject(new Error('too late'));
    await turns();
    expect(h.kinds()).toEqual(['INITIALIZING', 'ended']);
  });
});

test('programs are evaluated one after another', async () => {
  const h = slot(counting);
  const loads: PromiseWithResolvers<never>[] = [];
  h.load = () => {
    const load = Promise.withResolvers<never>();
    loads.push(load);
    return load.promise;
  };
  h.deploy();
  await turns();
  expect(loads).toHaveLength(1);
  loads[0]?.reject(new Error('first'));
  await until(() => loads.length === 2, 'the second');
  loads[1]?.reject(new Error('second'));
  await h.end(1);
});

test('rows of a collect sink are asked for in its slot, and handed over when it has finished', async () => {
  const h = new SlotHarness(({ env }) => {
    env.fromSequence(1, 3).collect('rows');
  });
  onTestFinished(() => h.runtime.close());
  const attached = h.deployments.map((d) => ({ ...d, program: { ...d.program, attached: true } }));
  (h as { deployments: unknown }).deployments = attached;
  h.deploy();
  const end = await h.end();
  expect(end).toMatchObject({ state: 'FINISHED', results: [{ rows: ['1', '2', '3'] }] });
});
