// What a heartbeat shows to be amiss, case by case of the table in reconciliation.ts.

import { describe, expect, test } from 'vitest';
import type { AttemptId } from '../../engine/core/ids.ts';
import type { TaskStanding } from '../../engine/runtime/jobmaster/job-master-gateway.ts';
import {
  type Repair,
  repairs,
  type ToldCheckpoints,
} from '../../engine/runtime/jobmaster/reconciliation.ts';
import { assignment, Job } from '../graph/execution-job.ts';

const NOTHING_TOLD: ToldCheckpoints = { triggered: [], complete: undefined, aborted: undefined };

const standing = (attemptId: AttemptId, more: Partial<TaskStanding> = {}): TaskStanding => ({
  attemptId,
  state: 'RUNNING',
  hasDataEnded: false,
  completedCheckpoint: 0,
  abortedCheckpoint: 0,
  triggeredCheckpoint: 0,
  events: 0,
  ...more,
});

const attempts = (job: Job): AttemptId[] => job.ids.map((_, i) => job.at(i).current.attemptId);

const repairsOf = (
  job: Job,
  standings: readonly TaskStanding[],
  told: ToldCheckpoints = NOTHING_TOLD,
): Repair[] => repairs(job.graph, told, assignment.taskManager, standings);

const all = (job: Job): TaskStanding[] => attempts(job).map((attemptId) => standing(attemptId));

test('a TaskManager that has what it should have needs no repair', () => {
  const job = new Job().running();
  expect(repairsOf(job, all(job))).toEqual([]);
});

describe('a task that is not there', () => {
  test('is deployed again when it was being deployed', () => {
    const job = new Job();
    job.graph.start(1);
    job.deployAll();
    expect(repairsOf(job, [])).toEqual(job.ids.map((id) => ({ kind: 'deploy', id })));
  });

  test('is cancelled when it was being cancelled, and lost when it ran', () => {
    const job = new Job().running();
    const [a, b, c] = all(job);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three tasks');
    expect(repairsOf(job, [b, c])).toEqual([{ kind: 'lost', id: job.ids[0] }]);
    job.graph.cancelJob(9);
    expect(repairsOf(job, []).map(({ kind }) => kind)).toEqual(Array(3).fill('canceled'));
  });

  test('is of no interest when it is another TaskManager’s', () => {
    const job = new Job().running();
    expect(repairs(job.graph, NOTHING_TOLD, 'tm-2' as never, [])).toEqual([]);
  });
});

describe('a task that is there', () => {
  test('and further than is known here, is as if it had just said so', () => {
    const job = new Job();
    job.graph.start(1);
    job.deployAll();
    const [first = '' as AttemptId, ...others] = attempts(job);
    const found = repairsOf(job, [
      standing(first, { hasDataEnded: true }),
      ...others.map((attemptId) => standing(attemptId, { state: 'DEPLOYING' })),
    ]);
    expect(found).toEqual([
      { kind: 'state', attemptId: first, state: 'RUNNING' },
      { kind: 'data-ended', attemptId: first },
    ]);
  });

  test('although it should not be, is cancelled again', () => {
    const job = new Job().running();
    job.graph.cancelJob(9);
    const stray = 'stray' as AttemptId;
    const kinds = repairsOf(job, [...all(job), standing(stray)]).map(({ kind }) => kind);
    expect(kinds).toEqual(Array(4).fill('cancel'));
  });

  test('and took part in a checkpoint of whose outcome it has not heard, is told again', () => {
    const job = new Job().running();
    const [first = '' as AttemptId] = attempts(job);
    const told = {
      triggered: [],
      complete: { checkpointId: 4, attempts: new Set([first]) },
      aborted: { checkpointId: 5, attempts: new Set([first]) },
    };
    expect(repairsOf(job, all(job), told)).toEqual([
      { kind: 'notify', attemptId: first, checkpointId: 4, outcome: 'complete' },
      { kind: 'notify', attemptId: first, checkpointId: 5, outcome: 'aborted' },
    ]);
    const heard = { completedCheckpoint: 4, abortedCheckpoint: 5 };
    const standings = attempts(job).map((attemptId) => standing(attemptId, heard));
    expect(repairsOf(job, standings, told)).toEqual([]);
  });

  test('and does not know of checkpoints that it is to begin, is triggered for them in their order', () => {
    const job = new Job().running();
    const [first = '' as AttemptId] = attempts(job);
    const began = new Set([first]);
    const told = {
      ...NOTHING_TOLD,
      triggered: [7, 8, 9].map((checkpointId) => ({ checkpointId, attempts: began })),
    };
    const standings = attempts(job).map((id) => standing(id, { triggeredCheckpoint: 7 }));
    expect(repairsOf(job, standings, told)).toEqual([
      { kind: 'trigger', attemptId: first, checkpointId: 8 },
      { kind: 'trigger', attemptId: first, checkpointId: 9 },
    ]);
  });
});
