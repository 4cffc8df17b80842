// Carries out what the CheckpointCoordinator decides: directories, triggers, metadata, notifications, and
// the checkpoints that are kept.

import type { CheckpointDecline, TaskAcknowledgement } from '../../checkpoint/acknowledgement.ts';
import type { CheckpointFailure, CompletedCheckpoint } from '../../checkpoint/checkpoint.ts';
import {
  type AcknowledgedCheckpoint,
  CheckpointCoordinator,
  type CheckpointEffect,
  type Now,
} from '../../checkpoint/checkpoint-coordinator.ts';
import type { CheckpointHistory } from '../../checkpoint/checkpoint-stats.ts';
import type { CheckpointKind } from '../../core/barrier.ts';
import type { Timer } from '../../core/clock.ts';
import type { Configuration } from '../../core/configuration.ts';
import { SluiceError } from '../../core/errors.ts';
import type { AttemptId } from '../../core/ids.ts';
import { options } from '../../core/options.ts';
import type { JobState } from '../../graph/execution-state.ts';
import { CheckpointFiles } from './checkpoint-files.ts';
import { completedCheckpoint } from './completed-checkpoint.ts';
import { CompletedCheckpoints } from './completed-checkpoints.ts';
import type { JobCheckpointsDependencies } from './job-checkpoints-dependencies.ts';

/** As in Flink, only where barriers are aligned there is something to overtake. */
const overtakesAfterMs = (configuration: Configuration): number | undefined =>
  configuration.get(options.unalignedCheckpoints) &&
  configuration.get(options.checkpointMode) === 'EXACTLY_ONCE'
    ? configuration.get(options.alignedCheckpointTimeout)
    : undefined;

const STORING = 'The checkpoint could not be stored.';

export class JobCheckpoints {
  readonly #deps: JobCheckpointsDependencies;
  readonly #coordinator: CheckpointCoordinator;
  readonly #files: CheckpointFiles;
  readonly intervalMs: number | undefined;
  readonly #completed: CompletedCheckpoints;
  /** Whoever leads after us knows the latest of them. */
  #registered: Promise<void> = Promise.resolve();
  /** Where savepoints go that are under way. */
  readonly #savepoints = new Map<number, string>();
  /** Those under way that are of all state. */
  readonly #full = new Set<number>();
  #timer: Timer | undefined;
  readonly #answers = new Map<number, (failure: string | undefined) => void>();
  /** While the job is being stopped: settled when it has ended, or goes on after all. */
  #ending: PromiseWithResolvers<void> | undefined;
  #isClosed = false;

