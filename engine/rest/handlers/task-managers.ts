// TaskManagers in Flink's shapes, with what sluice knows beside it under its own key.

import type { ResourceId } from '../../core/ids.ts';
import type { TaskManagerDetails } from '../../runtime/resourcemanager/resource-manager.ts';
import type { TaskManagerLoad } from '../../runtime/taskexecutor/task-executor-gateway.ts';
import type { RestContext } from '../rest-context.ts';
import { serverError } from '../rest-error.ts';
import { ok, type RestRequest, type Route } from '../router.ts';

type Json = Readonly<Record<string, unknown>>;

const MIB = 2 ** 20;

export const taskManagerRoutes = (context: RestContext): readonly Route[] => [
  {
    method: 'GET',
    path: '/taskmanagers',
    handle: () => ok({ taskmanagers: context.resourceManager.taskManagers().map(summary) }),
  },
  {
    method: 'GET',
    path: '/taskmanagers/:taskmanagerid',
    handle: (request) => ok(detailed(taskManagerOf(context, request))),
  },
  {
    method: 'GET',
    path: '/taskmanagers/:taskmanagerid/thread-dump',
    async handle(request) {
      const { info } = taskManagerOf(context, request);
      const threads = await context.resourceManager.taskExecutor(info.resourceId)?.threadDump();
      return ok({ threadInfos: (threads ?? []).map(({ name, stack }) => threadInfo(name, stack)) });
    },
  },
];

export const threadInfo = (threadName: string, stack: string): Json => ({
  threadName,
  stringifiedThreadInfo: `"${threadName}"\n${stack}\n`,
});

function taskManagerOf({ resourceManager }: RestContext, request: RestRequest): TaskManagerDetails {
  const id = (request.parameters['taskmanagerid'] ?? '') as ResourceId;
  const found = resourceManager.taskManagers().find(({ info }) => info.resourceId === id);
  if (found !== undefined) return found;
  throw serverError(
    `org.apache.flink.runtime.resourcemanager.exceptions.UnknownTaskExecutorException: No TaskExecutor registered under ${id}.`,
  );
}

function summary(details: TaskManagerDetails): Json {
  const { info, slotsTotal, slotsFree, lastHeartbeatMs, silentMs, load, jobs } = details;
  return {
    id: info.resourceId,
    path: info.address,
    dataPort: -1,
    jmxPort: -1,
    timeSinceLastHeartbeat: Math.trunc(lastHeartbeatMs),
    slotsNumber: slotsTotal,
    freeSlots: slotsFree,
    totalResource: resource(info.memoryBytes, slotsTotal),
    freeResource: resource((info.memoryBytes * slotsFree) / Math.max(1, slotsTotal), slotsFree),
    hardware: {
      cpuCores: info.cores,
      physicalMemory: info.physicalMemoryBytes,
      freeMemory: info.memoryBytes,
      managedMemory: 0,
    },
    memoryConfiguration: {
      frameworkHeap: 0,
      taskHeap: info.memoryBytes,
      frameworkOffHeap: 0,
      taskOffHeap: 0,
      networkMemory: 0,
      managedMemory: 0,
      jvmMetaspace: 0,
      jvmOverhead: 0,
      totalFlinkMemory: info.memoryBytes,
      totalProcessMemory: info.memoryBytes,
    },
    sluice: { pid: info.pid, silentMs, load: load ?? null, slots: jobs },
  };
}

function detailed(details: TaskManagerDetails): Json {
  const { info, slotsTotal, jobs, load } = details;
  const ofSlot = info.memoryBytes / Math.max(1, slotsTotal);
  return {
    ...summary(details),
    allocatedSlots: jobs.map(({ jobId }) => ({ jobId, resource: resource(ofSlot, 1) })),
    metrics: memoryMetrics(load, info.memoryBytes),
  };
}

/** Names are the JVM's. What a Node process has no part of is 0. */
function memoryMetrics(load: TaskManagerLoad | undefined, memoryBytes: number): Json {
  const { heapUsedBytes = 0, heapTotalBytes = 0, externalBytes = 0, rssBytes = 0 } = load ?? {};
  const nonHeap = Math.max(0, rssBytes - heapTotalBytes);
  return {
    heapUsed: heapUsedBytes,
    heapCommitted: heapTotalBytes,
    heapMax: memoryBytes,
    nonHeapUsed: nonHeap,
    nonHeapCommitted: nonHeap,
    nonHeapMax: -1,
    directCount: 0,
    directUsed: externalBytes,
    directMax: externalBytes,
    mappedCount: 0,
    mappedUsed: 0,
    mappedMax: 0,
    nettyShuffleMemorySegmentsAvailable: 0,
    nettyShuffleMemorySegmentsUsed: 0,
    nettyShuffleMemorySegmentsTotal: 0,
    nettyShuffleMemoryAvailable: 0,
    nettyShuffleMemoryUsed: 0,
    nettyShuffleMemoryTotal: 0,
    garbageCollectors: [],
  };
}

const resource = (bytes: number, slots: number): Json => ({
  cpuCores: slots,
  taskHeapMemory: Math.floor(bytes / MIB),
  taskOffHeapMemory: 0,
  managedMemory: 0,
  networkMemory: 0,
  extendedResources: {},
});
