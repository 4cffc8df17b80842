// What each answer that the client reads must look like, by its path. A cluster that lies is refused with the
// place of the lie, and what a screen makes rows of has a bound. Paths that are not listed are only JSON.

import { JOB_STATES, TASK_STATES } from '../graph/execution-state.ts';
import type { JsonPlan } from '../graph/json-plan.ts';
import {
  type Check,
  count,
  flag,
  hexId,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  text,
} from './check.ts';
import type { FlinkCheckpoint, FlinkException, FlinkJob, FlinkSubtask } from './flink-messages.ts';
import type { JobView, OperatorView, SubtaskView, VertexView } from './job-view.ts';
import type {
  AccumulatorMessage,
  ClusterOverview,
  JobOverview,
  JobResult,
  OperationStatus,
  ResultsMessage,
  TaskManagerMessage,
} from './rest-messages.ts';

/** Flink's highest maximum parallelism: 2^15. */
const PARALLELISM_MAX = 32_768;
/** More jobs, TaskManagers or slots than a screen could scroll through. */
const ENTRIES_MAX = 100_000;

/** Times that a job may have been rescaled while somebody reads its rows. */
const RESCALES_MAX = 1_000;

const taskState = oneOf(...TASK_STATES);
const jobState = oneOf(...JOB_STATES);
const parallelism = count(PARALLELISM_MAX);
const maxParallelism = count(PARALLELISM_MAX, -1);
const entries = count(ENTRIES_MAX);
const lanes = list(parallelism, RESCALES_MAX);

const overview = object<ClusterOverview>({
  taskmanagers: entries,
  'slots-total': entries,
  'slots-available': entries,
  'flink-version': text,
  'flink-commit': text,
});

const config = object({
  'flink-version': text,
  'flink-revision': text,
  'refresh-interval': count(86_400_000),
});

const jobs = object({
  jobs: list(
    object<JobOverview>({
      jid: hexId,
      name: text,
      state: jobState,
      'start-time': number,
      'end-time': number,
      tasks: record(count(2 ** 31)),
    }),
    ENTRIES_MAX,
  ),
});

const taskManagers = object({
  taskmanagers: list(
    object<TaskManagerMessage>({
      id: text,
      slotsNumber: entries,
      freeSlots: entries,
      timeSinceLastHeartbeat: number,
      memoryConfiguration: object({ totalProcessMemory: number }),
      sluice: optional(
        object<NonNullable<TaskManagerMessage['sluice']>>({
          pid: number,
          silentMs: number,
          load: nullable(object({ cpu: number, heapUsedBytes: number, rssBytes: number })),
          slots: list(object({ slot: entries, jobId: hexId }), ENTRIES_MAX),
        }),
      ),
    }),
    ENTRIES_MAX,
  ),
});

const moved = object({ 'read-records': number, 'write-records': number });

const flinkJob = object<FlinkJob>({
  jid: hexId,
  name: text,
  state: jobState,
  'start-time': number,
  'end-time': number,
  vertices: list(
    object<FlinkJob['vertices'][number]>({
      id: hexId,
      name: text,
      slotSharingGroupId: optional(text),
      parallelism,
      maxParallelism,
      status: taskState,
      metrics: moved,
    }),
    PARALLELISM_MAX,
  ),
  plan: object({
    nodes: list(
      object<FlinkJob['plan']['nodes'][number]>({
        id: text,
        description: text,
        inputs: optional(list(object({ id: text, ship_strategy: text }), PARALLELISM_MAX)),
      }),
      PARALLELISM_MAX,
    ),
  }),
});

const flinkVertex = object({
  subtasks: list(
    object<FlinkSubtask>({
      subtask: parallelism,
      status: taskState,
      attempt: count(2 ** 31),
      'taskmanager-id': text,
      metrics: moved,
    }),
    PARALLELISM_MAX,
  ),
});

const status = oneOf('IN_PROGRESS', 'COMPLETED', 'FAILED');
/** Flink writes what cannot be said as this text. */
const numberOrNaN: Check<number | 'NaN'> = (value, at) =>
  value === 'NaN' ? value : number(value, at);