  constructor(configuration: Configuration, directory: string, deps: JobCheckpointsDependencies) {
    this.#deps = deps;
    const isIncremental = configuration.get(options.incrementalCheckpoints);
    this.#files = new CheckpointFiles(deps.files, directory, isIncremental);
    this.#completed = new CompletedCheckpoints(configuration);
    this.intervalMs = configuration.get(options.checkpointInterval);
    this.#coordinator = new CheckpointCoordinator(
      {
        intervalMs: this.intervalMs,
        timeoutMs: configuration.get(options.checkpointTimeout),
        minPauseMs: configuration.get(options.checkpointMinPause),
        concurrentMax: configuration.get(options.checkpointsConcurrentMax),
        tolerableFailures: configuration.get(options.checkpointFailuresTolerable),
        rememberedMax: configuration.get(options.checkpointsRemembered),
        overtakesAfterMs: overtakesAfterMs(configuration),
      },
      1,
      deps.onProgress,
    );
  }

  get directory(): string {
    return this.#files.directory;
  }

  get history(): CheckpointHistory {
    return this.#coordinator.history;
  }

  /** What a restart continues from. */
  get latest(): CompletedCheckpoint | undefined {
    return this.#completed.latest;
  }

  get isLatestGiven(): boolean {
    return this.#completed.isLatestGiven;
  }

  /** Completed ones that stay, oldest first. */
  get kept(): readonly CompletedCheckpoint[] {
    return this.#completed.kept;
  }

  /** Somebody waits for one that was asked for by hand, or for the end of the job behind it. */
  get isAwaited(): boolean {
    return this.#answers.size > 0 || this.#ending !== undefined;
  }

  /** Before it resolves, nothing that depends on `latest` is done outside. */
  get registered(): Promise<void> {
    return this.#registered;
  }

  /** The job goes on from its own checkpoints under another leader; oldest first. */
  recover(retained: readonly CompletedCheckpoint[], latest: CompletedCheckpoint): void {
    this.#completed.recover([...retained, latest]);
    this.#coordinator.beginAfter(latest.checkpointId);
    this.restored(latest);
  }

  /** The job begins with that of another one. */
  begin(origin: CompletedCheckpoint): void {
    this.#completed.begin(origin);
    this.#coordinator.beginAfter(origin.checkpointId);
    this.restored(origin);
  }

  /** All tasks run. */
  start(): void {
    this.#coordinator.start(this.#now());
    this.#onTime();
  }

  /** Tasks have failed or are cancelled: nothing is triggered until `start`. */
  stop(reason: CheckpointFailure): void {
    this.#on(() => this.#coordinator.stop(reason, this.#now()));
  }

  /** All data has ended: a checkpoint that commits it is taken as soon as one can be, until one is complete. */
  triggerLast(): void {
    this.#coordinator.oweLast(this.#now());
    this.#onTime();
  }

  /** By hand; `isFull`: of all state. Resolves with its id when it is complete. */
  trigger(isFull = false): Promise<number> {
    return this.#triggerAt('checkpoint', undefined, isFull);
  }

  /** Resolves when all of it stands in that directory, which is made. What has failed leaves nothing there. */
  async savepoint(directory: string): Promise<void> {
    await this.#triggerAt('savepoint', directory);
  }

  /**
   * A savepoint with which the job ends: resolves when it is FINISHED. Rejects when the job goes on: the savepoint
   * has failed, or the job did behind it.
   * @param kind `drain`: its data ends first, all windows and timers fire.
   */
  async endWith(kind: 'stop' | 'drain', directory: string): Promise<void> {
    if (kind === 'drain' && this.intervalMs === undefined)
      throw new SluiceError(
        'no-checkpoints',
        `to drain a job needs checkpoints: set ${options.checkpointInterval.key}, or stop it without`,
      );
    const savepoint = this.#triggerAt(kind, directory);
    const ending = Promise.withResolvers<void>();
    ending.promise.catch(() => undefined); // told below, unless the savepoint failed before
    this.#ending ??= ending;
    try {
      await savepoint;
      await ending.promise;
    } finally {
      if (this.#ending === ending) this.#ending = undefined;
    }
  }

  #triggerAt(kind: CheckpointKind, directory: string | undefined, isFull = false): Promise<number> {
    const plan = this.#deps.plan();
    if (this.#ending !== undefined)
      return Promise.reject(new SluiceError('stopping', 'the job is being stopped already'));
    if (plan === undefined)
      return Promise.reject(new SluiceError('not-running', 'not all tasks of the job are running'));
    const { checkpointId, effects } = this.#coordinator.trigger(kind, plan, this.#now());
    if (directory !== undefined) this.#savepoints.set(checkpointId, directory);
    if (isFull) this.#full.add(checkpointId);
    const done = new Promise<number>((resolve, reject) => {
      this.#answers.set(checkpointId, (failure) =>
        failure === undefined
          ? resolve(checkpointId)
          : reject(new SluiceError('checkpoint-failed', failure)),
      );
    });
    this.#on(() => effects);
    return done;
  }

  onAcknowledge(attemptId: AttemptId, ack: TaskAcknowledgement): void {
    this.#on(() => this.#coordinator.onAcknowledge(attemptId, ack, this.#now()));
  }

  onDecline(attemptId: AttemptId, decline: CheckpointDecline): void {
    const { checkpointId, reason, isFault } = decline;
    const text = `checkpoint ${checkpointId} declined by ${this.#deps.taskName(attemptId)}: ${reason}`;
    this.#on(() => {
      const effects = this.#coordinator.onDecline(attemptId, decline, this.#now());
      // Of one that was given up before, the directory is gone: that it cannot be written is no news.
      this.#deps.log.log(isFault && effects.length > 0 ? 'warn' : 'debug', text);
      return effects;
    });
  }

  onTaskEnded(attemptId: AttemptId): void {
    this.#on(() => this.#coordinator.onTaskEnded(attemptId, this.#now()));
  }

  /** A restart continues from this. */
  restored(checkpoint: CompletedCheckpoint): void {
    const { checkpointId, kind, path } = checkpoint;
    this.history.restore(checkpointId, kind, path, this.#deps.clock.now());
    const text = `the savepoint ${path} is complete, but the job failed before it had ended: it goes on from there; stop it again`;
    this.#ending?.reject(new SluiceError('stop-failed', text));
  }

  /**
   * The job has ended for good: none is taken any more. Resolves when whoever leads after us would know of the end;
   * undefined when nobody will.
   */
  end(): Promise<void> | undefined {
    const { registry } = this.#deps;
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
    this.stop('Checkpoint Coordinator is shutting down.');
    return registry && this.#registered.then(() => registry.end());
  }

  /**
   * It will not begin again, under whichever leader: who waits for its end hears of it, and what it needed goes,
   * once nobody writes there any more.
   */
  async close(state: JobState, whenQuiet: Promise<void>): Promise<void> {
    if (state === 'FINISHED') this.#ending?.resolve();
    else this.#ending?.reject(new SluiceError('stop-failed', `the job has ended ${state}`));
    await whenQuiet;
    const gone = this.#completed.goneAfter(state);
    const removed =
      gone === undefined
        ? this.#files.sweep(this.#completed.kept, [], Number.POSITIVE_INFINITY)
        : this.#files.removeAll(this.#deps.root, gone);
    await removed.catch((error: unknown) => this.#warn('checkpoints of the job', error));
  }

  /**
   * An event, and what follows from it. That it throws is a fault of ours, and whoever sent it cannot mend it: the
   * job fails, rather than going on without checkpoints.
   */
  #on(event: () => readonly CheckpointEffect[]): void {
    try {
      for (const effect of event()) this.#carryOut(effect);
      this.#schedule();
    } catch (error) {
      const { stack, message } = error as Error;
      this.#deps.log.log('error', `checkpoints: ${stack ?? message}`);
      this.#deps.failJob(message);
    }
  }

  #carryOut(effect: CheckpointEffect): void {
    switch (effect.kind) {
      case 'prepare':
        return this.#prepare(effect.checkpointId);
      case 'trigger':
        return this.#trigger(effect);
      case 'store':
        return this.#store(effect.checkpoint);
      case 'notify':
        return this.#deps.tasks.notifyCheckpoint(effect.tasks, effect.checkpointId, effect.outcome);
      case 'discard':
        return this.#discard(effect.checkpointId);
      case 'answer':
        this.#answers.get(effect.checkpointId)?.(effect.failure);
        this.#answers.delete(effect.checkpointId);
        this.#savepoints.delete(effect.checkpointId);
        this.#full.delete(effect.checkpointId);
        this.#deps.tasks.forgetCheckpoint(effect.checkpointId);
        return;
      case 'fail-job':
        return this.#deps.failJob(effect.message);
    }
  }

  #prepare(checkpointId: number): void {
    this.#files.prepare(checkpointId, this.#pathOf(checkpointId)).then(
      () => this.#on(() => this.#coordinator.onPrepared(checkpointId)),
      (error: unknown) => this.#onFailed(checkpointId, STORING, error),
    );
  }

  #trigger({
    checkpointId,
    triggerMs,
    checkpointKind,
    overtakesAfterMs,
    tasks,
  }: CheckpointEffect & { kind: 'trigger' }): void {
    try {
      const coordinators = this.#deps.snapshotCoordinators(checkpointId);
      this.#coordinator.setCoordinators(checkpointId, coordinators);
    } catch (error) {
      return this.#onFailed(checkpointId, 'Trigger checkpoint failure.', error);
    }
    const directory = this.#savepoints.get(checkpointId);
    const isFull = this.#full.has(checkpointId); // a barrier that is announced cannot tell
    this.#deps.tasks.triggerCheckpoint(tasks, {
      checkpointId,
      timestampMs: triggerMs,
      kind: checkpointKind,
      isCancelled: false,
      ...(overtakesAfterMs === undefined || isFull ? {} : { overtakesAfterMs }),
      ...(directory === undefined ? {} : { directory }),
      ...(isFull ? { isFull } : {}),
    });
  }

  #store(acknowledged: AcknowledgedCheckpoint): void {
    const { checkpointId } = acknowledged;
    const checkpoint = completedCheckpoint(
      acknowledged,
      this.#deps.job(),
      this.#pathOf(checkpointId),
    );
    const storing = this.#files.store(checkpoint);
    storing.then(
      () => this.#on(() => this.#onStored(checkpoint)),
      (error: unknown) => this.#onFailed(checkpointId, STORING, error),
    );
  }

  #onFailed(checkpointId: number, failure: CheckpointFailure, error: unknown): void {
    const { message } = error as Error;
    this.#on(() => this.#coordinator.onFailed(checkpointId, failure, message, this.#now()));
  }

  #onStored(checkpoint: CompletedCheckpoint): readonly CheckpointEffect[] {
    const { checkpointId, path, kind } = checkpoint;
    const effects = this.#coordinator.onStored(checkpointId, path, this.#now());
    if (effects.length === 0) return []; // given up meanwhile: its directory goes
    if (kind === 'savepoint') return effects;
    const old = this.#completed.add(checkpoint);
    return this.#registering((retained) => {
      for (const one of old) this.#discard(one.checkpointId, one.path);
      this.#files
        .sweep([...retained, ...this.#completed.kept], old, checkpointId)
        .catch((error: unknown) => this.#warn('state of earlier checkpoints', error));
      this.#deps.onCompleted(checkpoint);
      return effects;
    });
  }

  /**
   * Nobody is told of it, and nothing deleted for it, before the leader after us would know. `thereafter` is given
   * what that one would have: more may be complete meanwhile, and is not registered.
   */
  #registering(
    thereafter: (retained: readonly CompletedCheckpoint[]) => readonly CheckpointEffect[],
  ): readonly CheckpointEffect[] {
    const { registry } = this.#deps;
    const retained = this.#completed.kept;
    if (registry === undefined) return thereafter(retained);
    this.#registered = this.#registered.then(() => registry.register(retained));
    void this.#registered.then(() => this.#on(() => thereafter(retained)));
    return [];
  }

  #discard(checkpointId: number, path: string = this.#pathOf(checkpointId)): void {
    this.history.discard(checkpointId);
    this.#files
      .remove(checkpointId, path)
      .catch((error: unknown) => this.#warn(`checkpoint ${checkpointId}`, error));
  }

  #pathOf(checkpointId: number): string {
    return this.#savepoints.get(checkpointId) ?? this.#files.pathOf(checkpointId);
  }

  #schedule(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#isClosed) return;
    const next = this.#coordinator.nextTimeMs();
    if (next === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#deps.clock.after(Math.max(0, next - this.#deps.clock.monotonic()), () =>
      this.#onTime(),
    );
  }

  #onTime(): void {
    this.#on(() => this.#coordinator.onTime(this.#now(), this.#deps.plan));
  }

  #warn(what: string, error: unknown): void {
    this.#deps.log.log('warn', `${what} could not be removed: ${(error as Error).message}`);
  }

  #now(): Now {
    return { wallMs: this.#deps.clock.now(), monotonicMs: this.#deps.clock.monotonic() };
  }
}
