// Which subtasks of two vertices an edge connects. Forward and rescale connect each subtask with few, by
// Flink's formulas, so that both ends agree on them without talking; all other edges connect each with all.

import type { Partitioner } from './stream-graph.ts';

/** A range of subtasks, from `start` to `end` inclusive. */
export interface SubtaskRange {
  readonly start: number;
  readonly end: number;
}

export const isPointwise = (partitioner: Partitioner): boolean =>
  partitioner.kind === 'forward' || partitioner.kind === 'rescale';

/** The subtasks of the source that feed this subtask of the target. Never empty. */
export function upstreamSubtasks(
  partitioner: Partitioner,
  target: number,
  sources: number,
  targets: number,
): SubtaskRange {
  if (!isPointwise(partitioner)) return { start: 0, end: sources - 1 };
  if (sources >= targets) return share(target, sources, targets);
  const source = Math.floor((target * sources) / targets);
  return { start: source, end: source };
}

/** The subtasks of the target that this subtask of the source feeds. Never empty. */
export function downstreamSubtasks(
  partitioner: Partitioner,
  source: number,
  sources: number,
  targets: number,
): SubtaskRange {
  if (!isPointwise(partitioner)) return { start: 0, end: targets - 1 };
  if (sources < targets) {
    return {
      start: Math.ceil((source * targets) / sources),
      end: Math.ceil(((source + 1) * targets) / sources) - 1,
    };
  }
  const target = Math.ceil(((source + 1) * targets) / sources) - 1;
  return { start: target, end: target };
}

/** The share of subtask `index` of `count` in `total` things. */
const share = (index: number, total: number, count: number): SubtaskRange => ({
  start: Math.floor((index * total) / count),
  end: Math.floor(((index + 1) * total) / count) - 1,
});
