// From what a real Flink answers of a job to what the screen shows of it. Pure. What Flink does not say stays
// undefined: cells and lines, why two operators are no chain. Nor does it say in which slot of its TaskManager a
// subtask sits; but subtasks of one number share a slot where their groups allow it, and so they are numbered.

import type {
  FlinkCheckpoint,
  FlinkCheckpoints,
  FlinkJob,
  FlinkJobAnswers,
  FlinkSubtask,
  FlinkVertex,
  FlinkVertexAnswers,
} from '../../engine/rest/flink-messages.ts';
import type {
  CheckpointModel,
  CheckpointsModel,
  JobModel,
  OperatorModel,
  SubtaskModel,
  VertexModel,
} from '../model/cluster-model.ts';

export function flinkJobModel(answers: FlinkJobAnswers): JobModel {
  const { job, vertices, exceptions, checkpoints, checkpointIntervalMs } = answers;
  const subtasks = vertices.flatMap((vertex) => vertex.subtasks);
  const slots = new SlotNumbers();
  return {
    id: job.jid,
    name: job.name,
    state: job.state,
    startMs: job['start-time'],
    endMs: job['end-time'] < 0 ? undefined : job['end-time'],
    tasksRunning: subtasks.filter(({ status }) => status === 'RUNNING').length,
    tasksTotal: job.vertices.reduce((sum, { parallelism }) => sum + parallelism, 0),
    vertices: job.vertices.map((vertex, i) =>
      vertexModel(vertex, vertices[i] ?? NOTHING, job, slots),
    ),
    edges: job.plan.nodes.flatMap(({ id, inputs = [] }) =>
      inputs.map((input) => ({
        source: input.id,
        target: id,
        shipStrategy: input.ship_strategy,
        notChained: undefined,
      })),
    ),
    checkpoints: checkpointsModel(checkpoints, checkpointIntervalMs),
    exceptions: exceptions.map(({ timestamp, taskName, taskManagerId, stacktrace }) => ({
      atMs: timestamp,
      task: taskName ?? undefined,
      taskManager: taskManagerId ?? undefined,
      text: stacktrace,
    })),
    restarts: answers.restarts,
    cannotRescale: answers.cannotRescale,
  };
}

const NOTHING: FlinkVertexAnswers = {
  subtasks: [],
  metrics: new Map(),
  watermarks: new Map(),
  loads: new Map(),
};

function vertexModel(
  vertex: FlinkVertex,
  { subtasks, metrics, watermarks, loads }: FlinkVertexAnswers,
  job: FlinkJob,
  slots: SlotNumbers,
): VertexModel {
  const share = (name: string): number | undefined => {
    const average = metrics.get(name)?.avg;
    // `NaN` comes as text.
    return Number.isFinite(average) ? Math.min(1, Number(average) / 1_000) : undefined;
  };
  const description = job.plan.nodes.find(({ id }) => id === vertex.id)?.description;
  return {
    id: vertex.id,
    name: vertex.name,
    parallelism: vertex.parallelism,
    maxParallelism: vertex.maxParallelism,
    slotSharingGroup: vertex.slotSharingGroupId ?? '',
    state: vertex.status,
    operators: description === undefined ? [] : operatorsIn(description),
    busy: share('busyTimeMsPerSecond'),
    backPressured: share('backPressuredTimeMsPerSecond'),
    idle: share('idleTimeMsPerSecond'),
    recordsIn: vertex.metrics['read-records'],
    recordsOut: vertex.metrics['write-records'],
    recordsInPerSecond: metrics.get('numRecordsInPerSecond')?.sum ?? 0,
    recordsOutPerSecond: metrics.get('numRecordsOutPerSecond')?.sum ?? 0,
    lateRecords: 0,
    watermarkMs: lowest([...watermarks.values()]),
    stateBytes: undefined,
    subtasks: subtasks.map((subtask) =>
      subtaskModel(subtask, vertex, watermarks.get(subtask.subtask), loads, slots),
    ),
  };
}

