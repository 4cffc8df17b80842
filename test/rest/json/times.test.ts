import { expect, test } from 'vitest';
import type { AllocationId, AttemptId, ResourceId } from '../../../engine/core/ids.ts';
import type { TaskState } from '../../../engine/graph/execution-state.ts';
import type { Execution } from '../../../engine/graph/execution-vertex.ts';
import {
  scheduledMs,
  spanOf,
  statusDurations,
  taskManagerOf,
  taskTimestamps,
} from '../../../engine/rest/json/times.ts';

const execution = (timestamps: Partial<Record<TaskState, number>>): Execution => ({
  attemptId: 'a' as AttemptId,
  attempt: 0,
  state: Object.keys(timestamps).at(-1) as TaskState,
  timestamps,
  assignment: undefined,
  failure: undefined,
});

const running = execution({
  CREATED: 10,
  SCHEDULED: 20,
  DEPLOYING: 50,
  INITIALIZING: 60,
  RUNNING: 90,
});
const cancelled = execution({
  CREATED: 10,
  SCHEDULED: 20,
  DEPLOYING: 50,
  CANCELING: 70,
  CANCELED: 75,
});
const neverDeployed = execution({ CREATED: 10, SCHEDULED: 20, CANCELED: 45 });

test('an attempt lasts from its deployment until its end, or until now', () => {
  expect(spanOf(running, 100)).toEqual({ 'start-time': 50, 'end-time': -1, duration: 50 });
  expect(spanOf(cancelled, 100)).toEqual({ 'start-time': 50, 'end-time': 75, duration: 25 });
});

test('one that was never deployed has an end and no duration', () => {
  expect(spanOf(neverDeployed, 100)).toEqual({ 'start-time': -1, 'end-time': 45, duration: -1 });
  expect(scheduledMs(neverDeployed, 100)).toBe(25);
});

test('it has been in a state until it entered the next, whichever that was', () => {
  expect(statusDurations(running, 100)).toEqual({
    CREATED: 10,
    SCHEDULED: 30,
    DEPLOYING: 10,
    INITIALIZING: 30,
    RUNNING: 10,
  });
  expect(statusDurations(cancelled, 100)).toMatchObject({
    DEPLOYING: 20,
    INITIALIZING: -1,
    RUNNING: -1,
  });
});

test('a state that it never was in has the time 0', () => {
  expect(taskTimestamps(neverDeployed)).toMatchObject({ CANCELED: 45, RUNNING: 0, RECONCILING: 0 });
});

test('what has no slot is nowhere', () => {
  const assignment = { allocationId: 's' as AllocationId, taskManager: 'tm' as ResourceId };
  expect(taskManagerOf(running)).toBe('(unassigned)');
  expect(taskManagerOf({ ...running, assignment })).toBe('tm');
});
