// When checkpoints are taken, what they wait for, and what follows. Pure: events in, effects out.
//
//   due ─▶ preparing ─▶ waiting ─▶ storing ─▶ completed
//             │            │          │
//             └────────────┴──────────┴──▶ failed (declined, timed out, not stored, job failed)
//
// Preparing: its directory is made. Waiting: barriers travel, tasks acknowledge. Storing: its metadata is
// made durable; only then is anybody told that it is complete. A checkpoint completes in the order of its
// id or not at all: a later one that completes first subsumes it. The one that commits the end of the data is
// owed until one has completed, whatever becomes of those that were begun.

import { type CheckpointKind, isLastOfJob, isSavepoint } from '../core/barrier.ts';
import type { AttemptId, OperatorId } from '../core/ids.ts';
import type { CheckpointDecline, TaskAcknowledgement } from './acknowledgement.ts';
import type {
  CheckpointFailure,
  CheckpointPlan,
  CheckpointTask,
  SubtaskCheckpoint,
} from './checkpoint.ts';
import { CheckpointHistory, type CheckpointProgress } from './checkpoint-stats.ts';

export interface CheckpointSettings {
  /** Undefined: only by hand. */
  readonly intervalMs: number | undefined;
  readonly timeoutMs: number;
  readonly minPauseMs: number;
  readonly concurrentMax: number;
  /** Failures in a row that do not fail the job. */
  readonly tolerableFailures: number;
  readonly rememberedMax: number;
  /** Barriers overtake records so long after the trigger; undefined: they never do. */
  readonly overtakesAfterMs?: number | undefined;
}

export type CheckpointEffect =
  /** Make the directory, then say `onPrepared`. */
  | { readonly kind: 'prepare'; readonly checkpointId: number }
  /** Read what lives beside the JobMaster, then tell these tasks, without anything in between. */
  | {
      readonly kind: 'trigger';
      readonly checkpointId: number;
      readonly triggerMs: number;
      readonly checkpointKind: CheckpointKind;
      readonly overtakesAfterMs: number | undefined;
      readonly tasks: readonly CheckpointTask[];
    }
  /** Make the metadata durable, then say `onStored` or `onFailed`. */
  | { readonly kind: 'store'; readonly checkpoint: AcknowledgedCheckpoint }
  | {
      readonly kind: 'notify';
      readonly checkpointId: number;
      readonly outcome: 'complete' | 'aborted';
      readonly tasks: readonly CheckpointTask[];
    }
  /** Its files are of no use: remove its directory. */
  | { readonly kind: 'discard'; readonly checkpointId: number }
  /** Whoever asked for it by hand hears of it. */
  | { readonly kind: 'answer'; readonly checkpointId: number; readonly failure: string | undefined }
  | { readonly kind: 'fail-job'; readonly message: string };

/** Every task has acknowledged. */
export interface AcknowledgedCheckpoint {
  readonly checkpointId: number;
  readonly kind: CheckpointKind;
  readonly triggerMs: number;
  readonly plan: CheckpointPlan;
  readonly subtasks: ReadonlyMap<AttemptId, SubtaskCheckpoint>;
  readonly coordinators: readonly (readonly [OperatorId, unknown])[];
}

interface Pending {
  readonly checkpointId: number;
  readonly kind: CheckpointKind;
  readonly plan: CheckpointPlan;
  readonly triggerMs: number;
  /** Monotonic. */
  readonly deadlineMs: number;
  readonly subtasks: Map<AttemptId, SubtaskCheckpoint>;
  readonly overtakesAfterMs: number | undefined;
  status: 'preparing' | 'waiting' | 'storing';
  coordinators: readonly (readonly [OperatorId, unknown])[];
}

