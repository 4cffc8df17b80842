import { describe, expect, test } from 'vitest';
import type { AttemptId } from '../../engine/core/ids.ts';
import type { ExecutionEffect } from '../../engine/graph/execution-effects.ts';
import { summarizeVertex, taskCounts, vertexCounts } from '../../engine/graph/execution-summary.ts';
import { assignment, error, Job } from './execution-job.ts';

const kinds = (effects: readonly ExecutionEffect[]): readonly string[] =>
  effects.map((effect) => (effect.kind === 'job-state' ? effect.state : effect.kind));

describe('a job that goes well', () => {
  test('runs its tasks and is finished with the last of them', () => {
    const job = new Job().running();
    expect(job.states).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
    job.report(0, 'FINISHED');
    job.report(1, 'FINISHED');
    expect(job.graph.state).toBe('RUNNING');
    expect(kinds(job.report(2, 'FINISHED'))).toEqual(['task-state', 'release-slot', 'FINISHED']);
  });

  test('knows when each task entered each state', () => {
    const job = new Job().running();
    job.report(0, 'FINISHED');
    const { timestamps } = job.at(0).current;
    expect(Object.keys(timestamps)).toEqual([
      'CREATED',
      'SCHEDULED',
      'DEPLOYING',
      'INITIALIZING',
      'RUNNING',
      'FINISHED',
    ]);
    const times = Object.values(timestamps);
    expect(times).toEqual(times.toSorted((x, y) => x - y));
  });
});

describe('reports that come late, doubled or out of order', () => {
  test('RUNNING without INITIALIZING counts for both', () => {
    const job = new Job();
    job.graph.start(++job.now);
    job.deployAll();
    const effects = job.report(0, 'RUNNING');
    expect(effects.map((e) => (e.kind === 'task-state' ? e.execution.state : e.kind))).toEqual([
      'INITIALIZING',
      'RUNNING',
    ]);
  });

  test('what is known already changes nothing', () => {
    const job = new Job().running();
    expect(job.report(0, 'RUNNING')).toEqual([]);
    expect(job.report(0, 'INITIALIZING')).toEqual([]);
  });

  test('a quick task may finish before it was heard to run', () => {
    const job = new Job();
    job.graph.start(++job.now);
    job.deployAll();
    expect(kinds(job.report(0, 'FINISHED'))).toEqual(['task-state', 'release-slot']);
    expect(job.report(0, 'RUNNING')).toEqual([
      { kind: 'drop-task', attemptId: job.at(0).current.attemptId },
    ]);
  });

  test('a task that is to be cancelled and is heard to run is told again', () => {
    const job = new Job();
    job.graph.start(++job.now);
    job.deployAll();
    job.graph.cancelJob(++job.now);
    expect(kinds(job.report(0, 'INITIALIZING'))).toEqual(['cancel-task']);
  });

  test('a task that ended before the order to cancel came is CANCELED', () => {
    const job = new Job().running();
    job.graph.cancelJob(++job.now);
    job.report(0, 'FINISHED');
    expect(job.at(0).current.state).toBe('CANCELED');
  });

  test('an attempt that nobody knows is to be dropped, once it ended there is nothing to drop', () => {
    const job = new Job().running();
    const attemptId = 'f'.repeat(32) as AttemptId;
    expect(kinds(job.graph.onTaskState({ attemptId, state: 'RUNNING' }, ++job.now))).toEqual([
      'drop-task',
    ]);
    expect(job.graph.onTaskState({ attemptId, state: 'CANCELED' }, ++job.now)).toEqual([]);
  });

  test('a word on an attempt that was never deployed is a mistake', () => {
    const job = new Job();
    expect(() => job.report(0, 'RUNNING')).toThrow('a report of a task that is CREATED');
  });

  test('a word on an earlier attempt does not touch the current one', () => {
    const job = new Job().running();
    const { attemptId } = job.at(0).current;
    job.reportFailed(0);
    job.graph.awaitRestart(job.ids, ++job.now);
    job.report(1, 'CANCELED');
    job.report(2, 'CANCELED');
    job.graph.restart(job.ids, ++job.now);
    expect(kinds(job.graph.onTaskState({ attemptId, state: 'RUNNING' }, ++job.now))).toEqual([
      'drop-task',
    ]);
    expect(job.states).toEqual(['CREATED', 'CREATED', 'CREATED']);
  });
});

