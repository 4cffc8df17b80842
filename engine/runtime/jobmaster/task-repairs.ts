// Carries out what the comparison of a heartbeat with the ExecutionGraph asks for.

import type { AttemptId, ResourceId } from '../../core/ids.ts';
import type { TaskReport } from './job-master-gateway.ts';
import type { JobScheduler } from './job-scheduler.ts';
import { type Repair, repairs } from './reconciliation.ts';
import type { TaskCommands } from './task-commands.ts';

export interface TaskRepairsEvents {
  /** As told by the task itself. */
  readonly onState: (attemptId: AttemptId, state: 'INITIALIZING' | 'RUNNING') => void;
  readonly onDataEnded: (attemptId: AttemptId) => void;
}

export class TaskRepairs {
  readonly #scheduler: JobScheduler;
  readonly #commands: TaskCommands;
  readonly #events: TaskRepairsEvents;

  constructor(scheduler: JobScheduler, commands: TaskCommands, events: TaskRepairsEvents) {
    this.#scheduler = scheduler;
    this.#commands = commands;
    this.#events = events;
  }

  /** `tasks`: all of the job that the TaskManager has; ends of others have been dealt with. */
  onHeartbeat(taskManager: ResourceId, tasks: readonly TaskReport[]): void {
    for (const { attemptId, events } of tasks)
      this.#commands.onEventsReceived(taskManager, attemptId, events);
    const { graph } = this.#scheduler;
    for (const repair of repairs(graph, this.#commands.told, taskManager, tasks))
      this.#repair(taskManager, repair);
  }

  #repair(taskManager: ResourceId, repair: Repair): void {
    switch (repair.kind) {
      case 'deploy':
        return this.#scheduler.redeploy(repair.id);
      case 'canceled':
        return this.#scheduler.onTaskEnded(repair.attemptId, { state: 'CANCELED' });
      case 'lost': {
        const message = `TaskManager ${taskManager} does not have the task`;
        return this.#scheduler.failTask(repair.id, { name: 'TaskLost', message }, 'lost');
      }
      case 'state':
        return this.#events.onState(repair.attemptId, repair.state);
      case 'data-ended':
        return this.#events.onDataEnded(repair.attemptId);
      case 'cancel':
        return this.#commands.cancelAt(taskManager, repair.attemptId);
      case 'notify':
        return this.#commands.notifyAgain([repair], repair.checkpointId, repair.outcome);
      case 'trigger':
        return this.#commands.triggerAgain(repair.attemptId, repair.checkpointId);
    }
  }
}
