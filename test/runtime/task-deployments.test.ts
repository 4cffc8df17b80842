// Where subtasks go, and that both ends of every channel know it by the same name.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { must } from '../../engine/core/assert.ts';
import type { AllocationId, BlobKey, JobId, ResourceId } from '../../engine/core/ids.ts';
import { SeededRandom } from '../../engine/core/random.ts';
import { ExecutionGraph } from '../../engine/graph/execution-graph.ts';
import type { JobGraph } from '../../engine/graph/job-graph.ts';
import { checkpointPlan } from '../../engine/runtime/jobmaster/checkpoint-plan.ts';
import { sharedSlots } from '../../engine/runtime/jobmaster/slot-sharing.ts';
import { taskDeployment } from '../../engine/runtime/jobmaster/task-deployments.ts';
import type { TaskDeployment } from '../../engine/task/task-deployment.ts';
import { Job } from '../graph/execution-job.ts';
import { GraphBuilder } from '../graph/graph-builder.ts';

const PARTITIONERS = ['forward', 'rescale', 'hash', 'rebalance', 'broadcast', 'shuffle'] as const;
type Kind = (typeof PARTITIONERS)[number];

function twoVertices(kind: Kind, sources: number, targets: number): JobGraph {
  const g = new GraphBuilder();
  const source = g.source('a', { parallelism: sources });
  const disabled = { chaining: 'never' as const };
  g.after(
    source,
    kind === 'hash' ? 'keyed-reduce' : 'map',
    'b',
    {
      parallelism: kind === 'forward' ? sources : targets,
      ...disabled,
    },
    { partitioner: { kind } },
  );
  return g.job();
}

function deploymentsOf(job: JobGraph): readonly TaskDeployment[] {
  const graph = new ExecutionGraph(job, new SeededRandom(1), 0);
  const shared = sharedSlots(job);
  return graph.subtasks.map(({ id }) =>
    taskDeployment(
      {
        jobId: 'job' as JobId,
        graph,
        program: {
          bundle: 'bundle' as BlobKey,
          plan: 'plan' as BlobKey,
          baseDirectory: '/',
          configuration: {},
          blobs: [],
          attached: true,
        },
        slotOf(other) {
          const slot = shared.find(({ subtasks }) =>
            subtasks.some((s) => s.vertex === other.vertex && s.subtask === other.subtask),
          );
          const index = must(slot, 'a slot').index;
          const resourceId = `tm-${index}` as ResourceId;
          const taskManager = { resourceId, address: 'a', dataAddress: `data-${index}` };
          return { allocationId: `slot-${index}` as AllocationId, taskManager, slot: 0 };
        },
        restored: undefined,
        isRestoredGiven: false,
        firstAttempt: 0,
        isInputBounded: () => true,
      },
      id,
    ),
  );
}

const parallelism = fc.integer({ min: 1, max: 6 });

test('both ends of every channel know it by the same name, and each knows where the other is', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PARTITIONERS), parallelism, parallelism, (kind, p, q) => {
      const tasks = deploymentsOf(twoVertices(kind, p, q));
      const ends = (side: 'inputs' | 'outputs'): string[] =>
        tasks
          .flatMap((task) =>
            task[side].flatMap(({ channels }) =>
              channels.map(({ channelId, peer }) => {
                const [from, to] =
                  side === 'outputs'
                    ? [task.attemptId, peer.attemptId]
                    : [peer.attemptId, task.attemptId];
                const other = must(
                  tasks.find((t) => t.attemptId === peer.attemptId),
                  'a peer',
                );
                expect(peer.allocationId).toBe(other.allocationId);
                return `${channelId} ${from} ${to}`;
              }),
            ),
          )
          .sort();
      expect(ends('outputs')).toEqual(ends('inputs'));
      expect(new Set(ends('outputs')).size).toBe(ends('outputs').length);
      expect(tasks.every((task) => task.inputs.length + task.outputs.length === 1)).toBe(true);
      expect(
        tasks.every((t) => [...t.inputs, ...t.outputs].every((e) => e.channels.length > 0)),
      ).toBe(true);
    }),
  );
});

describe('slot sharing', () => {
  test('a group takes as many slots as its widest vertex, each with at most one subtask of a vertex', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PARTITIONERS), parallelism, parallelism, (kind, p, q) => {
        const job = twoVertices(kind, p, q);
        const slots = sharedSlots(job);
        expect(slots.length).toBe(Math.max(...job.vertices.map((vertex) => vertex.parallelism)));
        for (const { subtasks } of slots)
          expect(new Set(subtasks.map(({ vertex }) => vertex)).size).toBe(subtasks.length);
        const placed = slots.flatMap(({ subtasks }) => subtasks).length;
        expect(placed).toBe(job.vertices.reduce((sum, vertex) => sum + vertex.parallelism, 0));
      }),
    );
  });

  test('a subtask is where the one is that feeds it one to one', () => {
    for (const { subtasks } of sharedSlots(twoVertices('forward', 4, 4)))
      expect(new Set(subtasks.map(({ subtask }) => subtask)).size).toBe(1);
  });
});

describe('who takes part in a checkpoint', () => {
  test('nobody, while some task does not run yet', () => {
    const job = new Job();
    job.graph.start(1);
    expect(checkpointPlan(job.deployAll().graph)).toBeUndefined();
  });

  test('all that run acknowledge, those without a running input are told', () => {
    const plan = checkpointPlan(new Job().running().graph);
    expect(plan?.trigger.map(({ subtask }) => subtask)).toEqual([0, 1]);
    expect([plan?.waitFor.length, plan?.finished.length]).toEqual([3, 0]);
  });

  test('with all sources finished, those behind them are told', () => {
    const job = new Job().running();
    job.report(0, 'FINISHED');
    job.report(1, 'FINISHED');
    const plan = checkpointPlan(job.graph);
    expect(plan?.trigger).toEqual(plan?.waitFor);
    expect([plan?.waitFor.length, plan?.finished.length]).toEqual([1, 2]);
  });

  test('nobody, when all have finished', () => {
    const job = new Job().running();
    for (const i of job.ids.keys()) job.report(i, 'FINISHED');
    expect(checkpointPlan(job.graph)).toBeUndefined();
  });
});