describe('a failure', () => {
  test('is handed to the scheduler, with the slot', () => {
    const job = new Job().running();
    const effects = job.reportFailed(0);
    expect(kinds(effects)).toEqual(['task-state', 'release-slot', 'task-failed']);
    expect(effects.at(-1)).toMatchObject({ id: job.at(0).id, error });
    expect(job.at(0).current.failure).toEqual(error);
    expect(job.graph.state).toBe('RUNNING');
  });

  test('of a task that is being cancelled is its cancellation', () => {
    const job = new Job().running();
    job.graph.cancelJob(++job.now);
    expect(kinds(job.reportFailed(0))).toEqual(['task-state', 'release-slot']);
    expect(job.at(0).current.state).toBe('CANCELED');
  });

  test('that the JobMaster sees itself takes the task back, unless it is gone', () => {
    const job = new Job().running();
    expect(kinds(job.graph.fail(job.at(0).id, error, false, ++job.now))).toEqual([
      'cancel-task',
      'task-state',
      'release-slot',
      'task-failed',
    ]);
    expect(kinds(job.graph.fail(job.at(1).id, error, true, ++job.now))).toEqual([
      'task-state',
      'release-slot',
      'task-failed',
    ]);
    expect(job.graph.fail(job.at(0).id, error, true, ++job.now)).toEqual([]);
  });

  test('of the job cancels what runs; the job is FAILED with the last task', () => {
    const job = new Job().running();
    job.reportFailed(0);
    expect(kinds(job.graph.failJob(error, ++job.now))).toEqual([
      'FAILING',
      'task-state',
      'cancel-task',
      'task-state',
      'cancel-task',
    ]);
    job.report(1, 'CANCELED');
    const last = job.report(2, 'CANCELED').at(-1);
    expect(last).toEqual({ kind: 'job-state', before: 'FAILING', state: 'FAILED', error });
  });

  test('of the job ends it at once when nothing runs', () => {
    const job = new Job();
    job.graph.start(++job.now);
    job.graph.failJob(error, ++job.now);
    expect(job.graph.state).toBe('FAILED');
    expect(job.states).toEqual(['CANCELED', 'CANCELED', 'CANCELED']);
  });
});

describe('a restart', () => {
  test('waits for the tasks, then makes new attempts and remembers the old ones', () => {
    const job = new Job().running();
    job.report(2, 'FINISHED');
    job.reportFailed(0);
    const effects = job.graph.awaitRestart(job.ids, ++job.now);
    expect(kinds(effects)).toEqual(['RESTARTING', 'task-state', 'cancel-task']);
    expect(job.graph.canRestart(job.ids)).toBe(false);
    job.report(1, 'CANCELED');
    expect(job.graph.canRestart(job.ids)).toBe(true);

    const before = job.at(0).current.attemptId;
    expect(kinds(job.graph.restart(job.ids, ++job.now))).toEqual(['RUNNING']);
    expect(job.at(0).current).toMatchObject({ attempt: 1, state: 'CREATED', failure: undefined });
    expect(job.at(0).current.attemptId).not.toBe(before);
    expect(job.at(0).prior).toMatchObject([{ attempt: 0, state: 'FAILED', failure: error }]);
    expect(job.graph.subtaskOfAttempt(before)).toBeUndefined();
  });

  test('of one region leaves the others alone, and the job RESTARTING until all are back', () => {
    const job = new Job().running();
    const [first, second] = [job.at(0).id, job.at(1).id];
    job.reportFailed(0);
    job.graph.awaitRestart([first], ++job.now);
    job.reportFailed(1);
    job.graph.awaitRestart([second], ++job.now);
    expect(job.graph.restart([first], ++job.now)).toEqual([]);
    expect(job.graph.state).toBe('RESTARTING');
    expect(kinds(job.graph.restart([second], ++job.now))).toEqual(['RUNNING']);
    expect(job.states).toEqual(['CREATED', 'CREATED', 'RUNNING']);
  });

  test('is overtaken by a cancellation', () => {
    const job = new Job().running();
    for (const i of job.ids.keys()) job.reportFailed(i);
    job.graph.awaitRestart(job.ids, ++job.now);
    expect(kinds(job.graph.cancelJob(++job.now))).toEqual(['CANCELLING', 'CANCELED']);
    expect(job.graph.canRestart(job.ids)).toBe(false);
  });

  test('of what still runs, or in a job that is ending, is a mistake', () => {
    const job = new Job().running();
    job.reportFailed(0);
    job.graph.awaitRestart(job.ids, ++job.now);
    expect(() => job.graph.restart(job.ids, ++job.now)).toThrow('restart of what cannot be');
    job.graph.cancelJob(++job.now);
    expect(() => job.graph.awaitRestart(job.ids, ++job.now)).toThrow(
      'a restart while the job is CANCELLING',
    );
  });

  test('is of an attempt that has ended', () => {
    const job = new Job();
    expect(() => job.at(0).reset(job.at(1).current.attemptId, 1)).toThrow(
      'a new attempt while the last is CREATED',
    );
  });

  test('forgets attempts beyond the bound', () => {
    const job = new Job().running();
    for (let i = 0; i < 20; i++) {
      job.graph.fail(job.at(0).id, error, true, ++job.now);
      job.graph.awaitRestart([job.at(0).id], ++job.now);
      job.graph.restart([job.at(0).id], ++job.now);
    }
    expect(job.at(0).current.attempt).toBe(20);
    expect(job.at(0).prior.map(({ attempt }) => attempt)).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 4),
    );
  });
});

