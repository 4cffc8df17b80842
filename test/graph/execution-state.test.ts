import { describe, expect, test } from 'vitest';
import {
  aggregateTaskState,
  countTaskStates,
  isGloballyTerminalJobState,
  isTerminalJobState,
  isTerminalTaskState,
  nextJobState,
  nextTaskState,
  TASK_STATES,
  type TaskState,
} from '../../engine/graph/execution-state.ts';

describe('a task', () => {
  test('may take the way of a task that ends well', () => {
    const way: readonly TaskState[] = [
      'CREATED',
      'SCHEDULED',
      'DEPLOYING',
      'INITIALIZING',
      'RUNNING',
      'FINISHED',
    ];
    expect(way.slice(1).reduce(nextTaskState, 'CREATED')).toBe('FINISHED');
  });

  test.each(TASK_STATES.filter((state) => !isTerminalTaskState(state)))(
    'may fail while %s',
    (state) => {
      expect(nextTaskState(state, 'FAILED')).toBe('FAILED');
    },
  );

  test.each([
    ['CREATED', 'RUNNING'],
    ['RUNNING', 'INITIALIZING'],
    ['DEPLOYING', 'RUNNING'],
    ['FINISHED', 'FAILED'],
    ['CANCELED', 'RUNNING'],
    ['CANCELING', 'FINISHED'],
  ] as const)('may not go from %s to %s', (from, to) => {
    expect(() => nextTaskState(from, to)).toThrow(`illegal transition ${from} → ${to}`);
  });

  test('has ended when it is FINISHED, CANCELED or FAILED', () => {
    expect(TASK_STATES.filter(isTerminalTaskState)).toEqual(['FINISHED', 'CANCELED', 'FAILED']);
  });
});

describe('a job', () => {
  test.each([
    ['FINISHED', 'RUNNING'],
    ['CREATED', 'FINISHED'],
    ['CANCELLING', 'RUNNING'],
    ['FAILING', 'RESTARTING'],
  ] as const)('may not go from %s to %s', (from, to) => {
    expect(() => nextJobState(from, to)).toThrow(`illegal transition ${from} → ${to}`);
  });

  test('that is SUSPENDED has ended here, but not for good', () => {
    expect(isTerminalJobState('SUSPENDED')).toBe(true);
    expect(isGloballyTerminalJobState('SUSPENDED')).toBe(false);
    expect(isGloballyTerminalJobState('FAILED')).toBe(true);
    expect(isGloballyTerminalJobState('FAILING')).toBe(false);
  });
});

describe('a vertex is summarized as', () => {
  const cases: readonly [TaskState, readonly TaskState[]][] = [
    ['FAILED', ['FAILED', 'CANCELING', 'RUNNING']],
    ['CANCELING', ['CANCELING', 'CANCELED', 'FINISHED']],
    ['CANCELED', ['CANCELED', 'FINISHED']],
    ['INITIALIZING', ['INITIALIZING', 'RUNNING']],
    ['RUNNING', ['RUNNING', 'DEPLOYING', 'FINISHED']],
    ['RUNNING', ['RUNNING', 'DEPLOYING']],
    ['RUNNING', ['FINISHED', 'CREATED']],
    ['FINISHED', ['FINISHED', 'FINISHED']],
    ['CREATED', ['SCHEDULED', 'DEPLOYING']],
    ['CREATED', ['CREATED']],
  ];
  test.each(cases)('%s when its subtasks are %j', (expected, states) => {
    expect(aggregateTaskState(countTaskStates(states), states.length)).toBe(expected);
  });
});
