// When a subtask may take its snapshot: the table of cases, and what holds in all of them.

import { describe, expect, test } from 'vitest';
import { type BarrierEffect, BarrierHandler } from '../../engine/checkpoint/barrier-handler.ts';
import type { Barrier } from '../../engine/core/barrier.ts';

const barrier = (checkpointId: number, isCancelled = false): Barrier => ({
  checkpointId,
  timestampMs: 0,
  kind: 'checkpoint',
  isCancelled,
});

/**
 * `b0:3`: barrier of checkpoint 3 on channel 0; `c0:3`: a cancelled one; `e1`: the end of channel 1; `a3`: aborted.
 * Of one that overtakes after 5 ms: `n3`: announced at 7 ms; `o0:3`: its barrier; `r0:3`: reached ahead; `t12`: 12 ms.
 */
function step(handler: BarrierHandler, text: string): BarrierEffect[] {
  const [, kind, first, second] = /^([bceanort])(\d+)(?::(\d+))?$/.exec(
    text,
  ) as unknown as string[];
  const [channel, id] = [Number(first), Number(second)];
  switch (kind) {
    case 'b':
      return handler.onBarrier(channel, barrier(id), 7);
    case 'c':
      return handler.onBarrier(channel, barrier(id, true), 7);
    case 'e':
      return handler.onEnd(channel);
    case 'n':
      return handler.onAnnounced(overtaking(channel), 7);
    case 'o':
      return handler.onBarrier(channel, overtaking(id), 7);
    case 'r':
      return handler.onReached(channel, id);
    case 't':
      return handler.onTime(channel);
    default:
      return handler.onAborted(channel);
  }
}

function tell(effect: BarrierEffect): string {
  switch (effect.kind) {
    case 'block':
      return `block ${effect.channel}`;
    case 'unblock-all':
      return 'unblock';
    case 'checkpoint':
    case 'overtake':
    case 'arrived':
      return `${effect.kind} ${effect.barrier.checkpointId}`;
    case 'abort':
      return `abort ${effect.barrier.checkpointId} ${effect.reason}`;
  }
}

const overtaking = (checkpointId: number): Barrier => ({
  ...barrier(checkpointId),
  timestampMs: 7,
  overtakesAfterMs: 5,
});

/** What each step brings about. */
function run(
  mode: 'aligned' | 'at-least-once',
  channels: number,
  steps: string,
  ordered: readonly number[] = [],
): string[] {
  const handler = new BarrierHandler(channels, mode, ordered);
  return steps.split(' ').map((text) => step(handler, text).map(tell).join(', '));
}

describe('aligned', () => {
  test.each([
    [
      'one channel: at once',
      1,
      'b0:1 b0:2',
      ['block 0, unblock, checkpoint 1', 'block 0, unblock, checkpoint 2'],
    ],
    [
      'the last barrier completes, and all channels go on',
      3,
      'b1:1 b0:1 b2:1',
      ['block 1', 'block 0', 'block 2, unblock, checkpoint 1'],
    ],
    [
      'a newer barrier subsumes the alignment in progress',
      2,
      'b0:1 b1:2 b0:2',
      ['block 0', 'unblock, abort 1 subsumed, block 1', 'block 0, unblock, checkpoint 2'],
    ],
    [
      'a barrier of a subsumed checkpoint is late',
      2,
      'b0:1 b1:2 b0:2 b1:3',
      [
        'block 0',
        'unblock, abort 1 subsumed, block 1',
        'block 0, unblock, checkpoint 2',
        'block 1',
      ],
    ],
    [
      'a late barrier leaves the next alignment alone',
      2,
      'b0:1 a1 b0:2 b1:1 b1:2',
      ['block 0', 'unblock, abort 1 cancelled', 'block 0', '', 'block 1, unblock, checkpoint 2'],
    ],
    [
      'a cancelled barrier ends its alignment',
      2,
      'b0:1 c1:1',
      ['block 0', 'unblock, abort 1 cancelled'],
    ],
    [
      'a second cancelled barrier says nothing new',
      3,
      'b0:1 c1:1 c2:1',
      ['block 0', 'unblock, abort 1 cancelled', ''],
    ],
    [
      'a cancelled barrier first: those behind hear it, barriers after it are late',
      2,
      'c0:1 b1:1 b0:2 b1:2',
      ['abort 1 cancelled', '', 'block 0', 'block 1, unblock, checkpoint 2'],
    ],
    [
      'a newer cancelled barrier subsumes the alignment in progress',
      2,
      'b0:1 c1:2',
      ['block 0', 'unblock, abort 1 subsumed, abort 2 cancelled'],
    ],
    [
      'aborted by the coordinator before any barrier: its first barrier is turned away',
      2,
      'a1 b0:1 b1:1 b0:2',
      ['', 'abort 1 cancelled', '', 'block 0'],
    ],
    [
      'aborted by the coordinator, one of several: only that one',
      2,
      'a2 b0:1 b1:1 b0:2 b1:2',
      ['', 'block 0', 'block 1, unblock, checkpoint 1', 'abort 2 cancelled', ''],
    ],
    ['aborted when it is over: nothing', 1, 'b0:1 a1', ['block 0, unblock, checkpoint 1', '']],
    ['a channel that ends is not waited for', 2, 'b0:1 e1', ['block 0', 'unblock, checkpoint 1']],
    [
      'a channel that has ended is not waited for',
      2,
      'e1 b0:1 b0:2',
      ['', 'block 0, unblock, checkpoint 1', 'block 0, unblock, checkpoint 2'],
    ],
    [
      'a blocked channel that ends later does not complete alone',
      3,
      'b0:1 e1 b2:1',
      ['block 0', '', 'block 2, unblock, checkpoint 1'],
    ],
    ['all channels end', 2, 'e0 e1', ['', '']],
  ])('%s', (_, channels, steps, effects) => {
    expect(run('aligned', channels, steps)).toEqual(effects);
  });
});

