import { expect, test } from 'vitest';
import { type ProfileNode, taskFrameUrl } from '../../engine/core/cpu-profile.ts';
import { taskSample } from '../../engine/core/flame-sample.ts';
import type { AttemptId } from '../../engine/core/ids.ts';

const [A, B] = ['a', 'b'] as [AttemptId, AttemptId];

function node(
  id: number,
  functionName: string,
  hitCount: number,
  children: readonly number[] = [],
  url = 'file',
): ProfileNode {
  return {
    id,
    callFrame: { functionName, url, lineNumber: 0, columnNumber: 0 },
    hitCount,
    children,
  };
}

/** A thread of two tasks: 10 samples in A, 4 in B, 5 idle, 1 collecting garbage, 3 in neither. */
const nodes = [
  node(1, '(root)', 0, [2, 3, 4, 9]),
  node(2, '(idle)', 5),
  node(3, '(garbage collector)', 1),
  node(4, 'run', 3, [5, 8]),
  node(5, 'task', 0, [6, 10], taskFrameUrl(A)),
  node(6, 'turn', 2, [7]),
  node(7, 'map', 6),
  node(8, 'task', 1, [12], taskFrameUrl(B)),
  node(9, 'task', 0, [11], taskFrameUrl(A)),
  node(10, 'glue', 0, [13]),
  node(11, 'turn', 1),
  node(12, 'map', 3),
  node(13, 'sum', 1),
];
const nameOf = ({ functionName }: { functionName: string }): string | undefined =>
  functionName === 'glue' ? undefined : functionName;

const leaf = (name: string, value: number): unknown => ({ name, value, children: [] });

test('a task’s calls are those below its own frames, merged by name, without frames that nobody names', () => {
  expect(taskSample({ nodes }, A, nameOf).onCpu).toEqual([
    { name: 'turn', value: 9, children: [leaf('map', 6)] },
    leaf('sum', 1),
  ]);
  expect(taskSample({ nodes }, B, nameOf).onCpu).toEqual([leaf('map', 3)]);
});

test('in all other samples it waited, and they say for what', () => {
  expect(taskSample({ nodes }, A, nameOf).offCpu).toEqual([
    leaf('waiting for input or credit', 5),
    leaf('garbage collection of the slot', 1),
    leaf('waiting for its turn in the slot', 7),
  ]);
});

test('a task that was not seen has no calls', () => {
  expect(taskSample({ nodes }, 'c' as AttemptId, nameOf).onCpu).toEqual([]);
});
