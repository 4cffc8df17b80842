// Times of jobs and attempts as Flink writes them: -1 is not yet, 0 in a table of timestamps is never.

import { isTerminalTaskState, TASK_STATES, type TaskState } from '../../graph/execution-state.ts';
import type { Execution } from '../../graph/execution-vertex.ts';

/** What stands where an attempt has no slot. */
const UNASSIGNED = '(unassigned)';

/** In the order in which an attempt goes through them. */
const LIFE = ['CREATED', 'SCHEDULED', 'DEPLOYING', 'INITIALIZING', 'RUNNING'] as const;
type LifeState = (typeof LIFE)[number];

export const taskManagerOf = ({ assignment }: Execution): string =>
  assignment?.taskManager ?? UNASSIGNED;

/** Every state with when it was entered. */
export const timestampsOf = <State extends string>(
  states: readonly State[],
  timestamps: Readonly<Partial<Record<State, number>>>,
): Readonly<Record<string, number>> =>
  Object.fromEntries(states.map((state) => [state, timestamps[state] ?? 0]));

export const taskTimestamps = ({ timestamps }: Execution): Readonly<Record<string, number>> =>
  timestampsOf<TaskState>(TASK_STATES, timestamps);

export interface Span {
  readonly 'start-time': number;
  readonly 'end-time': number;
  readonly duration: number;
}

/** From its deployment to its end. */
export function spanOf(execution: Execution, nowMs: number): Span {
  const start = execution.timestamps.DEPLOYING ?? -1;
  const end = endMs(execution) ?? -1;
  const duration = start < 0 ? -1 : (end < 0 ? nowMs : end) - start;
  return { 'start-time': start, 'end-time': end, duration };
}

/** Since slots were asked for it; before that, none. */
export function scheduledMs(execution: Execution, nowMs: number): number {
  const start = execution.timestamps.SCHEDULED;
  return start === undefined ? -1 : (endMs(execution) ?? nowMs) - start;
}

const endMs = ({ state, timestamps }: Execution): number | undefined =>
  isTerminalTaskState(state) ? timestamps[state] : undefined;

/** How long the attempt was in each state of its life; -1 where it never was. */
export function statusDurations(
  { timestamps }: Execution,
  nowMs: number,
): Readonly<Record<LifeState, number>> {
  const durationOf = (state: LifeState, index: number): number => {
    const entered = timestamps[state];
    if (entered === undefined) return -1;
    const later = [
      ...LIFE.slice(index + 1),
      'CANCELING',
      'CANCELED',
      'FAILED',
      'FINISHED',
    ] as const;
    const left = later.flatMap((next) => timestamps[next] ?? []);
    return Math.max(0, Math.min(nowMs, ...left) - entered);
  };
  return Object.fromEntries(LIFE.map((state, i) => [state, durationOf(state, i)])) as Record<
    LifeState,
    number
  >;
}

export const LIFE_STATES: readonly LifeState[] = LIFE;
