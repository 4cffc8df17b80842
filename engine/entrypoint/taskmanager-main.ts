// The process of a TaskManager. Its main thread serves and runs no user code, so that it always notices when
// its parent is gone, and ends.

import { availableParallelism, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Configuration } from '../core/configuration.ts';
import { limits } from '../core/limits.ts';
import { lineLogger } from '../core/logger.ts';
import { options } from '../core/options.ts';
import { socketOptions } from '../core/socket-address.ts';
import { systemClock } from '../core/system-clock.ts';
import { systemFileSystem } from '../core/system-file-system.ts';
import { RemoteExchange } from '../network/remote-exchange.ts';
import { decodeBundle } from '../program/bundle.ts';
import { frameNames } from '../program/frame-name.ts';
import { mapStackText } from '../program/stack-text.ts';
import { RpcService } from '../rpc/rpc-service.ts';
import { socketTransport } from '../rpc/socket-transport.ts';
import { BlobCache } from '../runtime/taskexecutor/blob-cache.ts';
import { ChannelTable } from '../runtime/taskexecutor/channel-table.ts';
import { type LeaderLocation, TaskExecutor } from '../runtime/taskexecutor/task-executor.ts';
import type { TaskManagerInfo } from '../runtime/taskexecutor/task-executor-gateway.ts';
import { receiveSettings } from './child-lifeline.ts';
import { ownerOfDeserted, removeClusterDirectory } from './cluster-directory.ts';
import { withdrawClustersOf } from './cluster-registry.ts';
import { openHaStore } from './high-availability.ts';
import { localStateDirectory } from './local-state.ts';
import { processLoad } from './process-load.ts';
import type { LeaderAt, TaskManagerSettings } from './taskmanager-settings.ts';
import { workerSpawner } from './worker-spawner.ts';

const RPC_TIMEOUT_MS = 30_000;
/**
 * Old objects are collected again when they have doubled, and for the first time when there are so many, or half of
 * what a slot may have. V8 lets small heaps grow by less: marking all state of a slot again and again is a tenth of
 * its CPU. With 200 %, or 256 MB, a loop that fills the heap ran on beyond its end.
 */
const HEAP_GROWTH_PERCENT = 100;
const FIRST_COLLECTED_MB = 128;
setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
setFlagsFromString(`--initial-old-space-size=${FIRST_COLLECTED_MB}`);
/**
 * What V8 takes into one function at most, in bytes of its code: with its own 920 some of a chain's functions are
 * called, and what they are given then has to exist. A map and a filter are a fifth faster, keyed counts a quarter.
 */
const INLINED_BYTES_MAX = 2_000;
setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINED_BYTES_MAX}`);

let tidyUp = (): Promise<void> => Promise.resolve();
const settings = await receiveSettings<TaskManagerSettings>(() => {
  void tidyUp().finally(() => process.exit(0));
});
const configuration = new Configuration(settings.configuration);
const log = lineLogger(systemClock, (line) => process.stderr.write(line), settings.resourceId);
const localState = localStateDirectory(configuration, log);
tidyUp = async () => {
  await localState.close();
  await removeRemains(settings.address);
};
const rpc = new RpcService({
  transport: socketTransport(settings.secret),
  address: settings.address,
  clock: systemClock,
  timeoutMs: RPC_TIMEOUT_MS,
});
const exchange = new RemoteExchange({
  listenAddress: settings.dataAddress,
  secret: settings.secret,
  log,
  onBroken: (channelIds, reason) => executor.onChannelsBroken(channelIds, reason),
});
await exchange.start();
await rpc.start();

const info: TaskManagerInfo = {
  resourceId: settings.resourceId,
  address: rpc.address,
  dataAddress: settings.dataAddress,
  pid: process.pid,
  cores: availableParallelism(),
  physicalMemoryBytes: totalmem(),
  memoryBytes: settings.memoryBytes,
  slotsMax: settings.slotsMax,
  slots: settings.slots,
};

const executor: TaskExecutor = new TaskExecutor(
  info,
  {
    slotsMax: settings.slotsMax,
    threads: configuration.get(options.taskManagerThreads),
    heapMaxBytes: Math.floor(settings.memoryBytes / settings.slotsMax),
    threadsWarm:
      settings.slots === 'fixed' ? Math.min(settings.slotsMax, limits.threadsWarmMax) : 1,
    cancellationTimeoutMs: configuration.get(options.cancellationTimeout),
    stuckTimeoutMs: configuration.get(options.stuckTimeout),
  },
  {
    rpc,
    findLeader: leaderFinder(settings.leader),
    clock: systemClock,
    log,
    spawner: workerSpawner,
    channels: new ChannelTable(settings.resourceId, exchange),
    blobs: new BlobCache(),
    localState,
    nameFrames: (bundle) =>
      bundle === undefined ? (frame) => frame.functionName : frameNames(decodeBundle(bundle)),
    mapStack: (stack, bundle) =>
      bundle === undefined ? stack : mapStackText(stack, decodeBundle(bundle)),
    load: processLoad(systemClock),
    exit: () => process.exit(0),
  },
);

process.on('SIGTERM', () => executor.end('SIGTERM'));
// The terminal sends it to the whole group; whoever started us decides.
process.on('SIGINT', () => undefined);
await executor.start();

/** Whoever started us has ended: what a JobManager leaves behind that was killed, goes with us. */
async function removeRemains(ownAddress: string): Promise<void> {
  const at = socketOptions(ownAddress);
  if (!('path' in at)) return;
  const directory = dirname(at.path);
  const owner = await ownerOfDeserted(directory, join(directory, 'jm.rpc'), systemClock);
  if (owner === undefined) return;
  // All TaskManagers do it at once: one that meets another in the folder may fail there, and who owned it stands
  // in the folder alone. So this comes first.
  withdrawClustersOf(owner);
  removeClusterDirectory(directory);
}

function leaderFinder(leader: LeaderAt): () => Promise<LeaderLocation | undefined> {
  if (leader.kind === 'fixed') return () => Promise.resolve({ rpc: leader.rpc, epoch: 1 });
  const store = openHaStore(leader.directory, 0, systemFileSystem, systemClock);
  return () => store.leader();
}