export interface Now {
  /** Epoch ms. */
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** The end of the data is not committed before a checkpoint from `fromId` on is complete. */
interface OwedCheckpoint {
  readonly fromId: number;
  /** Monotonic ms at which it is begun, or begun again. */
  dueMs: number;
}

/** After a restart, until what was lost is there again in part: a checkpoint of nothing would commit nothing. */
const SETTLE_MS = 100;

/** Until what kept the last checkpoint from completing may be over; about a heartbeat. */
const OWED_RETRY_MS = 200;

export class CheckpointCoordinator {
  readonly history: CheckpointHistory;
  readonly #settings: CheckpointSettings;
  readonly #pending = new Map<number, Pending>();
  #nextId: number;
  /** Monotonic ms at which the next one is due; Infinity while none may be taken. */
  #dueMs = Number.POSITIVE_INFINITY;
  #lastEndMs = Number.NEGATIVE_INFINITY;
  /** Monotonic ms at which the latest that is complete was begun: what came after it is not committed. */
  #committedMs = Number.POSITIVE_INFINITY;
  #failuresInRow = 0;
  #owed: OwedCheckpoint | undefined;
  /** The one behind which the job ends is complete: whoever met another barrier would take it for failed. */
  #isEnded = false;

  /** `firstId`: above every id that the job has used under earlier leaders. */
  constructor(
    settings: CheckpointSettings,
    firstId: number,
    onProgress: CheckpointProgress = () => undefined,
  ) {
    this.#settings = settings;
    this.#nextId = firstId;
    this.history = new CheckpointHistory(settings.rememberedMax, onProgress);
  }

  /** The job goes on from that checkpoint, of whatever job: ids of its own are greater. */
  beginAfter(checkpointId: number): void {
    this.#nextId = Math.max(this.#nextId, checkpointId + 1);
  }

