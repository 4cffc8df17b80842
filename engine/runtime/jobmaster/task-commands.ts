// What a JobMaster tells tasks, each at the TaskManager where it runs now. Nothing waits for an answer: what is
// lost shows in the next heartbeat, and is said again. Events for readers are numbered, for each attempt.

import type { ToReader } from '../../connectors/source-events.ts';
import type { Barrier } from '../../core/barrier.ts';
import type { AttemptId, FencingToken, OperatorId, ResourceId } from '../../core/ids.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import type { Execution } from '../../graph/execution-vertex.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';
import { Outbox } from '../../rpc/numbered.ts';
import type { Gateway } from '../../rpc/rpc-service.ts';
import type { TaskExecutorGateway } from '../taskexecutor/task-executor-gateway.ts';
import type { ToldCheckpoints } from './reconciliation.ts';
import type { TaskManagers } from './task-managers.ts';

type Tasks = readonly { readonly attemptId: AttemptId }[];
type Call = (
  gateway: Gateway<TaskExecutorGateway>,
  attempts: readonly AttemptId[],
) => Promise<unknown>;

interface ReaderEvent {
  readonly operatorId: OperatorId;
  readonly event: ToReader;
}

/** A checkpoint under way, and the tasks that begin it. */
interface OpenTrigger {
  readonly barrier: Barrier;
  /** How many events each had been sent: its enumerator's snapshot holds what came after. */
  readonly events: ReadonlyMap<AttemptId, number>;
}

export class TaskCommands {
  readonly #graph: ExecutionGraph;
  readonly #taskManagers: TaskManagers;
  readonly #token: FencingToken;
  readonly #events = new Map<AttemptId, Outbox<ReaderEvent>>();
  readonly #triggers = new Map<number, OpenTrigger>();
  #complete: ToldCheckpoints['complete'];
  #aborted: ToldCheckpoints['aborted'];

  constructor(graph: ExecutionGraph, taskManagers: TaskManagers, token: FencingToken) {
    this.#graph = graph;
    this.#taskManagers = taskManagers;
    this.#token = token;
  }

  get told(): ToldCheckpoints {
    const triggered = [...this.#triggers].map(([checkpointId, { events }]) => ({
      checkpointId,
      attempts: new Set(events.keys()),
    }));
    return { triggered, complete: this.#complete, aborted: this.#aborted };
  }

  cancel({ attemptId, assignment }: Execution): void {
    if (assignment !== undefined) this.cancelAt(assignment.taskManager, attemptId);
  }

  /** Whatever there is of that attempt. */
  cancelAt(taskManager: ResourceId, attemptId: AttemptId): void {
    this.#taskManagers.tell(taskManager, (gateway) => gateway.cancelTask(this.#token, attemptId));
  }

  /** Until it is over it is triggered again at those that turn out not to know of it. */
  triggerCheckpoint(tasks: Tasks, barrier: Barrier): void {
    const events = new Map(
      tasks.map(({ attemptId }) => [attemptId, this.#events.get(attemptId)?.sent ?? 0]),
    );
    const trigger = { barrier, events };
    this.#triggers.set(barrier.checkpointId, trigger);
    this.#sendTrigger(tasks, trigger);
  }

  triggerAgain(attemptId: AttemptId, checkpointId: number): void {
    const trigger = this.#triggers.get(checkpointId);
    if (trigger !== undefined) this.#sendTrigger([{ attemptId }], trigger);
  }

  /** Nobody needs to begin it any more. */
  forgetCheckpoint(checkpointId: number): void {
    this.#triggers.delete(checkpointId);
  }

  notifyCheckpoint(tasks: Tasks, checkpointId: number, outcome: 'complete' | 'aborted'): void {
    const told = { checkpointId, attempts: new Set(tasks.map(({ attemptId }) => attemptId)) };
    if (outcome === 'complete') this.#complete = told;
    else this.#aborted = told;
    this.notifyAgain(tasks, checkpointId, outcome);
  }

  notifyAgain(tasks: Tasks, checkpointId: number, outcome: 'complete' | 'aborted'): void {
    this.#tell(tasks, (gateway, attempts) =>
      gateway.notifyCheckpoint(this.#token, attempts, checkpointId, outcome),
    );
  }

  sendToReader(id: SubtaskId, operatorId: OperatorId, event: ToReader): void {
    const { attemptId, assignment } = this.#graph.subtask(id).current;
    if (assignment === undefined) return;
    const outbox = this.#events.get(attemptId) ?? new Outbox<ReaderEvent>();
    this.#events.set(attemptId, outbox);
    const number = outbox.add({ operatorId, event });
    this.#sendEvent(assignment.taskManager, attemptId, number, { operatorId, event });
  }

  /** The task has as many events: those after them may have been lost. */
  onEventsReceived(taskManager: ResourceId, attemptId: AttemptId, count: number): void {
    const outbox = this.#events.get(attemptId);
    outbox?.onReceived(count);
    for (const [number, event] of outbox?.waiting ?? [])
      this.#sendEvent(taskManager, attemptId, number, event);
  }

  /** These attempts have ended. */
  forget(attempts: Iterable<AttemptId>): void {
    for (const attemptId of attempts) this.#events.delete(attemptId);
  }

  #sendTrigger(tasks: Tasks, { barrier, events }: OpenTrigger): void {
    const { checkpointId } = barrier;
    this.#tell(tasks, (gateway, attempts) => {
      const triggers = attempts.map((attemptId) => ({
        attemptId,
        events: events.get(attemptId) ?? 0,
        after: this.#triggeredBefore(attemptId, checkpointId),
      }));
      return gateway.triggerCheckpoint(this.#token, triggers, barrier);
    });
  }

  /** The one that the task begins in front of it, of those under way; 0 for none. */
  #triggeredBefore(attemptId: AttemptId, checkpointId: number): number {
    const earlier = [...this.#triggers]
      .filter(([id, { events }]) => id < checkpointId && events.has(attemptId))
      .map(([id]) => id);
    return Math.max(0, ...earlier);
  }

  #sendEvent(
    taskManager: ResourceId,
    attemptId: AttemptId,
    number: number,
    { operatorId, event }: ReaderEvent,
  ): void {
    this.#taskManagers.tell(taskManager, async (gateway) => {
      const received = await gateway.sendOperatorEvent(
        this.#token,
        attemptId,
        operatorId,
        number,
        event,
      );
      this.#events.get(attemptId)?.onReceived(received);
    });
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
