// Metrics under Flink's names, as numbers and texts: of a job, of a subtask with its operators, of a process.
// What sluice does not measure has no name here, and is left out of every answer.

import { isTerminalJobState, type JobState } from '../../graph/execution-state.ts';
import type {
  JobDetails,
  SubtaskDetails,
  VertexDetails,
} from '../../runtime/jobmaster/job-details.ts';
import type { TaskManagerLoad } from '../../runtime/taskexecutor/task-executor-gateway.ts';

/** By name. Texts are final; of numbers see `metricText`. */
export type Metrics = ReadonlyMap<string, Metric>;
export type Metric = number | string | { readonly double: number };

type TaskMetrics = NonNullable<SubtaskDetails['metrics']>;

const LONG_MIN = '-9223372036854775808';
const LONG_MAX = '9223372036854775807';

/** As Java writes them: a double has a fraction. */
export function metricText(metric: Metric): string {
  if (typeof metric === 'string') return metric;
  const value = metricNumber(metric) ?? 0;
  return typeof metric !== 'number' && Number.isInteger(value) ? `${value}.0` : String(value);
}

/** Undefined for what is no number. */
export function metricNumber(metric: Metric): number | undefined {
  const value = typeof metric === 'object' ? metric.double : Number(metric);
  return Number.isNaN(value) ? undefined : value;
}

/** None when the job has ended. */
export function jobMetrics(details: JobDetails): Metrics {
  const { state, timestamps, nowMs, restarts, checkpoints } = details;
  if (isTerminalJobState(state)) return new Map();
  const { counts, latest } = checkpoints;
  const last = latest.completed;
  const timeIn = (...states: readonly JobState[]): number =>
    states.includes(state) ? nowMs - (timestamps[state] ?? nowMs) : 0;
  return new Map<string, Metric>([
    ['uptime', timeIn('RUNNING')],
    ['downtime', timeIn('RESTARTING', 'FAILING', 'CANCELLING')],
    ['createdTime', timeIn('CREATED')],
    ['runningTime', timeIn('RUNNING')],
    ['restartingTime', timeIn('RESTARTING')],
    ['failingTime', timeIn('FAILING')],
    ['cancellingTime', timeIn('CANCELLING')],
    ['numRestarts', restarts],
    ['fullRestarts', restarts],
    ['totalNumberOfCheckpoints', counts.completed + counts.failed + counts.inProgress],
    ['numberOfInProgressCheckpoints', counts.inProgress],
    ['numberOfCompletedCheckpoints', counts.completed],
    ['numberOfFailedCheckpoints', counts.failed],
    ['lastCheckpointRestoreTimestamp', latest.restored?.atMs ?? -1],
    ['lastCompletedCheckpointId', last?.id ?? -1],
    ['lastCheckpointSize', last?.checkpointedBytes ?? -1],
    ['lastCheckpointFullSize', last?.stateBytes ?? -1],
    ['lastCheckpointDuration', last === undefined ? -1 : last.latestAckMs - last.triggerMs],
    ['lastCheckpointCompletedTimestamp', last?.endMs ?? -1],
    ['lastCheckpointProcessedData', 0],
    ['lastCheckpointPersistedData', 0],
    ['lastCheckpointExternalPath', last?.path === undefined ? 'n/a' : `file:${last.path}`],
    ...latencies(details),
  ]);
}

/** What its tasks have noted of latency markers. */
const latencies = ({ vertices }: JobDetails): readonly (readonly [string, Metric])[] =>
  vertices
    .flatMap(({ subtasks }) => subtasks.flatMap(({ metrics }) => metrics?.user?.latencies ?? []))
    .map(({ name, value }) => [name, value]);

/** None before the first report. */
export function subtaskMetrics(
  { vertex }: VertexDetails,
  details: SubtaskDetails,
  nowMs: number,
): Metrics {
  const { metrics, rates } = details;
  if (metrics === undefined) return new Map();
  const perSecond = (share: number | undefined): number => Math.round((share ?? 0) * 1_000);
  const double = (value: number | undefined): Metric => ({ double: value ?? 0 });
  const isSource = vertex.operators[0]?.node.kind === 'source';
  return new Map<string, Metric>([
    ['numRecordsIn', metrics.recordsIn],
    ['numRecordsOut', metrics.recordsOut],
    ['numBytesIn', metrics.bytesIn],
    ['numBytesOut', metrics.bytesOut],
    ['numRecordsInPerSecond', double(rates?.recordsInPerSecond)],
    ['numRecordsOutPerSecond', double(rates?.recordsOutPerSecond)],
    ['busyTimeMsPerSecond', double(perSecond(rates?.busy))],
    ['idleTimeMsPerSecond', perSecond(rates?.idle)],
    ['backPressuredTimeMsPerSecond', perSecond(rates?.backPressured)],
    ['accumulateBusyTimeMs', double(Math.round(metrics.busyMs))],
    ['accumulateIdleTimeMs', Math.round(metrics.idleMs)],
    ['accumulateBackPressuredTimeMs', Math.round(metrics.backPressuredMs)],
    ['isBackPressured', String((rates?.backPressured ?? 0) > 0.5)],
    ['numLateRecordsDropped', metrics.lateRecords],
    ['Shuffle.Netty.Input.Buffers.inPoolUsage', double(metrics.inputUsage)],
    ['Shuffle.Netty.Output.Buffers.outPoolUsage', double(metrics.outputUsage)],
    ...(isSource ? [] : [['currentInputWatermark', watermarkText(metrics)] as const]),
    ...(isSource ? watermarkLag(vertex.operators, metrics, nowMs) : []),
    ...operatorMetrics(vertex.operators, metrics),
  ]);
}

