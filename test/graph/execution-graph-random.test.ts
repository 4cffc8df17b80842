// Whatever happens to a job, in whatever order, an illegal change of state would throw.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttemptId } from '../../engine/core/ids.ts';
import type { ExecutionEffect } from '../../engine/graph/execution-effects.ts';
import { isTerminalJobState } from '../../engine/graph/execution-state.ts';
import { taskCounts } from '../../engine/graph/execution-summary.ts';
import { assignment, error, Job } from './execution-job.ts';

type Event = (job: Job, index: number, stale: AttemptId[]) => readonly ExecutionEffect[];

const whenDeployed =
  (report: Event): Event =>
  (job, index, stale) =>
    job.at(index).current.assignment === undefined ? [] : report(job, index, stale);

const EVENTS: Readonly<Record<string, Event>> = {
  progress: whenDeployed((job, index) => job.report(index, 'RUNNING')),
  finished: whenDeployed((job, index) => job.report(index, 'FINISHED')),
  canceled: whenDeployed((job, index) => job.report(index, 'CANCELED')),
  failed: whenDeployed((job, index) => job.reportFailed(index)),
  lost: (job, index) => job.graph.fail(job.at(index).id, error, true, ++job.now),
  cancel: (job) => job.graph.cancelJob(++job.now),
  fail: (job) => job.graph.failJob(error, ++job.now),
  suspend: (job) => job.graph.suspend(error, ++job.now),
  stale: (job, _, stale) =>
    stale.flatMap((attemptId) => job.graph.onTaskState({ attemptId, state: 'RUNNING' }, ++job.now)),
  deploy(job, index) {
    const { id, current } = job.at(index);
    if (current.state !== 'CREATED' || job.graph.state !== 'RUNNING') return [];
    const scheduled = job.graph.schedule([id], ++job.now);
    return [...scheduled, ...job.graph.deploy(id, assignment, ++job.now)];
  },
  restart(job, index, stale) {
    const { id, current } = job.at(index);
    if (job.graph.state !== 'RUNNING' && job.graph.state !== 'RESTARTING') return [];
    const effects = job.graph.awaitRestart([id], ++job.now);
    if (!job.graph.canRestart([id])) return effects;
    stale.push(current.attemptId);
    return [...effects, ...job.graph.restart([id], ++job.now)];
  },
};

const events = fc.array(fc.tuple(fc.constantFrom(...Object.keys(EVENTS)), fc.nat(2)), {
  maxLength: 60,
});

test('states are legal, slots are given back once, and a job ends with its tasks', () => {
  fc.assert(
    fc.property(events, (drawn) => {
      const job = new Job();
      job.graph.start(++job.now);
      job.deployAll();
      const stale: AttemptId[] = [];
      const effects = drawn.flatMap(([name, index]) => EVENTS[name]?.(job, index, stale) ?? []);

      const released = effects.flatMap((e) => (e.kind === 'release-slot' ? [e.attemptId] : []));
      expect(new Set(released).size).toBe(released.length);
      const hasEnded = job.graph.subtasks.every((vertex) => vertex.isTerminal);
      if (isTerminalJobState(job.graph.state)) expect(hasEnded).toBe(true);
      if (job.graph.state === 'CANCELLING' || job.graph.state === 'FAILING')
        expect(hasEnded).toBe(false);
      expect(Object.values(taskCounts(job.graph)).reduce((a, b) => a + b)).toBe(3);
    }),
    { numRuns: 500 },
  );
});
