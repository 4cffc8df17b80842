// A small job in an ExecutionGraph, with the calls that a test makes again and again.

import type { AllocationId, ResourceId } from '../../engine/core/ids.ts';
import { SeededRandom } from '../../engine/core/random.ts';
import type { ExecutionEffect } from '../../engine/graph/execution-effects.ts';
import { ExecutionGraph } from '../../engine/graph/execution-graph.ts';
import type { TaskState } from '../../engine/graph/execution-state.ts';
import type { ExecutionVertex } from '../../engine/graph/execution-vertex.ts';
import type { SubtaskId } from '../../engine/graph/pipelined-regions.ts';
import { GraphBuilder, hash } from './graph-builder.ts';

export const error = { name: 'Error', message: 'boom' };
export const assignment = {
  allocationId: 'slot' as AllocationId,
  taskManager: 'tm-1' as ResourceId,
};

/** `a` with two subtasks, `b` with one. Time is the number of calls. */
export class Job {
  readonly graph: ExecutionGraph;
  now = 0;

  constructor() {
    const g = new GraphBuilder();
    g.after(g.source('a', { parallelism: 2 }), 'keyed-reduce', 'b', { parallelism: 1 }, hash);
    this.graph = new ExecutionGraph(g.job(), new SeededRandom(1), ++this.now);
  }

  get ids(): readonly SubtaskId[] {
    return this.graph.subtasks.map(({ id }) => id);
  }

  at(index: number): ExecutionVertex {
    const vertex = this.graph.subtasks[index];
    if (vertex === undefined) throw new Error(`subtask ${index}`);
    return vertex;
  }

  get states(): readonly TaskState[] {
    return this.graph.subtasks.map(({ current }) => current.state);
  }

  deployAll(): this {
    this.graph.schedule(this.ids, ++this.now);
    for (const id of this.ids) this.graph.deploy(id, assignment, ++this.now);
    return this;
  }

  running(): this {
    this.graph.start(++this.now);
    this.deployAll();
    for (const i of this.ids.keys()) {
      this.report(i, 'INITIALIZING');
      this.report(i, 'RUNNING');
    }
    return this;
  }

  report(
    index: number,
    state: 'INITIALIZING' | 'RUNNING' | 'FINISHED' | 'CANCELED',
  ): readonly ExecutionEffect[] {
    const { attemptId } = this.at(index).current;
    return this.graph.onTaskState({ attemptId, state }, ++this.now);
  }

  reportFailed(index: number): readonly ExecutionEffect[] {
    const { attemptId } = this.at(index).current;
    return this.graph.onTaskState({ attemptId, state: 'FAILED', error }, ++this.now);
  }
}
