// A task's counters, in shared memory: the slot writes them as it works, the TaskManager's main thread
// reads them whenever it reports, without a message and without stopping anybody.

import type { UserMetrics } from '../core/user-metrics.ts';

/** Columns of the task's part; each operator's part follows. */
export const TASK = {
  recordsIn: 0,
  recordsOut: 1,
  bytesIn: 2,
  bytesOut: 3,
  busyMs: 4,
  idleMs: 5,
  backPressuredMs: 6,
  /** -Infinity before the first. */
  watermark: 7,
  lateRecords: 8,
  windowsFired: 9,
  skippedRecords: 10,
  /** Monotonic ms at which the turn at work began; 0 between turns. */
  turnSinceMs: 11,
  /** Index of the operator at work. */
  operator: 12,
  inputQueued: 13,
  inputCapacity: 14,
  outputQueued: 15,
  outputCapacity: 16,
} as const;
const TASK_COLUMNS = 17;

/** The operator at work while another chain of the thread has what this one handed over: what hangs is there. */
export const HANDED_OVER = -1;

export const OPERATOR = { recordsIn: 0, recordsOut: 1 } as const;
const OPERATOR_COLUMNS = 2;

export interface MetricsMemory {
  readonly buffer: SharedArrayBuffer;
  readonly operators: number;
}

export function newMetricsMemory(operators: number): MetricsMemory {
  const columns = TASK_COLUMNS + operators * OPERATOR_COLUMNS;
  return { buffer: new SharedArrayBuffer(columns * 8), operators };
}

export const metricsColumns = (memory: MetricsMemory): Float64Array =>
  new Float64Array(memory.buffer);

export const operatorColumn = (operator: number, column: number): number =>
  TASK_COLUMNS + operator * OPERATOR_COLUMNS + column;

/** A reading, as it travels to the JobMaster with a heartbeat. */
export interface TaskMetrics {
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly busyMs: number;
  readonly idleMs: number;
  readonly backPressuredMs: number;
  readonly watermark: number;
  readonly lateRecords: number;
  readonly windowsFired: number;
  readonly skippedRecords: number;
  /** How long the turn at work has lasted; 0 between turns. */
  readonly turnMs: number;
  readonly operator: number;
  readonly inputUsage: number;
  readonly outputUsage: number;
  readonly operators: readonly { readonly recordsIn: number; readonly recordsOut: number }[];
  /** What its functions measure; absent where they do not. */
  readonly user?: UserMetrics;
}

/** `user`: as the slot said it last. */
export function readMetrics(memory: MetricsMemory, nowMs: number, user?: UserMetrics): TaskMetrics {
  const columns = metricsColumns(memory);
  const at = (column: number): number => columns[column] as number;
  const since = at(TASK.operator) === HANDED_OVER ? 0 : at(TASK.turnSinceMs);
  return {
    recordsIn: at(TASK.recordsIn),
    recordsOut: at(TASK.recordsOut),
    bytesIn: at(TASK.bytesIn),
    bytesOut: at(TASK.bytesOut),
    busyMs: at(TASK.busyMs),
    idleMs: at(TASK.idleMs),
    backPressuredMs: at(TASK.backPressuredMs),
    watermark: at(TASK.watermark),
    lateRecords: at(TASK.lateRecords),
    windowsFired: at(TASK.windowsFired),
    skippedRecords: at(TASK.skippedRecords),
    turnMs: since === 0 ? 0 : Math.max(0, nowMs - since),
    operator: at(TASK.operator),
    inputUsage: share(at(TASK.inputQueued), at(TASK.inputCapacity)),
    outputUsage: share(at(TASK.outputQueued), at(TASK.outputCapacity)),
    operators: Array.from({ length: memory.operators }, (_, i) => ({
      recordsIn: at(operatorColumn(i, OPERATOR.recordsIn)),
      recordsOut: at(operatorColumn(i, OPERATOR.recordsOut)),
    })),
    ...(user === undefined ? {} : { user }),
  };
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
