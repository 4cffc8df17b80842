// What the screen shows of a cluster: assembled from Flink's REST API and, where the cluster is a sluice,
// from sluice's own endpoints. A real Flink leaves the optional parts undefined. Plain immutable data;
// the views (cli/ui/views) are pure functions of it.

export interface ClusterModel {
  readonly address: string;
  readonly link: 'connecting' | 'live' | 'lost';
  readonly version: string;
  readonly isSluice: boolean;
  readonly taskManagers: readonly TaskManagerModel[];
  readonly slotsTotal: number;
  readonly slotsFree: number;
  readonly jobs: readonly JobSummary[];
  /** The jobs that are looked into, by id. */
  readonly details: Readonly<Record<string, JobModel>>;
}

export type JobState =
  | 'INITIALIZING'
  | 'CREATED'
  | 'RUNNING'
  | 'FAILING'
  | 'FAILED'
  | 'CANCELLING'
  | 'CANCELED'
  | 'FINISHED'
  | 'RESTARTING'
  | 'SUSPENDED'
  | 'RECONCILING';

export type TaskState =
  | 'CREATED'
  | 'SCHEDULED'
  | 'DEPLOYING'
  | 'INITIALIZING'
  | 'RUNNING'
  | 'FINISHED'
  | 'CANCELING'
  | 'CANCELED'
  | 'FAILED'
  | 'RECONCILING';

export interface JobSummary {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly startMs: number;
  /** Undefined while it has not ended. */
  readonly endMs: number | undefined;
  readonly tasksRunning: number;
  readonly tasksTotal: number;
}

export interface JobModel extends JobSummary {
  readonly vertices: readonly VertexModel[];
  readonly edges: readonly EdgeModel[];
  readonly checkpoints: CheckpointsModel;
  readonly exceptions: readonly ExceptionModel[];
  /** Times restarted so far. */
  readonly restarts: number;
  /** Why its parallelism cannot be changed while it runs; undefined when it can. */
  readonly cannotRescale?: string | undefined;
}

export interface VertexModel {
  readonly id: string;
  readonly name: string;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly slotSharingGroup: string;
  readonly state: TaskState;
  /** The operators of the chain, head first. From a real Flink: only their names. */
  readonly operators: readonly OperatorModel[];
  /** Shares of time, 0 to 1; undefined before the first measurement. */
  readonly busy: number | undefined;
  readonly backPressured: number | undefined;
  readonly idle: number | undefined;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly recordsInPerSecond: number;
  readonly recordsOutPerSecond: number;
  readonly lateRecords: number;
  /** Lowest over the subtasks, epoch ms; undefined before the first. */
  readonly watermarkMs: number | undefined;
  /** Of the last completed checkpoint. */
  readonly stateBytes: number | undefined;
  readonly subtasks: readonly SubtaskModel[];
  /** How it went lately, where somebody has watched. */
  readonly history?: VertexHistory | undefined;
}

/** A value for each look at the cluster, oldest first; all of the same length. */
export interface VertexHistory {
  readonly recordsInPerSecond: readonly number[];
  readonly recordsOutPerSecond: readonly number[];
  readonly busy: readonly number[];
  readonly backPressured: readonly number[];
}

/** The end of a log. */
export interface LogModel {
  /** Undefined: the JobManager. */
  readonly taskManager: string | undefined;
  /** Oldest first; not escaped. */
  readonly lines: readonly string[];
  /** Why there is none. */
  readonly problem: string | undefined;
}

export interface OperatorModel {
  readonly name: string;
  /** Index, within `operators`, of the operator before it in the chain; -1 for the head. */
  readonly after: number;
  readonly cell?: string;
  readonly line?: number;
  readonly recordsOut?: number;
  /** Output per record of input is 0: `filter passes 0 of N`. */
  readonly recordsIn?: number;
}

export interface SubtaskModel {
  readonly index: number;
  readonly state: TaskState;
  readonly attempt: number;
  readonly taskManager: string | undefined;
  /** Number of the slot in its TaskManager, from 0. */
  readonly slot: number | undefined;
  readonly busy: number | undefined;
  readonly backPressured: number | undefined;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly watermarkMs: number | undefined;
  /** A single call into user code that has lasted this long, when over a second. */
  readonly stuckMs: number | undefined;
}

export interface EdgeModel {
  readonly source: string;
  readonly target: string;
  /** FORWARD, HASH, REBALANCE, BROADCAST, … */
  readonly shipStrategy: string;
  /** Why the two ends are not one chain; undefined where the cluster does not say. */
  readonly notChained: string | undefined;
}

export interface TaskManagerModel {
  readonly id: string;
  readonly slots: number;
  readonly freeSlots: number;
  /** Milliseconds since it was last heard of. */
  readonly silentMs: number;
  readonly memoryBytes: number;
  /** Share of one core, and bytes of memory that are in use; undefined where the cluster does not say. */
  readonly cpu: number | undefined;
  readonly residentBytes: number | undefined;
  /** Process id, on a sluice of this machine. */
  readonly pid: number | undefined;
}

export interface CheckpointsModel {
  readonly completed: number;
  readonly failed: number;
  readonly inProgress: number;
  readonly restored: number;
  /** Newest first. */
  readonly history: readonly CheckpointModel[];
  /** Of the completed ones, ms. */
  readonly durationP50Ms: number | undefined;
  readonly durationP95Ms: number | undefined;
  readonly intervalMs: number | undefined;
}

export interface CheckpointModel {
  readonly id: number;
  readonly status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly isSavepoint: boolean;
  readonly triggerMs: number;
  readonly durationMs: number;
  readonly sizeBytes: number;
  readonly acknowledged: number;
  readonly subtasks: number;
  readonly failure: string | undefined;
  /** Acknowledged subtasks by vertex id, where known: the barrier front. */
  readonly byVertex:
    | Readonly<Record<string, { readonly acknowledged: number; readonly total: number }>>
    | undefined;
}

export interface ExceptionModel {
  readonly atMs: number;
  readonly task: string | undefined;
  readonly taskManager: string | undefined;
  /** Message and stack, mapped to the cell's lines. */
  readonly text: string;
}
