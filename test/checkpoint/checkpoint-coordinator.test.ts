// When checkpoints begin, what they wait for, and what follows: events in, effects out.

import { describe, expect, test } from 'vitest';
import type { AttemptId, VertexId } from '../../engine/core/ids.ts';
import { PLAN, Story, TIMING, tell } from './coordinator-story.ts';

test('a checkpoint is prepared, triggered, acknowledged by all, stored, and then told', () => {
  const story = new Story().start();
  expect(story.at(99)).toEqual([]);
  expect(story.at(100)).toEqual(['prepare 1']);
  expect(story.prepared(1)).toEqual(['trigger 1 at a0+a1']);
  expect(story.acknowledge(1, 'a0', 'b0')).toEqual([]);
  expect(story.acknowledge(1, 'a1')).toEqual(['store 1']);
  expect(story.stored(1)).toEqual(['complete 1', 'answer 1: done']);
});

test('what was acknowledged is stored with the plan and what lives beside the JobMaster', () => {
  const story = new Story().start();
  story.at(100);
  story.prepared(1);
  story.coordinator.setCoordinators(1, [['op' as never, { position: 7 }]]);
  story.acknowledge(1, 'a0', 'a1');
  const [effect] = story.coordinator.onAcknowledge(
    'b0' as AttemptId,
    {
      checkpointId: 1,
      handle: { kind: 'inline', bytes: Uint8Array.of(1) },
      isFinished: true,
      hasSharedLists: true,
      timing: { ...TIMING, stateBytes: 1 },
    },
    story.now,
  );
  expect(effect).toMatchObject({
    checkpoint: { checkpointId: 1, kind: 'checkpoint', triggerMs: 1_000_100, plan: PLAN },
  });
  const checkpoint = effect?.kind === 'store' ? effect.checkpoint : undefined;
  expect(checkpoint?.coordinators).toEqual([['op', { position: 7 }]]);
  expect(checkpoint?.subtasks.get('b0' as AttemptId)).toMatchObject({ isFinished: true });
});

describe('periodic checkpoints', () => {
  test('begin an interval after the last began, never before all tasks run', () => {
    const story = new Story();
    expect([story.at(500), story.coordinator.nextTimeMs()]).toEqual([[], Infinity]);
    story.start();
    expect(story.coordinator.nextTimeMs()).toBe(600);
    story.plan = undefined;
    expect(story.at(600)).toEqual([]);
    expect(story.coordinator.nextTimeMs()).toBe(700);
    story.plan = PLAN;
    expect(story.at(700)).toEqual(['prepare 1']);
    story.ms = 730;
    story.complete(1);
    expect(story.at(799)).toEqual([]);
    expect(story.at(800)).toEqual(['prepare 2']);
  });

  test('none is taken without an interval', () => {
    const story = new Story({ intervalMs: undefined }).start();
    expect([story.at(1e9), story.coordinator.nextTimeMs()]).toEqual([[], Infinity]);
  });

  test('one that takes longer than the interval is followed at once by the next', () => {
    const story = new Story().start();
    story.at(100);
    expect(story.at(350)).toEqual([]);
    story.complete(1);
    expect(story.coordinator.nextTimeMs()).toBeLessThanOrEqual(350);
    expect(story.at(350)).toEqual(['prepare 2']);
    expect(story.at(449)).toEqual([]);
  });

  test('the next waits for the pause after the end of the last', () => {
    const story = new Story({ minPauseMs: 500 }).start();
    story.at(100);
    story.ms = 300;
    story.complete(1);
    expect(story.coordinator.nextTimeMs()).toBe(800);
    expect(story.at(799)).toEqual([]);
    expect(story.at(800)).toEqual(['prepare 2']);
  });

  test('as many run at once as may', () => {
    const story = new Story({ concurrentMax: 2 }).start();
    expect([story.at(100), story.at(200), story.at(300)]).toEqual([
      ['prepare 1'],
      ['prepare 2'],
      [],
    ]);
    story.complete(1);
    expect(story.at(300)).toEqual(['prepare 3']);
  });

  test('after a restart the interval goes on, and what came before the restart is committed soon', () => {
    const story = new Story({ intervalMs: 1_000 }).start();
    story.at(1_000);
    story.complete(1);
    const restartedAt = (ms: number): number => {
      story.ms = ms;
      story.coordinator.stop('The job has failed.', story.now);
      story.start();
      return story.coordinator.nextTimeMs();
    };
    expect([1_500, 1_950, 2_500].map(restartedAt)).toEqual([2_000, 2_050, 2_600]);
    expect(story.at(2_600)).toEqual(['prepare 2']);
    // It commits nothing: the time of the one before counts.
    expect(restartedAt(2_700)).toBe(2_800);
  });

  test('a job that has committed nothing waits for a whole interval', () => {
    const story = new Story({ intervalMs: 1_000 }).start();
    story.ms = 900;
    story.coordinator.stop('The job has failed.', story.now);
    story.start();
    expect(story.coordinator.nextTimeMs()).toBe(1_900);
  });

  test('that all tasks run, said again, does not put the next one off', () => {
    const story = new Story().start();
    story.ms = 90;
    story.start();
    expect(story.at(100)).toEqual(['prepare 1']);
  });
});