describe('overtaking', () => {
  test.each([
    [
      'announced, it overtakes when its time is up, and is whole when it has arrived everywhere',
      2,
      'n1 t11 t12 r0:1 r1:1',
      ['', '', 'overtake 1', '', 'arrived 1'],
    ],
    [
      'where all barriers arrive in time it is aligned',
      2,
      'n1 o0:1 o1:1 t12',
      ['', 'block 0', 'block 1, unblock, checkpoint 1', ''],
    ],
    [
      'in the middle of an alignment: only the others are behind',
      3,
      'o0:1 t12 r1:1 r2:1',
      ['block 0', 'overtake 1', '', 'arrived 1'],
    ],
    [
      'its barriers are met again in their turn, and mean nothing then',
      2,
      'n1 t12 r0:1 o0:1 r1:1 o1:1',
      ['', 'overtake 1', '', '', 'arrived 1', ''],
    ],
    [
      'a channel that has ended is not behind',
      2,
      'e1 n1 t12 r0:1',
      ['', '', 'overtake 1', 'arrived 1'],
    ],
    ['announced when all have ended', 1, 'e0 n1', ['', 'unblock, checkpoint 1']],
    [
      'a newer one that is announced gives up all that is under way',
      2,
      'n1 t12 n2 t12 r0:1 r0:2 r1:2',
      ['', 'overtake 1', 'unblock, abort 1 subsumed', 'overtake 2', '', '', 'arrived 2'],
    ],
    [
      'given up by the coordinator, it is not waited for',
      2,
      'n1 t12 a1 r0:1 o0:1',
      ['', 'overtake 1', 'unblock, abort 1 cancelled', '', ''],
    ],
    ['given up before it was announced', 2, 'a1 n1 t12', ['', 'abort 1 cancelled', '']],
    [
      'an aligned one behind it goes on when it is given up',
      2,
      'o0:1 t12 b0:2 a1 b1:2',
      ['block 0', 'overtake 1', 'block 0', 'abort 1 cancelled', 'block 1, unblock, checkpoint 2'],
    ],
    ['told late, it is over', 2, 'b0:2 n1 t12', ['block 0', '', '']],
  ])('%s', (_, channels, steps, effects) => {
    expect(run('aligned', channels, steps)).toEqual(effects);
  });

  test('nothing is overtaken before the barrier has come on the channels that keep their order', () => {
    expect(run('aligned', 3, 'n1 t12 o0:1 t12 o2:1 t12 r1:1', [0, 2])).toEqual([
      ...['', '', 'block 0', '', 'block 2', 'overtake 1', 'arrived 1'],
    ]);
  });

  test('a clock that is behind that of the JobMaster does not put it off', () => {
    const handler = new BarrierHandler(2, 'aligned');
    handler.onAnnounced({ ...overtaking(1), timestampMs: 1e9 }, 7);
    expect(handler.nextTimeMs()).toBe(12);
  });
});

describe('at least once', () => {
  test.each([
    ['nothing blocks', 2, 'b0:1 b1:1', ['', 'checkpoint 1']],
    [
      'a later checkpoint begins while an earlier one is under way',
      2,
      'b0:1 b0:2 b1:1 b1:2',
      ['', '', 'checkpoint 1', 'checkpoint 2'],
    ],
    [
      'what a channel owes of an earlier checkpoint will not come',
      2,
      'b0:1 b1:2 b0:2',
      ['', 'abort 1 subsumed', 'checkpoint 2'],
    ],
    [
      'only those that the channel has not delivered are given up',
      3,
      'b0:1 b0:2 b1:1 b1:3',
      ['', '', '', 'abort 2 subsumed'],
    ],
    [
      'an end completes all that waited for it, in their order',
      2,
      'b0:1 b0:2 e1',
      ['', '', 'checkpoint 1, checkpoint 2'],
    ],
    [
      'a cancelled one ends alone',
      2,
      'b0:1 b0:2 b1:1 c1:2',
      ['', '', 'checkpoint 1', 'abort 2 cancelled'],
    ],
    [
      'aborted by the coordinator, one ends alone',
      2,
      'b0:1 b0:2 a1 b1:1 b1:2',
      ['', '', 'abort 1 cancelled', '', 'checkpoint 2'],
    ],
  ])('%s', (_, channels, steps, effects) => {
    expect(run('at-least-once', channels, steps)).toEqual(effects);
  });
});

test('the alignment began with its first barrier', () => {
  const handler = new BarrierHandler(2, 'aligned');
  handler.onBarrier(1, barrier(1), 100);
  expect(handler.onBarrier(0, barrier(1), 130).at(-1)).toMatchObject({ alignmentStartMs: 100 });
});

test('a barrier where none can be is a broken assumption of ours', () => {
  const handler = new BarrierHandler(2, 'aligned');
  handler.onEnd(0);
  expect(() => handler.onBarrier(0, barrier(1), 0)).toThrow('barrier 1 on ended channel 0');
  handler.onBarrier(1, barrier(2), 0);
  const twice = new BarrierHandler(2, 'aligned');
  twice.onBarrier(1, barrier(3), 0);
  expect(() => twice.onBarrier(1, barrier(3), 0)).toThrow('barrier 3 twice on channel 1');
});