  /**
   * All tasks run: periodic checkpoints may begin. After a restart the interval goes on where it was: who waits for
   * a commit has waited while the job was down. Said again, it changes nothing.
   */
  start(now: Now): void {
    if (this.#isEnded) return;
    const { intervalMs } = this.#settings;
    const isStopped = this.#dueMs === Number.POSITIVE_INFINITY;
    if (intervalMs !== undefined && isStopped)
      this.#dueMs = Math.min(
        now.monotonicMs + intervalMs,
        Math.max(now.monotonicMs + SETTLE_MS, this.#committedMs + intervalMs),
      );
    if (this.#owed !== undefined) this.#owed.dueMs = now.monotonicMs;
  }

  /** All data has ended: a checkpoint is due at once, whatever the interval, the pause and those under way. */
  oweLast(now: Now): void {
    if (this.#settings.intervalMs === undefined || this.#isEnded) return; // nobody waits for it
    this.#owed = { fromId: this.#nextId, dueMs: now.monotonicMs };
  }

  /** When `onTime` should be called, monotonic ms. */
  nextTimeMs(): number {
    let next = this.#canBegin()
      ? Math.max(this.#dueMs, this.#lastEndMs + this.#settings.minPauseMs)
      : Number.POSITIVE_INFINITY;
    next = Math.min(next, this.#owedMs);
    for (const { deadlineMs } of this.#pending.values()) next = Math.min(next, deadlineMs);
    return next;
  }

  /** Expires what is late, and begins a checkpoint when one is due. `plan`: undefined while not all tasks run. */
  onTime(now: Now, plan: () => CheckpointPlan | undefined): CheckpointEffect[] {
    const late = [...this.#pending.values()].filter(
      ({ deadlineMs }) => deadlineMs <= now.monotonicMs,
    );
    const effects = late.flatMap((pending) =>
      this.#fail(pending, 'Checkpoint expired before completing.', now),
    );
    const { intervalMs, minPauseMs } = this.#settings;
    const isOwed = now.monotonicMs >= this.#owedMs;
    const isDue = now.monotonicMs >= Math.max(this.#dueMs, this.#lastEndMs + minPauseMs);
    if (!isOwed && !(isDue && this.#canBegin())) return effects;
    if (intervalMs !== undefined) this.#dueMs = now.monotonicMs + intervalMs;
    this.#putOff(now);
    const found = plan();
    return found === undefined ? effects : [...effects, ...this.#begin('checkpoint', found, now)];
  }

  /** By hand: at once, whatever the interval and the pause. */
  trigger(
    kind: CheckpointKind,
    plan: CheckpointPlan,
    now: Now,
  ): { readonly checkpointId: number; readonly effects: CheckpointEffect[] } {
    const checkpointId = this.#nextId;
    return { checkpointId, effects: this.#begin(kind, plan, now) };
  }

  onPrepared(checkpointId: number): CheckpointEffect[] {
    const pending = this.#pending.get(checkpointId);
    if (pending?.status !== 'preparing') return [];
    pending.status = 'waiting';
    const { kind, triggerMs, overtakesAfterMs, plan } = pending;
    const tasks = plan.trigger;
    return [
      { kind: 'trigger', checkpointId, triggerMs, checkpointKind: kind, overtakesAfterMs, tasks },
    ];
  }

  /** What lives beside the JobMaster, read in the turn of the trigger. */
  setCoordinators(
    checkpointId: number,
    coordinators: readonly (readonly [OperatorId, unknown])[],
  ): void {
    const pending = this.#pending.get(checkpointId);
    if (pending !== undefined) pending.coordinators = coordinators;
  }

  onAcknowledge(attemptId: AttemptId, ack: TaskAcknowledgement, now: Now): CheckpointEffect[] {
    const pending = this.#pending.get(ack.checkpointId);
    if (pending?.status !== 'waiting') return []; // late: it was aborted, and its directory goes
    const index = pending.plan.waitFor.findIndex((task) => task.attemptId === attemptId);
    const task = pending.plan.waitFor[index];
    if (task === undefined || pending.subtasks.has(attemptId)) return [];
    const { handle, isFinished, hasSharedLists, timing } = ack;
    pending.subtasks.set(attemptId, { handle, isFinished, hasSharedLists });
    const ofVertex = pending.plan.waitFor.filter(({ vertex }) => vertex === task.vertex);
    this.history.acknowledge(ack.checkpointId, task.vertex, ofVertex.indexOf(task), {
      ...timing,
      ackMs: now.wallMs,
    });
    if (pending.subtasks.size < pending.plan.waitFor.length) return [];
    pending.status = 'storing';
    return [{ kind: 'store', checkpoint: pending }];
  }

  onDecline(
    attemptId: AttemptId,
    { checkpointId, reason, isFault }: CheckpointDecline,
    now: Now,
  ): CheckpointEffect[] {
    const pending = this.#pending.get(checkpointId);
    if (pending === undefined || pending.status === 'storing') return [];
    if (!pending.plan.waitFor.some((task) => task.attemptId === attemptId)) return [];
    const failure = 'Checkpoint was declined.';
    return isFault
      ? this.#fail(pending, failure, now, reason)
      : this.#drop(pending, failure, now, reason);
  }

  /** It acknowledges nothing any more: what still waits for its word ends. */
  onTaskEnded(attemptId: AttemptId, now: Now): CheckpointEffect[] {
    return [...this.#pending.values()]
      .filter(
        ({ status, plan, subtasks }) =>
          status !== 'storing' &&
          !subtasks.has(attemptId) &&
          plan.waitFor.some((task) => task.attemptId === attemptId),
      )
      .flatMap((pending) =>
        this.#drop(
          pending,
          'Checkpoint was declined.',
          now,
          'A task has ended before its barrier.',
        ),
      );
  }

  /** The metadata is durable: the checkpoint is what the job restores from, unless it was given up: no effects. */
  onStored(checkpointId: number, path: string, now: Now): CheckpointEffect[] {
    const pending = this.#pending.get(checkpointId);
    if (pending === undefined) return [];
    this.#pending.delete(checkpointId);
    this.#lastEndMs = now.monotonicMs;
    this.#failuresInRow = 0;
    this.history.complete(checkpointId, path, now.wallMs);
    const answer: CheckpointEffect = { kind: 'answer', checkpointId, failure: undefined };
    // It commits nothing: its transactions stay pending until the next checkpoint.
    if (pending.kind === 'savepoint') return [answer];
    this.#committedMs = pending.deadlineMs - this.#settings.timeoutMs;
    if (this.#owed !== undefined && checkpointId >= this.#owed.fromId) this.#owed = undefined;
    if (isLastOfJob(pending.kind)) this.#end();
    const earlier = [...this.#pending.values()].filter(
      (other) => other.checkpointId < checkpointId && other.kind === 'checkpoint',
    );
    return [
      ...earlier.flatMap((other) => this.#drop(other, 'Checkpoint has been subsumed.', now)),
      { kind: 'notify', checkpointId, outcome: 'complete', tasks: pending.plan.waitFor },
      answer,
    ];
  }

  /** Here, not at a task. */
  onFailed(
    checkpointId: number,
    failure: CheckpointFailure,
    reason: string,
    now: Now,
  ): CheckpointEffect[] {
    const pending = this.#pending.get(checkpointId);
    return pending === undefined ? [] : this.#fail(pending, failure, now, reason);
  }

  /** Tasks have failed or are cancelled: what is in progress ends, and none begins before `start`. */
  stop(reason: CheckpointFailure, now: Now): CheckpointEffect[] {
    this.#end();
    this.#isEnded = false; // tasks that begin anew say anew that their data has ended
    return [...this.#pending.values()].flatMap((pending) => this.#drop(pending, reason, now));
  }

  /** None is due any more. */
  #end(): void {
    this.#isEnded = true;
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#owed = undefined;
  }

  /** When the owed one is begun: not while one that covers the end of the data is under way. */
  get #owedMs(): number {
    const owed = this.#owed;
    if (owed === undefined) return Number.POSITIVE_INFINITY;
    const isUnderWay = [...this.#pending.values()].some(
      ({ checkpointId, kind }) =>
        isLastOfJob(kind) || (checkpointId >= owed.fromId && kind === 'checkpoint'),
    );
    return isUnderWay ? Number.POSITIVE_INFINITY : owed.dueMs;
  }

  /** Should the owed one that is begun now come to nothing. */
  #putOff({ monotonicMs }: Now): void {
    if (this.#owed !== undefined) this.#owed.dueMs = monotonicMs + OWED_RETRY_MS;
  }

  /** Behind the barrier with which the job ends there is nothing to be taken. */
  #canBegin(): boolean {
    const isEnding = [...this.#pending.values()].some(({ kind }) => isLastOfJob(kind));
    return !isEnding && this.#pending.size < this.#settings.concurrentMax;
  }

  #begin(kind: CheckpointKind, plan: CheckpointPlan, now: Now): CheckpointEffect[] {
    const checkpointId = this.#nextId++;
    // Savepoints are aligned, and so is what shall commit the end of the data. Only one at a time overtakes.
    const isAligned = kind !== 'checkpoint' || this.#owed !== undefined || this.#pending.size > 0;
    this.#pending.set(checkpointId, {
      checkpointId,
      kind,
      plan,
      triggerMs: now.wallMs,
      deadlineMs: now.monotonicMs + this.#settings.timeoutMs,
      subtasks: new Map(),
      overtakesAfterMs: isAligned ? undefined : this.#settings.overtakesAfterMs,
      status: 'preparing',
      coordinators: [],
    });
    this.history.begin(checkpointId, kind, now.wallMs, plan.waitFor);
    return [{ kind: 'prepare', checkpointId }];
  }

  #fail(
    pending: Pending,
    failure: CheckpointFailure,
    now: Now,
    detail?: string,
  ): CheckpointEffect[] {
    const effects = this.#drop(pending, failure, now, detail);
    if (isSavepoint(pending.kind)) return effects;
    this.#failuresInRow++;
    if (this.#failuresInRow <= this.#settings.tolerableFailures) return effects;
    const message = `checkpoint ${pending.checkpointId} failed: ${detail ?? failure} (${this.#failuresInRow} in a row, execution.checkpointing.tolerable-failed-checkpoints is ${this.#settings.tolerableFailures})`;
    return [...effects, { kind: 'fail-job', message }];
  }

  #drop(
    pending: Pending,
    failure: CheckpointFailure,
    now: Now,
    detail?: string,
  ): CheckpointEffect[] {
    const { checkpointId, plan } = pending;
    this.#pending.delete(checkpointId);
    this.#lastEndMs = now.monotonicMs;
    if (checkpointId >= (this.#owed?.fromId ?? checkpointId + 1)) this.#putOff(now);
    const message = detail === undefined ? failure : `${failure} ${detail}`;
    this.history.fail(checkpointId, message, now.wallMs);
    return [
      { kind: 'notify', checkpointId, outcome: 'aborted', tasks: plan.waitFor },
      { kind: 'discard', checkpointId },
      { kind: 'answer', checkpointId, failure: message },
    ];
  }
}