describe('the checkpoint that is owed to the end of the data', () => {
  const owing = (settings: ConstructorParameters<typeof Story>[0] = {}): Story => {
    const story = new Story({ intervalMs: 10_000, timeoutMs: 60_000, ...settings }).start();
    story.ms = 100;
    story.coordinator.oweLast(story.now);
    return story;
  };

  test('is begun at once, once', () => {
    const story = owing({ minPauseMs: 5_000 });
    expect(story.coordinator.nextTimeMs()).toBe(100);
    expect(story.at(100)).toEqual(['prepare 1']);
    expect(story.at(9_000)).toEqual([]);
    story.complete(1);
    expect(story.coordinator.nextTimeMs()).toBeGreaterThan(10_000);
  });

  test('is begun beside one that does not cover it', () => {
    const story = new Story().start();
    story.at(100);
    story.coordinator.oweLast(story.now);
    expect(story.at(100)).toEqual(['prepare 2']);
    story.complete(1);
    expect(story.at(190)).toEqual([]);
  });

  test('is begun again when it has come to nothing', () => {
    const story = owing({ tolerableFailures: 9 });
    story.at(100);
    story.prepared(1);
    story.decline(1, 'a0');
    expect(story.at(299)).toEqual([]);
    expect(story.at(300)).toEqual(['prepare 2']);
    story.complete(2);
    expect(story.at(9_000)).toEqual([]);
  });

  test('is begun as soon as all tasks run', () => {
    const story = owing();
    story.plan = undefined;
    expect(story.at(100)).toEqual([]);
    story.plan = PLAN;
    story.ms = 150;
    story.start();
    expect(story.at(150)).toEqual(['prepare 1']);
  });

  test('is not begun beside the savepoint that the job ends with, but when that fails', () => {
    const story = new Story({ intervalMs: 10_000, timeoutMs: 60_000 }).start();
    story.trigger('stop');
    story.coordinator.oweLast(story.now);
    expect(story.at(500)).toEqual([]);
    story.prepared(1);
    story.decline(1, 'a0');
    expect(story.at(500)).toEqual(['prepare 2']);
  });

  test('is not paid with a savepoint, which commits nothing', () => {
    const story = owing();
    story.trigger('savepoint');
    story.complete(1);
    expect(story.at(100)).toEqual(['prepare 2']);
  });

  test('is owed no more when tasks begin anew', () => {
    const story = owing();
    story.coordinator.stop('The job has failed.', story.now);
    story.start();
    expect(story.at(9_000)).toEqual([]);
  });

  test('nobody waits for it where no checkpoints are taken', () => {
    expect(owing({ intervalMs: undefined }).coordinator.nextTimeMs()).toBe(Infinity);
  });
});

describe('a later checkpoint that completes first', () => {
  test('subsumes the earlier ones, whatever they wait for', () => {
    const story = new Story({ concurrentMax: 3 }).start();
    for (const ms of [100, 200, 300]) story.at(ms);
    story.acknowledgeAll(1);
    story.prepared(2);
    expect(story.complete(3)).toEqual([
      ...['aborted 1', 'discard 1', 'answer 1: Checkpoint has been subsumed.'],
      ...['aborted 2', 'discard 2', 'answer 2: Checkpoint has been subsumed.'],
      ...['complete 3', 'answer 3: done'],
    ]);
    expect(story.stored(1)).toEqual([]);
    expect(story.acknowledge(2, 'a0', 'a1', 'b0')).toEqual([]);
  });

  test('leaves those after it alone', () => {
    const story = new Story({ concurrentMax: 2 }).start();
    story.at(100);
    story.at(200);
    story.complete(1);
    expect(story.complete(2)).toEqual(['complete 2', 'answer 2: done']);
  });
});

