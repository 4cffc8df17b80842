// A job being run: each subtask with its attempts, and the job's own state. Pure: an event comes in, what
// must happen outside comes back as effects, in order; the scheduler (runtime/jobmaster) carries them out
// and decides when to deploy and what to restart. Reports of tasks may be late, doubled or out of order.

import { assert, must, unreachable } from '../core/assert.ts';
import type { ErrorInfo } from '../core/errors.ts';
import { type AttemptId, newAttemptId, type VertexId } from '../core/ids.ts';
import type { Random } from '../core/random.ts';
import type { ExecutionEffect, TaskReport } from './execution-effects.ts';
import {
  isTerminalJobState,
  isTerminalTaskState,
  type JobState,
  nextJobState,
  type TaskState,
} from './execution-state.ts';
import { type Assignment, ExecutionVertex } from './execution-vertex.ts';
import type { JobGraph, JobVertex } from './job-graph.ts';
import type { SubtaskId } from './pipelined-regions.ts';

export class ExecutionGraph {
  readonly #random: Random;
  #job: JobGraph;
  #vertices: readonly ExecutionVertex[];
  readonly #byVertex = new Map<VertexId, ExecutionVertex[]>();
  readonly #byAttempt = new Map<AttemptId, ExecutionVertex>();
  /** Between `awaitRestart` and `restart`. */
  readonly #awaitingRestart = new Set<ExecutionVertex>();
  readonly #jobTimestamps: Partial<Record<JobState, number>> = {};
  #state: JobState = 'CREATED';
  #failure: ErrorInfo | undefined;
  #effects: ExecutionEffect[] = [];

  constructor(job: JobGraph, random: Random, nowMs: number) {
    this.#job = job;
    this.#random = random;
    this.#jobTimestamps.CREATED = nowMs;
    this.#vertices = job.vertices.flatMap((vertex) => this.#create(vertex, nowMs));
  }

  /** As it runs now: its parallelism may change, nothing else does. */
  get job(): JobGraph {
    return this.#job;
  }

  get state(): JobState {
    return this.#state;
  }

  /** Epoch ms at which the job last entered each state that it has been in. */
  get jobTimestamps(): Readonly<Partial<Record<JobState, number>>> {
    return this.#jobTimestamps;
  }

  /** Why the job is FAILING, FAILED or SUSPENDED. */
  get failure(): ErrorInfo | undefined {
    return this.#failure;
  }

  /** All subtasks, vertex by vertex. */
  get subtasks(): readonly ExecutionVertex[] {
    return this.#vertices;
  }

