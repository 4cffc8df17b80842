// The coordinator of a source: what its enumerator hands out is in a checkpoint once, on one side or the other.

import { expect, test } from 'vitest';
import type { SourceSplit, SplitEnumerator } from '../../engine/connectors/source.ts';
import type { ToReader } from '../../engine/connectors/source-events.ts';
import type { OperatorId } from '../../engine/core/ids.ts';
import { silentLogger } from '../../engine/core/logger.ts';
import { SourceCoordinator } from '../../engine/runtime/jobmaster/source-coordinator.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { MemoryFiles } from '../harness/memory-files.ts';

interface Story {
  readonly coordinator: SourceCoordinator;
  /** What the enumerator was told, and what readers were. */
  readonly told: string[];
  readonly failures: unknown[];
}

const ids = (splits: readonly SourceSplit[]): string => splits.map(({ id }) => id).join(' ');

const shown = (event: ToReader): string =>
  event.kind === 'add-splits' ? `splits ${ids(event.splits)}` : event.kind;

/** An enumerator that gives `a`, `b`, `c`, … one by one as they are asked for, and forgets nothing. */
function story(answer?: (subtask: number) => void): Story {
  const told: string[] = [];
  const failures: unknown[] = [];
  const coordinator = new SourceCoordinator(
    {
      operatorId: 'source' as OperatorId,
      parallelism: 2,
      baseDirectory: '/',
      create(context, restored): SplitEnumerator<SourceSplit> {
        let next = (restored as number | undefined) ?? 0;
        return {
          start: () => void told.push(`start at ${next}`),
          addReader: (subtask) => void told.push(`reader ${subtask}`),
          onSplitRequest(subtask) {
            answer?.(subtask);
            context.assign(subtask, [{ id: 'abcdef'.charAt(next++) }]);
          },
          addSplitsBack: (splits, subtask) =>
            void told.push(`back from ${subtask}: ${ids(splits)}`),
          snapshot: () => next,
          close: () => void told.push('close'),
        };
      },
    },
    {
      clock: new FakeClock(),
      log: silentLogger,
      fileSystem: new MemoryFiles(),
      send: (subtask, event) => void told.push(`to ${subtask}: ${shown(event)}`),
      fail: (error) => void failures.push(error),
    },
  );
  coordinator.start(undefined);
  return { coordinator, told, failures };
}

const request = { kind: 'request-split' };

test('a reader that begins anew gives back what no completed checkpoint covers', () => {
  const { coordinator, told } = story();
  coordinator.onEvent(0, request);
  coordinator.snapshot(1);
  coordinator.onEvent(0, request);
  coordinator.onEvent(1, request);
  coordinator.onCheckpointComplete(1);
  coordinator.onSubtaskReset(0);
  expect(told.at(-1)).toBe('back from 0: b');
});

test('a split handed out before a checkpoint that failed is given back as well', () => {
  const { coordinator, told } = story();
  coordinator.onEvent(0, request);
  coordinator.snapshot(1);
  coordinator.onSubtaskReset(0);
  expect(told.at(-1)).toBe('back from 0: a');
});

test('an enumerator hears of a reader that begins anew also when that had nothing', () => {
  const { coordinator, told } = story();
  coordinator.onSubtaskReset(1);
  expect(told.at(-1)).toBe('back from 1: ');
});

test('an enumerator begins anew from the snapshot of a checkpoint, and the one before is closed', () => {
  const { coordinator, told } = story();
  coordinator.onEvent(0, request);
  const position = coordinator.snapshot(1);
  coordinator.onEvent(0, request);
  coordinator.start(position);
  coordinator.onEvent(1, request);
  expect(told).toEqual([
    'start at 0',
    'to 0: splits a',
    'to 0: splits b',
    'close',
    'start at 1',
    'to 1: splits b',
  ]);
});

test('what an enumerator throws fails the job, and the coordinator stays', () => {
  const { coordinator, failures, told } = story((subtask) => {
    if (subtask === 1) throw new Error('no more for this one');
  });
  coordinator.onEvent(1, request);
  expect(failures).toEqual([new Error('no more for this one')]);
  coordinator.onEvent(0, request);
  expect(told.at(-1)).toBe('to 0: splits a');
});

test('nothing comes of what a closed enumerator began', () => {
  const { coordinator, told } = story();
  coordinator.close();
  coordinator.onEvent(0, request);
  coordinator.onSubtaskReset(0);
  expect(told).toEqual(['start at 0', 'close']);
});
