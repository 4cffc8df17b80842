// What a task was seen doing, cut out of the profile of its slot's thread. Samples below the task's own frame
// were taken while it had the thread: they are its calls. In all others it waited: for input or credit while
// the thread was idle, else for its turn.

import { type CallFrame, type CpuProfile, type ProfileNode, taskFrameUrl } from './cpu-profile.ts';
import type { AttemptId } from './ids.ts';

/** As Flink draws them: `value` is of this call and all that it made. */
export interface FlameNode {
  readonly name: string;
  readonly value: number;
  readonly children: readonly FlameNode[];
}

export interface TaskSample {
  readonly attemptId: AttemptId;
  readonly onCpu: readonly FlameNode[];
  readonly offCpu: readonly FlameNode[];
}

/** @param nameOf Undefined: a frame that nobody wants to see. What it called is shown in its place. */
export function taskSample(
  { nodes }: CpuProfile,
  attemptId: AttemptId,
  nameOf: (frame: CallFrame) => string | undefined,
): TaskSample {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const url = taskFrameUrl(attemptId);
  const own = nodes.filter(({ callFrame }) => callFrame.url === url);
  const onCpu = own.flatMap((node) => callsOf(node, byId, nameOf));
  const within = own.reduce((sum, node) => sum + total(node, byId), 0);
  return { attemptId, onCpu: mergedCalls(onCpu), offCpu: waiting(nodes, within) };
}

/** Its calls; samples in itself, or in what is not named, are of nobody below. */
function callsOf(
  { children = [] }: ProfileNode,
  byId: ReadonlyMap<number, ProfileNode>,
  nameOf: (frame: CallFrame) => string | undefined,
): readonly FlameNode[] {
  return children.flatMap((id) => {
    const node = byId.get(id);
    if (node === undefined) return [];
    const below = mergedCalls(callsOf(node, byId, nameOf));
    const name = nameOf(node.callFrame);
    return name === undefined ? below : [{ name, value: total(node, byId), children: below }];
  });
}

function total(
  { hitCount = 0, children = [] }: ProfileNode,
  byId: ReadonlyMap<number, ProfileNode>,
): number {
  return children.reduce((sum, id) => {
    const node = byId.get(id);
    return node === undefined ? sum : sum + total(node, byId);
  }, hitCount);
}

/** Calls of the same name are one. */
export function mergedCalls(all: readonly FlameNode[]): readonly FlameNode[] {
  return [...Map.groupBy(all, ({ name }) => name)]
    .map(([name, same]) => ({
      name,
      value: same.reduce((sum, { value }) => sum + value, 0),
      children:
        same.length === 1
          ? (same[0]?.children ?? [])
          : mergedCalls(same.flatMap((one) => one.children)),
    }))
    .filter(({ value }) => value > 0);
}

/** V8's names for samples without JavaScript. */
const REASONS: Readonly<Record<string, string>> = {
  '(idle)': 'waiting for input or credit',
  '(garbage collector)': 'garbage collection of the slot',
};

function waiting(nodes: readonly ProfileNode[], within: number): readonly FlameNode[] {
  const all = nodes.reduce((sum, { hitCount = 0 }) => sum + hitCount, 0);
  const known = nodes.flatMap(({ callFrame, hitCount = 0 }) => {
    const name = REASONS[callFrame.functionName];
    return name === undefined ? [] : [{ name, value: hitCount, children: [] }];
  });
  const others = all - within - known.reduce((sum, { value }) => sum + value, 0);
  return mergedCalls([
    ...known,
    { name: 'waiting for its turn in the slot', value: others, children: [] },
  ]);
}