const flinkCheckpoints = object({
  counts: object({ restored: number, in_progress: number, completed: number, failed: number }),
  summary: object({ end_to_end_duration: object({ p50: numberOrNaN, p95: numberOrNaN }) }),
  history: list(
    object<FlinkCheckpoint>({
      id: number,
      status,
      is_savepoint: flag,
      trigger_timestamp: number,
      end_to_end_duration: number,
      state_size: number,
      num_subtasks: number,
      num_acknowledged_subtasks: number,
      failure_message: optional(text),
    }),
    ENTRIES_MAX,
  ),
});

const flinkExceptions = object({
  exceptionHistory: object({
    entries: list(
      object<FlinkException>({
        exceptionName: text,
        stacktrace: text,
        timestamp: number,
        taskName: nullable(text),
        taskManagerId: nullable(text),
      }),
      ENTRIES_MAX,
    ),
  }),
});

const metrics = list(object({ id: text }), 1_000_000);

const subtaskView = object<SubtaskView>({
  index: parallelism,
  state: taskState,
  attempt: count(2 ** 31),
  taskManager: nullable(text),
  slot: nullable(entries),
  recordsIn: number,
  recordsOut: number,
  recordsInPerSecond: nullable(number),
  recordsOutPerSecond: nullable(number),
  busy: nullable(number),
  backPressured: nullable(number),
  idle: nullable(number),
  watermarkMs: nullable(number),
  lateRecords: number,
  windowsFired: number,
  skippedRecords: number,
  stuckMs: nullable(number),
});

const operatorView = object<OperatorView>({
  id: text,
  name: text,
  kind: text,
  after: number,
  cell: nullable(text),
  line: nullable(number),
  recordsIn: number,
  recordsOut: number,
});

const jobView = object<JobView>({
  id: hexId,
  name: text,
  state: jobState,
  startMs: number,
  endMs: nullable(number),
  restarts: number,
  isBounded: flag,
  waitsFor: nullable(text),
  vertices: list(
    object<VertexView>({
      id: hexId,
      name: text,
      parallelism,
      maxParallelism,
      slotSharingGroup: text,
      state: taskState,
      operators: list(operatorView, PARALLELISM_MAX),
      subtasks: list(subtaskView, PARALLELISM_MAX),
      stateBytes: nullable(number),
    }),
    PARALLELISM_MAX,
  ),
  edges: list(
    object({ source: text, target: text, shipStrategy: text, notChained: text }),
    ENTRIES_MAX,
  ),
  checkpoints: object<JobView['checkpoints']>({
    intervalMs: nullable(number),
    completed: number,
    failed: number,
    inProgress: number,
    restored: number,
    history: list(
      object<JobView['checkpoints']['history'][number]>({
        id: number,
        status,
        isSavepoint: flag,
        triggerMs: number,
        durationMs: number,
        sizeBytes: number,
        acknowledged: number,
        subtasks: number,
        failure: nullable(text),
        byVertex: record(object({ acknowledged: number, total: number })),
      }),
      ENTRIES_MAX,
    ),
  }),
  failures: list(
    object({ atMs: number, task: nullable(text), taskManager: nullable(text), text }),
    ENTRIES_MAX,
  ),
  results: list(object({ operatorId: hexId, name: text, label: text, lanes }), PARALLELISM_MAX),
});

const results = object<ResultsMessage>({
  version: text,
  voidFrom: nullable(number),
  offset: number,
  committedOffset: number,
  rows: list(text, 1_000_000),
  isLast: flag,
  lanes,
});

const messages = object({
  messages: list(
    object({
      level: oneOf('debug', 'info', 'warn', 'error'),
      source: text,
      text,
      number,
      atMs: number,
    }),
    ENTRIES_MAX,
  ),
  next: number,
  isLast: flag,
});