describe('a checkpoint fails', () => {
  const EXPIRED = 'Checkpoint expired before completing.';

  test('when its time is up, wherever it stands', () => {
    for (const reach of ['preparing', 'waiting', 'storing']) {
      const story = new Story({ tolerableFailures: 9 }).start();
      story.at(100);
      if (reach !== 'preparing') story.prepared(1);
      if (reach === 'storing') story.acknowledge(1, 'a0', 'a1', 'b0');
      expect(story.at(1_099)).toEqual([]);
      const late = [`aborted 1`, 'discard 1', `answer 1: ${EXPIRED}`];
      expect(story.at(1_100)).toEqual([...late, 'prepare 2']);
      expect([story.prepared(1), story.stored(1)]).toEqual([[], []]);
    }
  });

  test('when a task declines, and says why', () => {
    const story = new Story({ tolerableFailures: 1 }).start();
    story.at(100);
    story.prepared(1);
    expect(story.decline(1, 'b0')).toEqual([
      'aborted 1',
      'discard 1',
      'answer 1: Checkpoint was declined. no room',
    ]);
    expect([story.decline(1, 'a0'), story.acknowledge(1, 'a0')]).toEqual([[], []]);
  });

  test('when it cannot be prepared or stored', () => {
    const story = new Story({ tolerableFailures: 1 }).start();
    story.at(100);
    const failed = (id: number): string[] =>
      story.coordinator
        .onFailed(id, 'The checkpoint could not be stored.', 'ENOSPC', story.now)
        .map(tell);
    expect(failed(1)).toContain('answer 1: The checkpoint could not be stored. ENOSPC');
    story.at(200);
    story.acknowledgeAll(2);
    expect(failed(2)).toContain('discard 2');
    expect([failed(2), story.stored(2)]).toEqual([[], []]);
  });

  test('only by a task that takes part', () => {
    const story = new Story().start();
    story.at(100);
    story.prepared(1);
    expect(story.decline(1, 'c0')).toEqual([]);
    expect(story.acknowledge(1, 'c0', 'a0', 'a0', 'a0', 'a1')).toEqual([]);
    expect(story.acknowledge(1, 'b0')).toEqual(['store 1']);
  });

  test('more failures in a row than are tolerable fail the job; one success forgives', () => {
    const story = new Story({ tolerableFailures: 2 }).start();
    const failNext = (): string | undefined => {
      const [prepare] = story.at(story.ms + 100);
      const id = Number(prepare?.slice('prepare '.length));
      story.prepared(id);
      return story.decline(id, 'a0').find((text) => text.startsWith('fail job'));
    };
    expect([failNext(), failNext()]).toEqual([undefined, undefined]);
    story.at(story.ms + 100);
    story.complete(3);
    expect([failNext(), failNext()]).toEqual([undefined, undefined]);
    expect(failNext()).toBe(
      'fail job: checkpoint 6 failed: no room (3 in a row, execution.checkpointing.tolerable-failed-checkpoints is 2)',
    );
  });

  test('a decline that is nobody’s fault does not count', () => {
    const story = new Story().start();
    story.at(100);
    story.prepared(1);
    expect(story.decline(1, 'a0', false)).toEqual([
      'aborted 1',
      'discard 1',
      'answer 1: Checkpoint was declined. no room',
    ]);
  });
});

describe('a savepoint', () => {
  test('is taken at once, beside a checkpoint, and commits nothing', () => {
    const story = new Story({ minPauseMs: 1_000 }).start();
    story.at(100);
    expect(story.trigger('savepoint')).toEqual(['prepare 2']);
    expect(story.complete(2)).toEqual(['answer 2: done']);
    expect(story.complete(1)).toEqual(['complete 1', 'answer 1: done']);
  });

  test('that fails fails nothing else', () => {
    const story = new Story().start();
    story.trigger('savepoint');
    story.prepared(1);
    expect(story.decline(1, 'a0')).not.toContainEqual(expect.stringContaining('fail job'));
  });

  test('is not subsumed by a later checkpoint', () => {
    const story = new Story({ concurrentMax: 2 }).start();
    story.trigger('savepoint');
    story.at(100);
    expect(story.complete(2)).toEqual(['complete 2', 'answer 2: done']);
    expect(story.complete(1)).toEqual(['answer 1: done']);
  });
});