/** By how much the event time of a source is behind the clock; none before its first watermark and after its last. */
function watermarkLag(
  [source]: VertexDetails['vertex']['operators'],
  { watermark }: TaskMetrics,
  nowMs: number,
): readonly (readonly [string, Metric])[] {
  if (source === undefined || !Number.isFinite(watermark)) return [];
  const { kind, name } = source.node;
  return [[`${safe(nodeName(kind, name))}.watermarkLag`, Math.trunc(nowMs - watermark)]];
}

/** `Name_of_it.numRecordsIn`, and what its functions measure: `Name_of_it.group.name`. */
function operatorMetrics(
  operators: VertexDetails['vertex']['operators'],
  metrics: TaskMetrics,
): readonly (readonly [string, Metric])[] {
  const watermark = watermarkText(metrics);
  // Known is the watermark that the chain is at. Behind an operator that makes its own it is another one.
  const found = operators.findIndex(({ node }) => node.kind === 'timestamps');
  const maker = found < 0 ? operators.length : found;
  const own = operators.flatMap(({ node: { kind, name } }, i) => {
    const scope = safe(nodeName(kind, name));
    const counts = metrics.operators[i];
    return [
      [`${scope}.numRecordsIn`, counts?.recordsIn ?? 0] as const,
      [`${scope}.numRecordsOut`, counts?.recordsOut ?? 0] as const,
      ...(i >= maker ? [] : [[`${scope}.currentOutputWatermark`, watermark] as const]),
      ...(i > maker || kind === 'source'
        ? []
        : [[`${scope}.currentInputWatermark`, watermark] as const]),
    ];
  });
  const kinds = new Map(operators.map(({ node }) => [node.name, node.kind]));
  const users = (metrics.user?.metrics ?? []).map(({ operator, name, value }) => {
    const scope = nodeName(kinds.get(operator) ?? '', operator);
    return [`${safe(scope)}.${safe(name)}`, value] as const;
  });
  return [...own, ...users];
}

/** As Flink writes names that its reporters could trip over. */
const safe = (name: string): string => name.replace(/[^\w.-]/g, '_');

/** A source is named so already where it stands in a chain. */
const nodeName = (kind: string, name: string): string =>
  kind === 'source' && !name.startsWith('Source: ') ? `Source: ${name}` : name;

export function watermarkText({ watermark }: TaskMetrics): string {
  if (watermark === Number.NEGATIVE_INFINITY || Number.isNaN(watermark)) return LONG_MIN;
  return watermark === Number.POSITIVE_INFINITY ? LONG_MAX : String(Math.trunc(watermark));
}

/** Of a process; the names are the JVM's, for that is what clients ask for. */
export function processMetrics(load: TaskManagerLoad, memoryBytes: number): Metrics {
  return new Map<string, Metric>([
    ['Status.JVM.CPU.Load', { double: load.cpu }],
    ['Status.JVM.Memory.Heap.Used', load.heapUsedBytes],
    ['Status.JVM.Memory.Heap.Committed', load.heapTotalBytes],
    ['Status.JVM.Memory.Heap.Max', memoryBytes],
    ['Status.JVM.Memory.NonHeap.Used', load.rssBytes - load.heapTotalBytes],
    ['Status.JVM.Memory.NonHeap.Committed', load.rssBytes - load.heapTotalBytes],
    ['Status.JVM.Memory.NonHeap.Max', -1],
    ['Status.JVM.Memory.Direct.MemoryUsed', load.externalBytes],
    ['Status.JVM.Memory.Direct.TotalCapacity', load.externalBytes],
    ['Status.JVM.Memory.Metaspace.Used', 0],
    ['Status.JVM.Memory.Metaspace.Committed', 0],
    ['Status.JVM.Memory.Metaspace.Max', -1],
    ['Status.Flink.Memory.Managed.Used', 0],
    ['Status.Flink.Memory.Managed.Total', 0],
    ['Status.Shuffle.Netty.UsedMemory', 0],
    ['Status.Shuffle.Netty.TotalMemory', 0],
  ]);
}