  subtasksOf(vertex: VertexId): readonly ExecutionVertex[] {
    return must(this.#byVertex.get(vertex), `vertex ${vertex}`);
  }

  subtask({ vertex, subtask }: SubtaskId): ExecutionVertex {
    return must(this.subtasksOf(vertex)[subtask], `subtask ${subtask} of vertex ${vertex}`);
  }

  /** The subtask whose current attempt this is. */
  subtaskOfAttempt(attemptId: AttemptId): ExecutionVertex | undefined {
    return this.#byAttempt.get(attemptId);
  }

  /** The job begins. */
  start(nowMs: number): readonly ExecutionEffect[] {
    return this.#turn(() => this.#enterJob('RUNNING', nowMs));
  }

  /** Slots are being asked for. The attempts are CREATED. */
  schedule(ids: readonly SubtaskId[], nowMs: number): readonly ExecutionEffect[] {
    return this.#turn(() => {
      for (const id of ids) this.#enter(this.subtask(id), 'SCHEDULED', nowMs);
    });
  }

  /** The attempt, SCHEDULED, has a slot and is being sent to it. */
  deploy(id: SubtaskId, assignment: Assignment, nowMs: number): readonly ExecutionEffect[] {
    return this.#turn(() => this.#enter(this.subtask(id), 'DEPLOYING', nowMs, { assignment }));
  }

  /** A TaskManager's word on an attempt. */
  onTaskState(report: TaskReport, nowMs: number): readonly ExecutionEffect[] {
    return this.#turn(() => {
      const vertex = this.#byAttempt.get(report.attemptId);
      if (vertex === undefined || vertex.isTerminal) return this.#onLateReport(report);
      switch (report.state) {
        case 'INITIALIZING':
        case 'RUNNING':
          return this.#onProgress(vertex, report.state, nowMs);
        case 'FINISHED':
          // It ended before the order to cancel came: no other word will follow.
          return this.#end(
            vertex,
            vertex.current.state === 'CANCELING' ? 'CANCELED' : 'FINISHED',
            nowMs,
          );
        case 'CANCELED':
          return this.#end(vertex, 'CANCELED', nowMs);
        case 'FAILED':
          return this.#onFailed(vertex, report.error, nowMs);
      }
      return unreachable(report);
    });
  }

  /**
   * The attempt cannot go on, for a reason that its task does not know: its TaskManager is gone, or refused it.
   * `isGone`: there is no task left to cancel.
   */
  fail(
    id: SubtaskId,
    error: ErrorInfo,
    isGone: boolean,
    nowMs: number,
  ): readonly ExecutionEffect[] {
    return this.#turn(() => {
      const vertex = this.subtask(id);
      if (vertex.isTerminal) return;
      const { state, assignment } = vertex.current;
      if (!isGone && assignment !== undefined && state !== 'CANCELING')
        this.#effects.push({ kind: 'cancel-task', id, execution: vertex.current });
      this.#onFailed(vertex, error, nowMs);
    });
  }

  /** The user cancels the job. Does nothing to one that has ended, or is being cancelled. */
  cancelJob(nowMs: number): readonly ExecutionEffect[] {
    return this.#turn(() => {
      if (isTerminalJobState(this.#state) || this.#state === 'CANCELLING') return;
      this.#enterJob('CANCELLING', nowMs);
      this.#cancelAll(nowMs);
    });
  }

  /** The job fails for good: what still runs is cancelled first. Does nothing to one that is ending already. */
  failJob(error: ErrorInfo, nowMs: number): readonly ExecutionEffect[] {
    return this.#turn(() => {
      const isEnding = this.#state === 'FAILING' || this.#state === 'CANCELLING';
      if (isTerminalJobState(this.#state) || isEnding) return;
      this.#failure = error;
      this.#enterJob('FAILING', nowMs);
      this.#cancelAll(nowMs);
    });
  }

  /** This JobMaster lets go of the job at once; another may go on with it from its last checkpoint. */
  suspend(error: ErrorInfo, nowMs: number): readonly ExecutionEffect[] {
    return this.#turn(() => {
      if (isTerminalJobState(this.#state)) return;
      this.#failure = error;
      this.#enterJob('SUSPENDED', nowMs);
      this.#cancelAll(nowMs);
      for (const vertex of this.#vertices)
        if (!vertex.isTerminal) this.#end(vertex, 'CANCELED', nowMs);
    });
  }

  /** These are to begin anew: what of them still runs is cancelled, the job is RESTARTING. */
  awaitRestart(ids: readonly SubtaskId[], nowMs: number): readonly ExecutionEffect[] {
    return this.#turn(() => {
      if (this.#state === 'RUNNING') this.#enterJob('RESTARTING', nowMs);
      assert(this.#state === 'RESTARTING', `a restart while the job is ${this.#state}`);
      for (const id of ids) {
        const vertex = this.subtask(id);
        this.#awaitingRestart.add(vertex);
        this.#cancel(vertex, nowMs);
      }
    });
  }

  /** Whether all of these have ended, so that `restart` may follow. */
  canRestart(ids: readonly SubtaskId[]): boolean {
    return this.#state === 'RESTARTING' && ids.every((id) => this.subtask(id).isTerminal);
  }

  /** New attempts, CREATED, for subtasks that `canRestart`. When none is left waiting the job is RUNNING. */
  restart(ids: readonly SubtaskId[], nowMs: number): readonly ExecutionEffect[] {
    return this.#turn(() => {
      assert(this.canRestart(ids), `restart of what cannot be, while the job is ${this.#state}`);
      for (const id of ids) {
        const vertex = this.subtask(id);
        this.#byAttempt.delete(vertex.current.attemptId);
        vertex.reset(newAttemptId(this.#random), nowMs);
        this.#byAttempt.set(vertex.current.attemptId, vertex);
        this.#awaitingRestart.delete(vertex);
      }
      if (this.#awaitingRestart.size === 0) this.#enterJob('RUNNING', nowMs);
    });
  }

  /**
   * New attempts of the same job at another parallelism, CREATED; the job has not begun, or all its subtasks
   * `canRestart`. Their numbers are above those of every subtask before, of those that are gone as well: what they
   * have left is of earlier attempts.
   */
  rescale(job: JobGraph, nowMs: number): readonly ExecutionEffect[] {
    return this.#turn(() => {
      const hasBegun = this.#state !== 'CREATED';
      const hasEnded = this.canRestart(this.#vertices.map(({ id }) => id));
      assert(!hasBegun || hasEnded, `a rescale while the job is ${this.#state}`);
      if (!hasBegun) this.#byVertex.clear();
      this.#job = job;
      this.#byAttempt.clear();
      this.#awaitingRestart.clear();
      this.#vertices = job.vertices.flatMap((vertex) => this.#create(vertex, nowMs));
      if (hasBegun) this.#enterJob('RUNNING', nowMs);
    });
  }

  #create({ id, parallelism }: JobVertex, nowMs: number): readonly ExecutionVertex[] {
    const before = this.#byVertex.get(id) ?? [];
    const attempt = Math.max(-1, ...before.map(({ current }) => current.attempt)) + 1;
    const vertices = Array.from({ length: parallelism }, (_, subtask) => {
      const attemptId = newAttemptId(this.#random);
      const known = before[subtask];
      known?.reset(attemptId, nowMs, attempt);
      const created =
        known ?? new ExecutionVertex({ vertex: id, subtask }, attemptId, attempt, nowMs);
      this.#byAttempt.set(attemptId, created);
      return created;
    });
    this.#byVertex.set(id, vertices);
    return vertices;
  }

  /** Runs one event to its end and hands over the effects. */
  #turn(event: () => void): readonly ExecutionEffect[] {
    event();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** An attempt that has ended, or was never ours: only one that goes on must be told. */
  #onLateReport({ attemptId, state }: TaskReport): void {
    if (!isTerminalTaskState(state)) this.#effects.push({ kind: 'drop-task', attemptId });
  }

  /** A word that was overtaken by a later one says nothing new. */
  #onProgress(vertex: ExecutionVertex, state: 'INITIALIZING' | 'RUNNING', nowMs: number): void {
    const { id, current } = vertex;
    assert(current.assignment !== undefined, `a report of a task that is ${current.state}`);
    // The order to cancel may have come before the task was there.
    if (current.state === 'CANCELING')
      this.#effects.push({ kind: 'cancel-task', id, execution: current });
    if (current.state === 'DEPLOYING') this.#enter(vertex, 'INITIALIZING', nowMs);
    if (state === 'RUNNING' && vertex.current.state === 'INITIALIZING')
      this.#enter(vertex, 'RUNNING', nowMs);
  }

  #onFailed(vertex: ExecutionVertex, error: ErrorInfo, nowMs: number): void {
    if (vertex.current.state === 'CANCELING') return this.#end(vertex, 'CANCELED', nowMs);
    this.#end(vertex, 'FAILED', nowMs, error);
    const { id, current } = vertex;
    this.#effects.push({ kind: 'task-failed', id, execution: current, error });
  }

  #cancelAll(nowMs: number): void {
    for (const vertex of this.#vertices) this.#cancel(vertex, nowMs);
    this.#settle(nowMs);
  }

  #cancel(vertex: ExecutionVertex, nowMs: number): void {
    if (vertex.isTerminal || vertex.current.state === 'CANCELING') return;
    if (vertex.current.assignment === undefined) return this.#end(vertex, 'CANCELED', nowMs);
    this.#enter(vertex, 'CANCELING', nowMs);
    this.#effects.push({ kind: 'cancel-task', id: vertex.id, execution: vertex.current });
  }

  #end(
    vertex: ExecutionVertex,
    state: 'FINISHED' | 'CANCELED' | 'FAILED',
    nowMs: number,
    failure?: ErrorInfo,
  ): void {
    this.#enter(vertex, state, nowMs, failure === undefined ? {} : { failure });
    const { attemptId, assignment } = vertex.current;
    if (assignment !== undefined)
      this.#effects.push({ kind: 'release-slot', attemptId, assignment });
    this.#settle(nowMs);
  }

  #enter(
    vertex: ExecutionVertex,
    state: TaskState,
    nowMs: number,
    more: { readonly assignment?: Assignment; readonly failure?: ErrorInfo } = {},
  ): void {
    const { state: before } = vertex.enter(state, nowMs, more);
    const { id, current } = vertex;
    this.#effects.push({ kind: 'task-state', id, before, execution: current });
  }

  /** The job follows its tasks. */
  #settle(nowMs: number): void {
    if (!this.#vertices.every((vertex) => vertex.isTerminal)) return;
    if (this.#state === 'CANCELLING') this.#enterJob('CANCELED', nowMs);
    else if (this.#state === 'FAILING') this.#enterJob('FAILED', nowMs);
    else if (this.#state === 'RUNNING' && this.#vertices.every(isFinished))
      this.#enterJob('FINISHED', nowMs);
  }

  #enterJob(state: JobState, nowMs: number): void {
    const before = this.#state;
    this.#state = nextJobState(before, state);
    this.#jobTimestamps[state] = nowMs;
    this.#effects.push({ kind: 'job-state', before, state, error: this.#failure });
  }
}

const isFinished = (vertex: ExecutionVertex): boolean => vertex.current.state === 'FINISHED';