describe('a cancellation', () => {
  test('ends what is not deployed at once and waits for the rest', () => {
    const job = new Job();
    job.graph.start(++job.now);
    job.graph.schedule(job.ids, ++job.now);
    job.graph.deploy(job.at(0).id, assignment, ++job.now);
    job.graph.cancelJob(++job.now);
    expect(job.states).toEqual(['CANCELING', 'CANCELED', 'CANCELED']);
    expect(job.graph.state).toBe('CANCELLING');
    expect(kinds(job.report(0, 'CANCELED')).at(-1)).toBe('CANCELED');
  });

  test('of a job that is failing makes it CANCELED, as in Flink', () => {
    const job = new Job().running();
    job.graph.failJob(error, ++job.now);
    job.graph.cancelJob(++job.now);
    for (const i of job.ids.keys()) job.report(i, 'CANCELED');
    expect(job.graph.state).toBe('CANCELED');
  });

  test('is asked for twice in vain, and so is one of a job that has ended', () => {
    const job = new Job().running();
    job.graph.cancelJob(++job.now);
    expect(job.graph.cancelJob(++job.now)).toEqual([]);
    for (const i of job.ids.keys()) job.report(i, 'CANCELED');
    expect(job.graph.cancelJob(++job.now)).toEqual([]);
    expect(job.graph.failJob(error, ++job.now)).toEqual([]);
  });
});

test('a job that is let go has ended here at once, its tasks are told', () => {
  const job = new Job().running();
  const effects = kinds(job.graph.suspend(error, ++job.now));
  expect(job.graph.state).toBe('SUSPENDED');
  expect(job.states).toEqual(['CANCELED', 'CANCELED', 'CANCELED']);
  expect(effects.filter((kind) => kind === 'cancel-task')).toHaveLength(3);
});

describe('a summary', () => {
  test('counts subtasks and vertices', () => {
    const job = new Job().running();
    job.report(0, 'FINISHED');
    job.report(2, 'FINISHED');
    expect(taskCounts(job.graph)).toMatchObject({ RUNNING: 1, FINISHED: 2, FAILED: 0 });
    expect(vertexCounts(job.graph)).toMatchObject({ RUNNING: 1, FINISHED: 1 });
  });

  test('begins with the first deployment and ends with the last task', () => {
    const job = new Job();
    const summary = (): unknown => {
      const vertex = job.graph.job.vertices[0];
      if (vertex === undefined) throw new Error('a vertex');
      const executions = job.graph.subtasksOf(vertex.id).map(({ current }) => current);
      return summarizeVertex(executions, 1_000);
    };
    expect(summary()).toMatchObject({ state: 'CREATED', startMs: -1, endMs: -1, durationMs: -1 });
    job.graph.start(2);
    job.graph.schedule(job.ids, 10);
    for (const [i, id] of job.ids.entries()) job.graph.deploy(id, assignment, 20 + i);
    expect(summary()).toMatchObject({ startMs: 20, endMs: -1, durationMs: 980 });
    job.now = 50;
    job.report(0, 'FINISHED');
    expect(summary()).toMatchObject({ state: 'RUNNING', endMs: -1 });
    job.report(1, 'FINISHED');
    expect(summary()).toMatchObject({ state: 'FINISHED', startMs: 20, endMs: 52, durationMs: 32 });
  });
});
