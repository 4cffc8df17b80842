// Where a task was when it was last seen, from its counters: for failures that no exception tells of.

import type { StreamNode } from '../graph/stream-graph.ts';
import type { TaskFailure } from './slot-messages.ts';
import type { TaskMetrics } from './task-metrics.ts';

export function lastSeen(
  operators: readonly { readonly node: StreamNode }[],
  metrics: TaskMetrics,
): Pick<TaskFailure, 'operator' | 'record' | 'place'> {
  const node = operators[metrics.operator]?.node;
  const counters = metrics.operators[metrics.operator];
  const records = counters?.recordsIn ?? 0;
  return {
    operator: node?.name,
    record: records === 0 ? undefined : `number ${records}`,
    place: node?.origin && `cell "${node.origin.cell}", line ${node.origin.line}`,
  };
}
