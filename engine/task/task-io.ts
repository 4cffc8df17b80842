// What has gone in and out of a task, and what waits there, for its metrics.

import { TASK } from './task-metrics.ts';
import type { TaskParts } from './task-parts.ts';

export function updateTaskMetrics({ metrics, chain, writers, input }: TaskParts): void {
  chain.settleCounts();
  metrics[TASK.watermark] = chain.watermark;
  let [bytes, queued, capacity, records] = [0, 0, 0, 0];
  if (input !== undefined) {
    for (const { channel } of input.channels) {
      bytes += channel.bytes;
      queued += channel.queued;
      capacity += channel.capacity;
    }
    metrics[TASK.bytesIn] = bytes;
    metrics[TASK.inputQueued] = queued;
    metrics[TASK.inputCapacity] = capacity;
  }
  [bytes, queued, capacity] = [0, 0, 0];
  for (const writer of writers) {
    records += writer.records;
    for (const channel of writer.channels) {
      bytes += channel.bytes;
      queued += channel.queued;
      capacity += channel.capacity;
    }
  }
  metrics[TASK.bytesOut] = bytes;
  metrics[TASK.outputQueued] = queued;
  metrics[TASK.outputCapacity] = capacity;
  metrics[TASK.recordsOut] = records;
}
