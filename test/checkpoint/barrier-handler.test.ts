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

/** `b0:3`: barrier of checkpoint 3 on channel 0; `c0:3`: a cancelled one; `e1`: the end of channel 1; `a3`: aborted. */
function step(handler: BarrierHandler, text: string): BarrierEffect[] {
  const [, kind, first, second] = /^([bcea])(\d+)(?::(\d+))?$/.exec(text) as unknown as string[];
  const [channel, id] = [Number(first), Number(second)];
  switch (kind) {
    case 'b':
      return handler.onBarrier(channel, barrier(id), 7);
    case 'c':
      return handler.onBarrier(channel, barrier(id, true), 7);
    case 'e':
      return handler.onEnd(channel);
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

/** What each step brings about. */
function run(mode: 'aligned' | 'at-least-once', channels: number, steps: string): string[] {
  const handler = new BarrierHandler(channels, mode);
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
