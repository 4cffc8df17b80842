// The states of a task and of a job, and which may follow which: Flink's. Every change of state goes
// through `nextTaskState` and `nextJobState`.

import { assert } from '../core/assert.ts';

/** In the order of Flink's enum, which its clients show. */
export const TASK_STATES = [
  'CREATED',
  'SCHEDULED',
  'DEPLOYING',
  'RUNNING',
  'FINISHED',
  'CANCELING',
  'CANCELED',
  'FAILED',
  'RECONCILING',
  'INITIALIZING',
] as const;

export type TaskState = (typeof TASK_STATES)[number];

// CREATED ─▶ SCHEDULED ─▶ DEPLOYING ─▶ INITIALIZING ─▶ RUNNING ─▶ FINISHED
//    │           │           ├──────────────┼────────────┘           (a quick task may finish at once)
//    │           │           ▼              ▼
//    │           │           └─▶ CANCELING ─┘
//    │           │                   ▼
//    └───────────┴─────────────▶ CANCELED              any state that is not terminal ─▶ FAILED
//    └─▶ RECONCILING ─▶ INITIALIZING │ RUNNING │ FINISHED │ CANCELED     (a JobMaster that took over)
const NEXT_TASK_STATES: Readonly<Record<TaskState, readonly TaskState[]>> = {
  CREATED: ['SCHEDULED', 'RECONCILING', 'CANCELED', 'FAILED'],
  SCHEDULED: ['DEPLOYING', 'CANCELED', 'FAILED'],
  DEPLOYING: ['INITIALIZING', 'FINISHED', 'CANCELING', 'CANCELED', 'FAILED'],
  INITIALIZING: ['RUNNING', 'FINISHED', 'CANCELING', 'CANCELED', 'FAILED'],
  RUNNING: ['FINISHED', 'CANCELING', 'CANCELED', 'FAILED'],
  CANCELING: ['CANCELED', 'FAILED'],
  RECONCILING: ['INITIALIZING', 'RUNNING', 'FINISHED', 'CANCELED', 'FAILED'],
  FINISHED: [],
  CANCELED: [],
  FAILED: [],
};

export const isTerminalTaskState = (state: TaskState): boolean =>
  NEXT_TASK_STATES[state].length === 0;

/** `to`, which may follow `from`. */
export function nextTaskState(from: TaskState, to: TaskState): TaskState {
  assert(NEXT_TASK_STATES[from].includes(to), `task: illegal transition ${from} → ${to}`);
  return to;
}

export const JOB_STATES = [
  'INITIALIZING',
  'CREATED',
  'RUNNING',
  'FAILING',
  'FAILED',
  'CANCELLING',
  'CANCELED',
  'FINISHED',
  'RESTARTING',
  'SUSPENDED',
  'RECONCILING',
] as const;

export type JobState = (typeof JOB_STATES)[number];

// INITIALIZING ─▶ CREATED ─▶ RUNNING ─▶ FINISHED
//                    │        ▲   │
//                    │        ▼   │                 (every state that is not terminal also leads to
//                    │   RESTARTING                  SUSPENDED, when the JobMaster loses its leadership)
//                    ▼        │   │
//      FAILING ◀──────────────┴───┤
//      │     └──▶ CANCELLING ◀────┘
//      ▼              ▼
//    FAILED        CANCELED
const NEXT_JOB_STATES: Readonly<Record<JobState, readonly JobState[]>> = {
  INITIALIZING: ['CREATED', 'CANCELLING', 'FAILED', 'SUSPENDED'],
  CREATED: ['RUNNING', 'FAILING', 'CANCELLING', 'SUSPENDED'],
  RUNNING: ['FINISHED', 'RESTARTING', 'FAILING', 'CANCELLING', 'SUSPENDED'],
  RESTARTING: ['RUNNING', 'FAILING', 'CANCELLING', 'SUSPENDED'],
  FAILING: ['FAILED', 'CANCELLING', 'SUSPENDED'],
  CANCELLING: ['CANCELED', 'FAILED', 'SUSPENDED'],
  RECONCILING: ['RUNNING', 'FAILING', 'CANCELLING', 'SUSPENDED'],
  FINISHED: [],
  CANCELED: [],
  FAILED: [],
  SUSPENDED: [],
};

/** Whether this JobMaster is done with the job; a SUSPENDED one may go on under another. */
export const isTerminalJobState = (state: JobState): boolean => NEXT_JOB_STATES[state].length === 0;

export const isGloballyTerminalJobState = (state: JobState): boolean =>
  isTerminalJobState(state) && state !== 'SUSPENDED';

/** `to`, which may follow `from`. */
export function nextJobState(from: JobState, to: JobState): JobState {
  assert(NEXT_JOB_STATES[from].includes(to), `job: illegal transition ${from} → ${to}`);
  return to;
}

/** Flink's summary of a vertex: `counts` are its subtasks by state. */
export function aggregateTaskState(
  counts: Readonly<Record<TaskState, number>>,
  parallelism: number,
): TaskState {
  if (counts.FAILED > 0) return 'FAILED';
  if (counts.CANCELING > 0) return 'CANCELING';
  if (counts.CANCELED > 0) return 'CANCELED';
  if (counts.INITIALIZING > 0) return 'INITIALIZING';
  if (counts.RUNNING > 0) return 'RUNNING';
  if (counts.FINISHED > 0) return counts.FINISHED === parallelism ? 'FINISHED' : 'RUNNING';
  return 'CREATED';
}

/** How many of these states there are of each. */
export function countTaskStates(states: Iterable<TaskState>): Record<TaskState, number> {
  const counts = Object.fromEntries(TASK_STATES.map((state) => [state, 0])) as Record<
    TaskState,
    number
  >;
  for (const state of states) counts[state]++;
  return counts;
}
