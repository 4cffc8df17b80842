// What a JobMaster tells tasks, each at the TaskManager where it runs now. Nothing waits for an answer whose
// absence shows elsewhere.

import type { ToReader } from '../../connectors/source-events.ts';
import type { Barrier } from '../../core/barrier.ts';
import type { AttemptId, FencingToken, OperatorId } from '../../core/ids.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import type { Execution } from '../../graph/execution-vertex.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';
import type { Gateway } from '../../rpc/rpc-service.ts';
import type { TaskExecutorGateway } from '../taskexecutor/task-executor-gateway.ts';
import type { TaskManagers } from './task-managers.ts';

type Tasks = readonly { readonly attemptId: AttemptId }[];
type Call = (
  gateway: Gateway<TaskExecutorGateway>,
  attempts: readonly AttemptId[],
) => Promise<unknown>;

export class TaskCommands {
  readonly #graph: ExecutionGraph;
  readonly #taskManagers: TaskManagers;
  readonly #token: FencingToken;

  constructor(graph: ExecutionGraph, taskManagers: TaskManagers, token: FencingToken) {
    this.#graph = graph;
    this.#taskManagers = taskManagers;
    this.#token = token;
  }

  cancel({ attemptId, assignment }: Execution): void {
    if (assignment === undefined) return;
    this.#taskManagers.tell(assignment.taskManager, (gateway) =>
      gateway.cancelTask(this.#token, attemptId),
    );
  }

  triggerCheckpoint(tasks: Tasks, barrier: Barrier): void {
    this.#tell(tasks, (gateway, attempts) =>
      gateway.triggerCheckpoint(this.#token, attempts, barrier),
    );
  }

  notifyCheckpoint(tasks: Tasks, checkpointId: number, outcome: 'complete' | 'aborted'): void {
    this.#tell(tasks, (gateway, attempts) =>
      gateway.notifyCheckpoint(this.#token, attempts, checkpointId, outcome),
    );
  }

  sendToReader(id: SubtaskId, operatorId: OperatorId, event: ToReader): void {
    const { attemptId, assignment } = this.#graph.subtask(id).current;
    if (assignment === undefined) return;
    this.#taskManagers.tell(assignment.taskManager, (gateway) =>
      gateway.sendOperatorEvent(this.#token, attemptId, operatorId, event),
    );
  }

  /** One message to each TaskManager that has some of them. */
  #tell(tasks: Tasks, call: Call): void {
    const attempts = tasks.map(({ attemptId }) => attemptId);
    const byTaskManager = Map.groupBy(
      attempts,
      (attemptId) => this.#graph.subtaskOfAttempt(attemptId)?.current.assignment?.taskManager,
    );
    for (const [resourceId, own] of byTaskManager) {
      if (resourceId !== undefined)
        this.#taskManagers.tell(resourceId, (gateway) => call(gateway, own));
    }
  }
}
