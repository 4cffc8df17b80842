// What this process uses, since the last time it was asked.

import type { Clock } from '../core/clock.ts';
import type { TaskManagerLoad } from '../runtime/taskexecutor/task-executor-gateway.ts';

export function processLoad(clock: Clock): () => TaskManagerLoad {
  let lastCpu = process.cpuUsage();
  let lastMs = clock.monotonic();
  return () => {
    const cpu = process.cpuUsage();
    const now = clock.monotonic();
    const usedMs = (cpu.user + cpu.system - lastCpu.user - lastCpu.system) / 1_000;
    const share = usedMs / Math.max(1, now - lastMs);
    lastCpu = cpu;
    lastMs = now;
    const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
    return {
      cpu: share,
      heapUsedBytes: heapUsed,
      heapTotalBytes: heapTotal,
      externalBytes: external,
      rssBytes: rss,
      bytesInPerSecond: 0,
      bytesOutPerSecond: 0,
    };
  };
}
