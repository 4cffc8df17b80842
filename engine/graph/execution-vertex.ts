// One subtask of a vertex over all its attempts. Exactly one attempt is current; a new one begins when the
// last has ended. Of those before, the latest are remembered, for the REST API's history.

import { assert } from '../core/assert.ts';
import type { ErrorInfo } from '../core/errors.ts';
import type { AllocationId, AttemptId, ResourceId } from '../core/ids.ts';
import { limits } from '../core/limits.ts';
import { isTerminalTaskState, nextTaskState, type TaskState } from './execution-state.ts';
import type { SubtaskId } from './pipelined-regions.ts';

/** One attempt. A record that is replaced, never changed. */
export interface Execution {
  readonly attemptId: AttemptId;
  /** From 0. */
  readonly attempt: number;
  readonly state: TaskState;
  /** Epoch ms at which it entered each state that it has been in. */
  readonly timestamps: Readonly<Partial<Record<TaskState, number>>>;
  /** Where it is deployed; stays after its end. Undefined when it never was. */
  readonly assignment: Assignment | undefined;
  /** Why it FAILED. */
  readonly failure: ErrorInfo | undefined;
}

/** The slot that an attempt runs in. */
export interface Assignment {
  readonly allocationId: AllocationId;
  readonly taskManager: ResourceId;
}

export class ExecutionVertex {
  readonly id: SubtaskId;
  #current: Execution;
  readonly #prior: Execution[] = [];

  /** `attempt`: the number of its first one. */
  constructor(id: SubtaskId, attemptId: AttemptId, attempt: number, nowMs: number) {
    this.id = id;
    this.#current = newExecution(attemptId, attempt, nowMs);
  }

  get current(): Execution {
    return this.#current;
  }

  /** Attempts that ended before the current one began, oldest first; bounded. */
  get prior(): readonly Execution[] {
    return this.#prior;
  }

  get isTerminal(): boolean {
    return isTerminalTaskState(this.#current.state);
  }

  /** The current attempt enters a state. Returns it as it was before. */
  enter(state: TaskState, nowMs: number, more: ExecutionChange = {}): Execution {
    const before = this.#current;
    this.#current = {
      ...before,
      ...more,
      state: nextTaskState(before.state, state),
      timestamps: { ...before.timestamps, [state]: nowMs },
    };
    return before;
  }

  /** The next attempt, CREATED; the current one has ended. */
  reset(attemptId: AttemptId, nowMs: number, attempt = this.#current.attempt + 1): void {
    assert(this.isTerminal, `a new attempt while the last is ${this.#current.state}`);
    this.#prior.push(this.#current);
    if (this.#prior.length > limits.attemptsRememberedMax) this.#prior.shift();
    this.#current = newExecution(attemptId, attempt, nowMs);
  }
}

type ExecutionChange = {
  readonly assignment?: Assignment;
  readonly failure?: ErrorInfo;
};

const newExecution = (attemptId: AttemptId, attempt: number, nowMs: number): Execution => ({
  attemptId,
  attempt,
  state: 'CREATED',
  timestamps: { CREATED: nowMs },
  assignment: undefined,
  failure: undefined,
});