describe('a savepoint that the job ends with', () => {
  test('commits, and nothing is taken beside it or behind it', () => {
    const story = new Story({ concurrentMax: 2 }).start();
    story.trigger('drain');
    story.coordinator.oweLast(story.now);
    expect(story.at(100)).toEqual([]);
    expect(story.complete(1)).toEqual(['complete 1', 'answer 1: done']);
    expect(story.start().at(300)).toEqual([]);
  });

  test('that fails leaves the job to go on with its checkpoints', () => {
    const story = new Story().start();
    story.trigger('stop');
    story.prepared(1);
    story.decline(1, 'a0');
    expect(story.at(100)).toEqual(['prepare 2']);
  });
});

describe('when tasks fail', () => {
  test('all that is in progress is given up, and none begins until all run again', () => {
    const story = new Story({ concurrentMax: 2 }).start();
    story.at(100);
    story.at(200);
    story.acknowledgeAll(1);
    const failed = story.coordinator.stop('The job has failed.', story.now).map(tell);
    expect(failed.filter((text) => text.startsWith('answer'))).toEqual([
      'answer 1: The job has failed.',
      'answer 2: The job has failed.',
    ]);
    // Its metadata may be durable by now: nobody was told, nobody will be.
    expect(story.stored(1)).toEqual([]);
    expect([story.at(1_000), story.coordinator.nextTimeMs()]).toEqual([[], Infinity]);
    story.start();
    expect(story.at(1_100)).toEqual(['prepare 3']);
  });

  test('giving up does not count as a failure of the checkpoint', () => {
    const story = new Story().start();
    story.at(100);
    const effects = story.coordinator.stop('The job has failed.', story.now).map(tell);
    expect(effects).not.toContainEqual(expect.stringContaining('fail job'));
  });
});

describe('a task that ends', () => {
  test('before it has acknowledged ends the checkpoint: it would be waited for in vain', () => {
    const story = new Story().start();
    story.at(100);
    story.prepared(1);
    story.acknowledge(1, 'a0');
    const end = (attempt: string): string[] =>
      story.coordinator.onTaskEnded(attempt as AttemptId, story.now).map(tell);
    expect(end('a0')).toEqual([]);
    expect(end('a1')).toEqual([
      'aborted 1',
      'discard 1',
      'answer 1: Checkpoint was declined. A task has ended before its barrier.',
    ]);
  });

  test('after all have acknowledged changes nothing', () => {
    const story = new Story().start();
    story.at(100);
    story.acknowledgeAll(1);
    expect(story.coordinator.onTaskEnded('b0' as AttemptId, story.now)).toEqual([]);
    expect(story.stored(1)).toEqual(['complete 1', 'answer 1: done']);
  });
});

test('the history tells of every checkpoint, newest first, and forgets the oldest', () => {
  const story = new Story({ rememberedMax: 2, tolerableFailures: 9 }).start();
  story.at(100);
  story.complete(1);
  story.at(200);
  story.prepared(2);
  story.acknowledge(2, 'b0');
  story.decline(2, 'a0');
  story.at(300);
  const { history, counts } = story.coordinator.history;
  expect(history.map(({ id, status }) => [id, status])).toEqual([
    [3, 'IN_PROGRESS'],
    [2, 'FAILED'],
  ]);
  expect(counts).toEqual({ restored: 0, completed: 1, failed: 1, inProgress: 1 });
  expect(history[1]).toMatchObject({
    failure: 'Checkpoint was declined. no room',
    acknowledged: 1,
    subtasks: 3,
    stateBytes: 10,
    checkpointedBytes: 10,
    latestAckMs: 1_000_200,
  });
  expect(history[1]?.vertices.get('b' as VertexId)).toEqual([{ ...TIMING, ackMs: 1_000_200 }]);
  expect(history[1]?.vertices.get('a' as VertexId)).toEqual([undefined, undefined]);
});