function subtaskModel(
  { subtask, status, attempt, metrics, 'taskmanager-id': manager }: FlinkSubtask,
  { slotSharingGroupId = '' }: FlinkVertex,
  watermarkMs: number | undefined,
  loads: FlinkVertexAnswers['loads'],
  slots: SlotNumbers,
): SubtaskModel {
  const taskManager = manager === '' || manager === '(unassigned)' ? undefined : manager;
  return {
    index: subtask,
    state: status,
    attempt,
    taskManager,
    slot:
      taskManager === undefined
        ? undefined
        : slots.of(taskManager, `${slotSharingGroupId} ${subtask}`),
    busy: shareIn(loads.get(subtask)?.busyRatio),
    backPressured: shareIn(loads.get(subtask)?.ratio),
    recordsIn: metrics['read-records'],
    recordsOut: metrics['write-records'],
    watermarkMs: lowest([watermarkMs ?? Number.NaN]),
    stuckMs: undefined,
  };
}

/** `NaN` comes as text. */
const shareIn = (ratio: number | 'NaN' | undefined): number | undefined =>
  typeof ratio === 'number' && Number.isFinite(ratio) ? Math.min(1, ratio) : undefined;

/** Of each TaskManager, in the order in which they are asked for. */
class SlotNumbers {
  readonly #shared = new Map<string, Map<string, number>>();

  of(taskManager: string, share: string): number {
    const own = this.#shared.get(taskManager) ?? new Map<string, number>();
    this.#shared.set(taskManager, own);
    const number = own.get(share) ?? own.size;
    own.set(share, number);
    return number;
  }
}

/** `Source: Numbers<br/>+- Parse<br/>   +- Positive<br/>`: each line's indentation says what it follows. */
function operatorsIn(description: string): readonly OperatorModel[] {
  const operators: OperatorModel[] = [];
  /** By depth: the latest operator there. */
  const latest: number[] = [];
  for (const line of description.split('<br/>').filter((text) => text.trim() !== '')) {
    const [, indent = '', name = ''] = /^((?:[ :|]*[+:]- )?)(.*)$/.exec(line) ?? [];
    const depth = indent.length / 3;
    operators.push({ name, after: depth === 0 ? -1 : (latest[depth - 1] ?? -1) });
    latest[depth] = operators.length - 1;
  }
  return operators;
}

function checkpointsModel(
  answer: FlinkCheckpoints | undefined,
  intervalMs: number | undefined,
): CheckpointsModel {
  const { counts, summary, history = [] } = answer ?? {};
  const duration = summary?.end_to_end_duration;
  const known = (value: number | 'NaN' | undefined): number | undefined =>
    typeof value === 'number' ? value : undefined;
  return {
    completed: counts?.completed ?? 0,
    failed: counts?.failed ?? 0,
    inProgress: counts?.in_progress ?? 0,
    restored: counts?.restored ?? 0,
    history: history.map(checkpointModel),
    durationP50Ms: known(duration?.p50),
    durationP95Ms: known(duration?.p95),
    intervalMs,
  };
}

const checkpointModel = (checkpoint: FlinkCheckpoint): CheckpointModel => ({
  id: checkpoint.id,
  status: checkpoint.status,
  isSavepoint: checkpoint.is_savepoint,
  triggerMs: checkpoint.trigger_timestamp,
  durationMs: checkpoint.end_to_end_duration,
  sizeBytes: checkpoint.state_size,
  acknowledged: checkpoint.num_acknowledged_subtasks,
  subtasks: checkpoint.num_subtasks,
  failure: checkpoint.failure_message ?? undefined,
  byVertex: undefined,
});

/** Undefined when one is not known yet: Flink then answers with the lowest number there is. */
function lowest(values: readonly number[]): number | undefined {
  const isKnown = (value: number): boolean => Math.abs(value) < 2 ** 53;
  return values.length > 0 && values.every(isKnown) ? Math.min(...values) : undefined;
}
