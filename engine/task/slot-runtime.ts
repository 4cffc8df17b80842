// What runs in a slot's thread: takes tasks, gives them turns, and carries messages between them and the
// TaskManager's main thread. It knows no thread and no process: the host hands in how to post, to load a
// program and to sleep.

import type { CheckpointDecline } from '../checkpoint/acknowledgement.ts';
import type { OutputFiles } from '../connectors/file-sink/output-files.ts';
import type { TextStream } from '../connectors/sink.ts';
import type { FromReader, ToReader } from '../connectors/source-events.ts';
import { must } from '../core/assert.ts';
import { type Barrier, isSavepoint } from '../core/barrier.ts';
import type { Clock } from '../core/clock.ts';
import { errorInfo } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { AttemptId, BlobKey, OperatorId } from '../core/ids.ts';
import type { LogLevel } from '../core/logger.ts';
import { options } from '../core/options.ts';
import type { Random } from '../core/random.ts';
import type { ResultsRequest } from '../core/results.ts';
import type { Doorbell } from '../network/doorbell.ts';
import { type BuiltTask, buildTask, OperatorNotMade } from './build-task.ts';
import { nameInFlight } from './in-flight-restore.ts';
import { type LocalCopies, localCopies } from './local-copies.ts';
import type { ProgramFunctions } from './operator-context.ts';
import { type LoopTask, SlotLoop } from './slot-loop.ts';
import type { FromSlot, TaskEnd, TaskFailure, ToSlot } from './slot-messages.ts';
import { SlotTalk, sourceName } from './slot-talk.ts';
import { SnapshotChain } from './snapshot-chain.ts';
import { StreamTask } from './stream-task.ts';
import { SlotChannels } from './task-channels.ts';
import { checkpointTask } from './task-checkpoint.ts';
import type { TaskDeployment } from './task-deployment.ts';
import { causeOf } from './task-failure.ts';
import type { SnapshotFacts, TaskEvents } from './task-parts.ts';
import { readRestoredState } from './task-restore.ts';
import { turnFrame } from './turn-frame.ts';
import { UserObservations } from './user-observations.ts';

export interface SlotHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: FileSystem;
  /** Where file sinks write. */
  readonly outputFiles: OutputFiles;
  readonly doorbell: Doorbell;
  readonly stdout: TextStream;
  post(message: FromSlot): void;
  /** Evaluates the bundle afresh. Rejects when it builds another job than the one that was submitted. */
  loadProgram(bundle: Uint8Array, plan: Uint8Array): Promise<ProgramFunctions>;
}

type Deploy = ToSlot & { kind: 'deploy' };

interface RunningTask {
  readonly deployment: TaskDeployment;
  readonly channelIds: readonly string[];
  task: StreamTask | undefined;
  built: BuiltTask | undefined;
  readonly observations: UserObservations;
  /** Of its checkpoints, when they are incremental. */
  chain: SnapshotChain | undefined;
  /** Of what it writes for them, where they are wanted. */
  readonly copies: LocalCopies | undefined;
  isCancelled: boolean;
}

export class SlotRuntime {
  readonly #host: SlotHost;
  readonly #loop: SlotLoop;
  readonly #channels = new SlotChannels();
  readonly #talk: SlotTalk;
  /** The task whose turn it is. */
  #atWork: RunningTask | undefined;
  readonly #tasks = new Map<AttemptId, RunningTask>();
  /** Programs are evaluated one after another: while one is, the globals that it sees are not the real ones. */
  #loading: Promise<unknown> = Promise.resolve();

  constructor(host: SlotHost) {
    this.#host = host;
    this.#loop = new SlotLoop(host.clock, host.doorbell);
    this.#talk = new SlotTalk(host.clock, (message) => host.post(message));
  }

  /** Serves until `close`. */
  run(): Promise<void> {
    this.#host.post({ kind: 'ready', doorbell: this.#host.doorbell.memory });
    return this.#loop.run();
  }

  close(): void {
    this.#loop.close();
  }

