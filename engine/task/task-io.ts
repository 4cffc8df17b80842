// What has gone in and out of a task, and what waits there, for its metrics: read once a turn.

import { TASK } from './task-metrics.ts';
import type { TaskParts } from './task-parts.ts';

export function updateTaskMetrics({ metrics, chain, writers, input }: TaskParts): void {
  metrics[TASK.watermark] = chain.watermark;
  const inputs = input?.gate.channels.map(({ channel }) => channel) ?? [];
  const outputs = writers.flatMap(({ channels }) => channels);
  metrics[TASK.bytesIn] = sum(inputs, 'bytes');
  metrics[TASK.inputQueued] = sum(inputs, 'queued');
  metrics[TASK.inputCapacity] = sum(inputs, 'capacity');
  metrics[TASK.bytesOut] = sum(outputs, 'bytes');
  metrics[TASK.outputQueued] = sum(outputs, 'queued');
  metrics[TASK.outputCapacity] = sum(outputs, 'capacity');
  metrics[TASK.recordsOut] = sum(writers, 'records');
}

function sum<K extends string>(items: readonly { readonly [P in K]: number }[], key: K): number {
  let total = 0;
  for (const item of items) total += item[key];
  return total;
}
