// From the answers of the door to what the screen shows of a cluster. Pure: the same answers, the same model.

import type {
  CheckpointsView,
  CheckpointView,
  JobView,
  SubtaskView,
  VertexView,
} from '../../engine/rest/job-view.ts';
import type {
  ClusterOverview,
  JobOverview,
  TaskManagerMessage,
} from '../../engine/rest/rest-messages.ts';
import type {
  CheckpointModel,
  CheckpointsModel,
  ClusterModel,
  JobModel,
  JobSummary,
  SubtaskModel,
  TaskManagerModel,
  VertexModel,
} from '../model/cluster-model.ts';

export interface ClusterAnswers {
  readonly isSluice: boolean;
  readonly overview: ClusterOverview;
  readonly jobs: readonly JobOverview[];
  readonly taskManagers: readonly TaskManagerMessage[];
}

export const unknownCluster = (address: string): ClusterModel => ({
  address,
  link: 'connecting',
  version: '',
  isSluice: true,
  taskManagers: [],
  slotsTotal: 0,
  slotsFree: 0,
  jobs: [],
  details: {},
});

export function clusterModel(
  address: string,
  { isSluice, overview, jobs, taskManagers }: ClusterAnswers,
  details: ReadonlyMap<string, JobModel>,
): ClusterModel {
  return {
    address,
    link: 'live',
    version: overview['flink-version'],
    isSluice,
    taskManagers: taskManagers.map(taskManagerModel),
    slotsTotal: overview['slots-total'],
    slotsFree: overview['slots-available'],
    // Clusters tell them in any order: what runs comes first.
    jobs: jobs.map(jobSummary).toSorted((a, b) => running(b) - running(a)),
    details: Object.fromEntries(details),
  };
}

const running = ({ endMs }: JobSummary): number => (endMs === undefined ? 1 : 0);

function taskManagerModel(message: TaskManagerMessage): TaskManagerModel {
  const { id, slotsNumber, freeSlots, memoryConfiguration, sluice } = message;
  return {
    id,
    slots: slotsNumber,
    freeSlots,
    silentMs: sluice?.silentMs ?? 0,
    memoryBytes: memoryConfiguration.totalProcessMemory,
    cpu: sluice?.load?.cpu,
    residentBytes: sluice?.load?.rssBytes,
    pid: sluice?.pid,
  };
}

function jobSummary(job: JobOverview): JobSummary {
  const { tasks } = job;
  return {
    id: job.jid,
    name: job.name,
    state: job.state,
    startMs: job['start-time'],
    endMs: job['end-time'] < 0 ? undefined : job['end-time'],
    tasksRunning: tasks['running'] ?? 0,
    tasksTotal: tasks['total'] ?? 0,
  };
}

export function jobModel(view: JobView): JobModel {
  const subtasks = view.vertices.flatMap((vertex) => vertex.subtasks);
  return {
    id: view.id,
    name: view.name,
    state: view.state,
    startMs: view.startMs,
    endMs: view.endMs ?? undefined,
    tasksRunning: subtasks.filter(({ state }) => state === 'RUNNING').length,
    tasksTotal: subtasks.length,
    vertices: view.vertices.map(vertexModel),
    edges: view.edges,
    checkpoints: checkpointsModel(view.checkpoints),
    exceptions: view.failures.map(({ atMs, task, taskManager, text }) => ({
      atMs,
      task: task ?? undefined,
      taskManager: taskManager ?? undefined,
      text,
    })),
    restarts: view.restarts,
  };
}

function vertexModel({ operators, subtasks, stateBytes, ...vertex }: VertexView): VertexModel {
  const sum = (of: (subtask: SubtaskView) => number | null): number =>
    subtasks.reduce((total, subtask) => total + (of(subtask) ?? 0), 0);
  return {
    ...vertex,
    operators: operators.map(({ name, after, cell, line, recordsIn, recordsOut }) => ({
      name,
      after,
      recordsIn,
      recordsOut,
      ...(cell === null ? {} : { cell }),
      ...(line === null ? {} : { line }),
    })),
    busy: mean(subtasks.map(({ busy }) => busy)),
    backPressured: mean(subtasks.map(({ backPressured }) => backPressured)),
    idle: mean(subtasks.map(({ idle }) => idle)),
    recordsIn: sum(({ recordsIn }) => recordsIn),
    recordsOut: sum(({ recordsOut }) => recordsOut),
    recordsInPerSecond: sum(({ recordsInPerSecond }) => recordsInPerSecond),
    recordsOutPerSecond: sum(({ recordsOutPerSecond }) => recordsOutPerSecond),
    lateRecords: sum(({ lateRecords }) => lateRecords),
    watermarkMs: lowest(
      subtasks.filter(({ state }) => state !== 'FINISHED').map(({ watermarkMs }) => watermarkMs),
    ),
    stateBytes: stateBytes ?? undefined,
    subtasks: subtasks.map(subtaskModel),
  };
}

function subtaskModel(view: SubtaskView): SubtaskModel {
  const { index, state, attempt, recordsIn, recordsOut } = view;
  return {
    index,
    state,
    attempt,
    recordsIn,
    recordsOut,
    taskManager: view.taskManager ?? undefined,
    slot: view.slot ?? undefined,
    busy: view.busy ?? undefined,
    backPressured: view.backPressured ?? undefined,
    watermarkMs: view.watermarkMs ?? undefined,
    stuckMs: view.stuckMs ?? undefined,
  };
}

function checkpointsModel(view: CheckpointsView): CheckpointsModel {
  const durations = view.history
    .filter(({ status }) => status === 'COMPLETED')
    .map(({ durationMs }) => durationMs)
    .toSorted((a, b) => a - b);
  const { completed, failed, inProgress, restored } = view;
  return {
    completed,
    failed,
    inProgress,
    restored,
    history: view.history.map(checkpointModel),
    durationP50Ms: quantile(durations, 0.5),
    durationP95Ms: quantile(durations, 0.95),
    intervalMs: view.intervalMs ?? undefined,
  };
}

const checkpointModel = (view: CheckpointView): CheckpointModel => ({
  ...view,
  failure: view.failure ?? undefined,
});

/** Undefined when nothing is known, or of one that knows nothing yet. */
function lowest(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? undefined : Math.min(...known);
}

function mean(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? undefined : known.reduce((a, b) => a + b, 0) / known.length;
}

/** `sorted` ascending. */
function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