  /** Something of the program failed outside any call of ours: which task it was cannot be told. */
  failAll(thrown: unknown): void {
    for (const { task } of this.#tasks.values()) task?.fail(thrown);
  }

  /** A line that the program writes to the console. */
  say(level: LogLevel, text: string): void {
    const running = this.#atWork ?? [...this.#tasks.values()].at(-1);
    if (running === undefined) return; // the job has ended, and something of it goes on in this thread
    const { deployment, built } = running;
    const node = deployment.operators[built?.parts.chain.currentOperator ?? 0]?.node;
    const source = sourceName(node?.name ?? deployment.vertexName, deployment);
    this.#talk.say(deployment.attemptId, level, source, text);
  }

  onMessage(message: ToSlot): void {
    if (message.kind === 'deploy') void this.#deploy(message);
    else this.#toTask(message);
  }

  #toTask(message: Exclude<ToSlot, Deploy>): void {
    const running = this.#tasks.get(message.attemptId);
    if (running === undefined) return; // it has ended
    switch (message.kind) {
      case 'cancel':
        return this.#cancel(running);
      case 'observe':
        return this.#tellObserved(running);
      case 'trigger':
        return running.task?.triggerCheckpoint(message.barrier);
      case 'checkpoint-complete':
        running.copies?.onComplete(message.checkpointId);
        return running.task?.onCheckpointComplete(message.checkpointId);
      case 'checkpoint-aborted':
        running.copies?.onAborted(message.checkpointId);
        return running.task?.onCheckpointAborted(message.checkpointId);
      case 'operator-event':
        return running.task?.run(
          () => running.built?.source?.onEvent(message.event as ToReader),
          true,
        );
      case 'results':
        return this.#results(running, message.operatorId, message.request, message.id);
    }
  }

  async #deploy(message: Deploy): Promise<void> {
    const { deployment } = message;
    const { attemptId } = deployment;
    const { files } = this.#host;
    const running: RunningTask = {
      deployment,
      channelIds: message.carriers.map(([channelId]) => channelId),
      task: undefined,
      built: undefined,
      observations: new UserObservations(this.#host.clock, () =>
        this.#host.post({ kind: 'observed', attemptId, user: { metrics: [], accumulators: [] } }),
      ),
      chain: undefined,
      copies: localCopies(deployment, files, message.localDirectory, this.#talk.logger(deployment)),
      isCancelled: false,
    };
    this.#tasks.set(attemptId, running);
    this.#host.post({ kind: 'state', attemptId, state: 'INITIALIZING' });
    try {
      const functions = await this.#load(message);
      const restored = await readRestoredState(deployment, files, running.copies);
      if (running.isCancelled) return;
      this.#tellCopies(running);
      this.#start(running, message, functions, restored);
    } catch (error) {
      if (!running.isCancelled) this.#failEarly(running, error);
    }
  }

