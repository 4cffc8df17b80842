// /taskmanagers, as Flink answers it, with what sluice knows beside it under its own key.

import type { TaskManagerDetails } from '../../runtime/resourcemanager/resource-manager.ts';
import type { RestContext } from '../rest-context.ts';
import { ok, type Route } from '../router.ts';

const MIB = 2 ** 20;

export const taskManagers = ({ resourceManager }: RestContext): Route => ({
  method: 'GET',
  path: '/taskmanagers',
  handle: () => ok({ taskmanagers: resourceManager.taskManagers().map(taskManagerJson) }),
});

function taskManagerJson(details: TaskManagerDetails): Record<string, unknown> {
  const { info, slotsTotal, slotsFree, lastHeartbeatMs, silentMs, load, jobs } = details;
  return {
    id: info.resourceId,
    path: info.address,
    dataPort: -1,
    jmxPort: -1,
    timeSinceLastHeartbeat: lastHeartbeatMs,
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

const resource = (bytes: number, slots: number): Record<string, unknown> => ({
  cpuCores: slots,
  taskHeapMemory: Math.floor(bytes / MIB),
  taskOffHeapMemory: 0,
  managedMemory: 0,
  networkMemory: 0,
  extendedResources: {},
});