const failure = optional(object({ class: text, 'stack-trace': text }));
const operation = object<OperationStatus>({
  status: object({ id: oneOf('IN_PROGRESS', 'COMPLETED') }),
  operation: nullable(
    object<NonNullable<OperationStatus['operation']>>({
      checkpointId: optional(number),
      location: optional(text),
      failureCause: failure,
      'failure-cause': failure,
    }),
  ),
});

const executionResult = object({
  status: object({ id: oneOf('IN_PROGRESS', 'COMPLETED') }),
  'job-execution-result': optional(
    object<JobResult>({
      id: hexId,
      'application-status': oneOf('SUCCEEDED', 'FAILED', 'CANCELED', 'UNKNOWN'),
      'net-runtime': number,
      'failure-cause': failure,
    }),
  ),
});

const accumulators = object({
  'user-task-accumulators': list(
    object<AccumulatorMessage>({ name: text, type: text, value: text }),
    ENTRIES_MAX,
  ),
});

const jarPlan = object({
  plan: object<JsonPlan>({
    jid: text,
    name: text,
    type: text,
    nodes: list(
      object<JsonPlan['nodes'][number]>({
        id: text,
        operator: text,
        parallelism: maxParallelism,
        operator_strategy: text,
        description: text,
        optimizer_properties: object({}),
        inputs: optional(
          list(object({ id: text, num: number, exchange: text, ship_strategy: text }), ENTRIES_MAX),
        ),
      }),
      PARALLELISM_MAX,
    ),
  }),
});

const ID = '[0-9a-f]{32}';
const JOB = `/v1/jobs/${ID}`;
const OWN_JOB = `/sluice/v1/jobs/${ID}`;

const CHECKS: readonly (readonly [method: string, path: string, check: Check<unknown>])[] = [
  ['GET', '/v1/overview', overview],
  ['GET', '/v1/config', config],
  ['GET', '/v1/jobs/overview', jobs],
  ['GET', '/v1/taskmanagers', taskManagers],
  ['GET', JOB, flinkJob],
  ['GET', `${JOB}/checkpoints`, flinkCheckpoints],
  ['GET', `${JOB}/checkpoints/config`, object({ interval: number })],
  ['GET', `${JOB}/exceptions`, flinkExceptions],
  ['GET', `${JOB}/metrics`, metrics],
  ['GET', `${JOB}/execution-result`, executionResult],
  ['GET', `${JOB}/accumulators`, accumulators],
  ['GET', `${JOB}/vertices/${ID}`, flinkVertex],
  ['GET', `${JOB}/vertices/${ID}/(?:subtasks/)?metrics`, metrics],
  ['GET', `${JOB}/vertices/${ID}/watermarks`, metrics],
  [
    'GET',
    `${JOB}/resource-requirements`,
    record(object({ parallelism: object({ lowerBound: parallelism, upperBound: parallelism }) })),
  ],
  ['GET', `${JOB}/(?:savepoints|checkpoints)/${ID}`, operation],
  ['GET', `/v1/savepoint-disposal/${ID}`, operation],
  ['POST', `${JOB}/(?:savepoints|checkpoints|stop)`, object({ 'request-id': hexId })],
  ['POST', '/v1/savepoint-disposal', object({ 'request-id': hexId })],
  ['POST', '/v1/jars/upload', object({ filename: text })],
  ['POST', '/v1/jars/[^/]+/run', object({ jobid: hexId })],
  ['POST', '/v1/jars/[^/]+/plan', jarPlan],
  ['GET', OWN_JOB, jobView],
  ['GET', `${OWN_JOB}/results/${ID}/\\d+`, results],
  ['GET', `${OWN_JOB}/messages`, messages],
  ['POST', '/sluice/v1/jobs', object({ jobid: hexId })],
];

const COMPILED = CHECKS.map(
  ([method, path, check]) => [method, new RegExp(`^${path}$`), check] as const,
);

/** @throws Mismatch when the answer is not what this path answers. */
export function checkAnswer(method: string, pathAndQuery: string, answer: unknown): void {
  const [path = ''] = pathAndQuery.split('?');
  const found = COMPILED.find(([of, pattern]) => of === method && pattern.test(path));
  found?.[2](answer, '');
}