  #tellCopies({ deployment, copies }: RunningTask): void {
    const { files, bytes } = copies?.found ?? { files: 0, bytes: 0 };
    if (files === 0) return;
    const text = `goes on from checkpoint ${deployment.restore?.checkpointId} by local copies: ${files} files, ${bytes} bytes`;
    this.#talk.logger(deployment).log('info', text);
  }

  #load({ deployment, blobs }: Deploy): Promise<ProgramFunctions> {
    const byKey = new Map(blobs);
    const { bundle, plan } = deployment.program;
    const [code, planned] = [bundle, plan].map((key) => must(byKey.get(key), `blob ${key}`));
    const load = this.#loading.then(() =>
      this.#host.loadProgram(must(code, 'the bundle'), must(planned, 'the plan')),
    );
    this.#loading = load.catch(() => undefined);
    return load;
  }

  #start(
    running: RunningTask,
    message: Deploy,
    functions: ProgramFunctions,
    restored: Awaited<ReturnType<typeof readRestoredState>>,
  ): void {
    const { deployment, blobs } = message;
    const { attemptId } = deployment;
    const byKey = new Map(blobs);
    const built = buildTask(deployment, {
      clock: this.#host.clock,
      random: this.#host.random,
      log: this.#talk.logger(deployment),
      files: this.#host.files,
      outputFiles: this.#host.outputFiles,
      stdout: this.#host.stdout,
      channels: this.#channels,
      carriers: new Map(message.carriers),
      metrics: message.metrics,
      observations: running.observations,
      functions,
      restored,
      blob: (key: BlobKey) => must(byKey.get(key), `blob ${key}`),
      wake: () => this.#loop.wake(),
      fail: (error) => running.task?.fail(error),
      sendToEnumerator: (operatorId: OperatorId, event: FromReader) =>
        this.#host.post({ kind: 'operator-event', attemptId, operatorId, event }),
    });
    const task = new StreamTask(
      built.parts,
      this.#eventsOf(running, built, message),
      this.#host.clock,
      this.#loop.laps,
    );
    running.built = built;
    if (built.configuration.get(options.incrementalCheckpoints))
      running.chain = new SnapshotChain();
    running.task = task;
    this.#loop.add(this.#turnsOf(running, task, built));
    void task.start();
  }

  #eventsOf(running: RunningTask, built: BuiltTask, message: Deploy): TaskEvents {
    const { deployment } = running;
    const { attemptId } = deployment;
    return {
      onRunning: () => this.#host.post({ kind: 'state', attemptId, state: 'RUNNING' }),
      onDataEnded: () => this.#host.post({ kind: 'data-ended', attemptId }),
      onEnded: (end) => {
        this.#loop.removeEnded();
        this.#end(running, end);
      },
      onSnapshot: (barrier, facts) =>
        void this.#checkpoint(running, built, message.checkpointDirectory, barrier, facts),
      onDeclined: (checkpointId, reason) =>
        this.#decline(attemptId, { checkpointId, reason, isFault: false }),
      describe: (failure, operator, record) =>
        describeFailure(deployment, failure, operator, record),
      finalResults: () =>
        [...built.collectSinks].map(([operatorId, sink]) => ({ operatorId, ...sink.rest() })),
      wake: () => this.#loop.wake(),
    };
  }

  async #checkpoint(
    running: RunningTask,
    built: BuiltTask,
    directory: string,
    barrier: Barrier,
    facts: SnapshotFacts,
  ): Promise<void> {
    const { attemptId, vertexId, subtask } = running.deployment;
    const { checkpointId } = barrier;
    try {
      const ack = await checkpointTask(built.parts.chain, built.contexts, barrier, facts, {
        files: this.#host.files,
        clock: this.#host.clock,
        directory,
        fileName: `${vertexId}-${subtask}-${attemptId.slice(0, 8)}`,
        chain: running.chain,
        inlineBytesMax: built.configuration.get(options.stateMemoryThreshold),
        nameInFlight: (channels) => nameInFlight(running.deployment, channels),
      });
      if (ack === undefined) return;
      this.#host.post({ kind: 'acknowledge', attemptId, ack });
      if (!isSavepoint(barrier.kind)) running.copies?.keep(checkpointId, ack.handle);
    } catch (error) {
      const reason = (error as Error).message;
      this.#decline(attemptId, { checkpointId, reason, isFault: true });
    }
  }

  #decline(attemptId: AttemptId, decline: CheckpointDecline): void {
    this.#host.post({ kind: 'decline', attemptId, decline });
  }

  #cancel(running: RunningTask): void {
    running.isCancelled = true;
    if (running.task !== undefined) running.task.cancel();
    else this.#end(running, { state: 'CANCELED' });
  }

  /** The program could not be evaluated, the state not be read, or the operators not be made. */
  #failEarly(running: RunningTask, thrown: unknown): void {
    const isOfOperator = thrown instanceof OperatorNotMade;
    const [error, operator] = isOfOperator ? [thrown.cause, thrown.index] : [thrown, -1];
    const told = { error: errorInfo(error), cause: causeOf(error) };
    const failure = describeFailure(running.deployment, told, operator, undefined);
    this.#end(running, { state: 'FAILED', failure });
  }

  #tellObserved({ deployment, observations }: RunningTask): void {
    const user = observations.read();
    const { attemptId } = deployment;
    if (user !== undefined) this.#host.post({ kind: 'observed', attemptId, user });
  }

  #end(running: RunningTask, end: TaskEnd): void {
    const { deployment, channelIds, built } = running;
    const { attemptId, vertexName } = deployment;
    this.#tellObserved(running);
    for (const context of built?.contexts ?? []) {
      context.close().catch((error: unknown) => {
        const message = `what its state took on the disk is still there: ${(error as Error).message}`;
        this.#talk.logger(deployment).log('warn', message);
      });
    }
    this.#tasks.delete(attemptId);
    this.#talk.tellDropped(attemptId, vertexName);
    if (end.state !== 'FINISHED') this.#channels.release(channelIds);
    this.#host.post({ kind: 'ended', attemptId, end });
  }

  /** Whoever waits for rows is answered at the end of the turn that made some. */
  #turnsOf(running: RunningTask, task: StreamTask, { collectSinks }: BuiltTask): LoopTask {
    const sinks = [...collectSinks.values()];
    const framed = turnFrame(running.deployment.attemptId);
    const work = (): boolean => task.turn();
    return {
      turn: () => {
        this.#atWork = running;
        const progressed = framed(work);
        this.#atWork = undefined;
        if (progressed) for (const sink of sinks) if (sink.hasWaiting) sink.answerWaiting();
        return progressed;
      },
      nextDelayMs: () => task.nextDelayMs(),
      get isEnded() {
        return task.isEnded;
      },
    };
  }

  #results(
    running: RunningTask,
    operatorId: OperatorId,
    request: ResultsRequest,
    id: number,
  ): void {
    running.task?.run(() => {
      const sink = running.built?.collectSinks.get(operatorId);
      sink?.request(request, (response) => this.#host.post({ kind: 'results', id, response }));
    });
  }
}

function describeFailure(
  deployment: TaskDeployment,
  { error, cause }: Pick<TaskFailure, 'error' | 'cause'>,
  operator: number,
  record: string | undefined,
): TaskFailure {
  const node = deployment.operators[operator]?.node;
  const origin = node?.origin;
  return {
    error,
    cause,
    record,
    operator: node?.name,
    place: origin === undefined ? undefined : `cell "${origin.cell}", line ${origin.line}`,
  };
}
