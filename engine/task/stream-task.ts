// One attempt of one subtask. It never waits: the slot's loop gives it turns, and a turn does what can be
// done now and ends when input, credit or a promise is missing.
//
//   initializing ─▶ running ─▶ data ended ─▶ closing ─▶ ended       any ─▶ ended (cancelled, failed)
//                      └────▶ stopped ──────────┘
//
// Data ended: no element will come, and everything that elements caused has been sent. With checkpoints on,
// the task stays for one more of them, so that what its sinks have prepared is committed. Closing: only what
// waits without credit has still to leave. With a savepoint that stops the job the task waits in `stopped`:
// behind its barrier nothing is processed. It closes when the savepoint is complete, and runs on when it is not.

import type { BarrierEffect } from '../checkpoint/barrier-handler.ts';
import type { Barrier } from '../core/barrier.ts';
import type { Clock } from '../core/clock.ts';
import { errorInfo, SluiceError } from '../core/errors.ts';
import { printRecord } from '../core/print-record.ts';
import { END_OF_TIME } from '../core/time.ts';
import type { RecordBatch } from '../network/record-batch.ts';
import { offerHandovers } from './handover-input.ts';
import type { InputGate } from './input-gate.ts';
import { InputProcessor } from './input-processor.ts';
import type { Laps } from './laps.ts';
import { Mailbox } from './mailbox.ts';
import type { TaskFailure } from './slot-messages.ts';
import { causeOf, isRecordError } from './task-failure.ts';
import type { DueCheckpoint, TaskEvents, TaskParts } from './task-parts.ts';
import { TaskTurns } from './task-turns.ts';
import { TriggerQueue } from './trigger-queue.ts';

/** How many records a source may emit before the task looks at its outputs again. */
const SOURCE_RECORDS_PER_TURN = 128;

export class StreamTask {
  readonly #parts: TaskParts;
  readonly #events: TaskEvents;
  readonly #clock: Clock;
  readonly #turns: TaskTurns;
  #phase: 'initializing' | 'running' | 'stopped' | 'data-ended' | 'closing' | 'ended' =
    'initializing';
  #isFinishing = false;
  readonly #mailbox: Mailbox;
  readonly #input: InputProcessor | undefined;
  #hasSourceEnded = false;
  /** Checkpoints whose barriers have arrived on all channels, or overtake: taken one after another. */
  #due: DueCheckpoint[] = [];
  /** Checkpoints to be taken without barriers, once no element is half done and all input has ended. */
  readonly #triggers = new TriggerQueue();
  /** The first checkpoint that covers everything: with it, or a later one, the task is done. */
  #lastCheckpointId = Number.POSITIVE_INFINITY;
  /** A source ends its data before this one, and cannot go on without it. */
  #drainId: number | undefined;
  #flushAtMs = Number.POSITIVE_INFINITY;

  constructor(parts: TaskParts, events: TaskEvents, clock: Clock, laps: Laps) {
    this.#parts = parts;
    this.#events = events;
    this.#clock = clock;
    this.#mailbox = new Mailbox(this, () => events.wake());
    this.#turns = new TaskTurns(parts, laps);
    this.#input = parts.input && this.#processorOf(parts.input);
    offerHandovers(parts, this.#turns, {
      takesInput: () => this.#takesInput,
      fail: (error) => this.fail(error),
    });
  }

  get isEnded(): boolean {
    return this.#phase === 'ended';
  }

  get #isActive(): boolean {
    return this.#phase !== 'initializing' && this.#phase !== 'ended';
  }

  /** Initializes the operators, opens them and runs. Errors end the task. */
  async start(): Promise<void> {
    try {
      for (const { operator } of this.#parts.chain.operators) await operator.initialize?.();
      if (this.isEnded) return; // cancelled meanwhile
      this.#parts.chain.open();
      this.#phase = 'running';
      this.#events.onRunning();
      if (this.#parts.isRestoredFinished) this.#mailbox.post(() => this.#finishAgain());
      this.#events.wake();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Does what can be done now. True when something was. */
  turn(): boolean {
    if (!this.#isActive) return false;
    let progressed = this.#turns.begin();
    try {
      if (this.#step()) progressed = true;
    } catch (error) {
      this.fail(error);
    }
    this.#turns.end(progressed);
    return progressed && !this.isEnded;
  }

  /** How long the loop may sleep for all that this task knows, in ms. */
  nextDelayMs(): number {
    // What it waits for else wakes it: a promise, a message, its outputs' credit.
    if (!this.#isActive || this.#mailbox.isHeld || this.#phase === 'closing') return END_OF_TIME;
    const flush = this.#flushAtMs - this.#clock.monotonic();
    const { chain } = this.#parts;
    const canFire = this.#phase === 'running' && chain.hasCredit();
    const wake = canFire ? chain.nextWakeMs() - this.#clock.now() : END_OF_TIME;
    const overtake = (this.#input?.gate.nextTimeMs() ?? END_OF_TIME) - this.#clock.now();
    return Math.max(0, Math.min(flush, wake, overtake));
  }

  /**
   * Takes a checkpoint here: the task has a source, or nothing upstream of it runs any more. Then the ends of
   * its input may still be on their way: they come first.
   */
  triggerCheckpoint(barrier: Barrier): void {
    this.#mailbox.post(() => {
      if (this.#phase === 'closing') return this.#declineAtEnd(barrier.checkpointId);
      const { source } = this.#parts;
      if (this.#input !== undefined && barrier.overtakesAfterMs !== undefined)
        return this.#apply(this.#input.gate.onAnnounced(barrier, this.#clock.now()));
      this.#triggers.add(barrier);
      if (barrier.kind !== 'drain' || source === undefined) return;
      this.#goOnFor(barrier);
      if (this.#phase !== 'running') return;
      this.#drainId = barrier.checkpointId;
      source.drain();
    });
  }

  onCheckpointComplete(checkpointId: number): void {
    this.#mailbox.post(() => {
      const commits = this.#parts.chain.operators.flatMap(
        ({ operator }) => operator.onCheckpointComplete?.(checkpointId) ?? [],
      );
      const isWaiting = this.#phase === 'data-ended' || this.#phase === 'stopped';
      if (isWaiting && checkpointId >= this.#lastCheckpointId)
        this.#mailbox.hold(Promise.all(commits), () => this.#finish());
      else if (commits.length > 0) Promise.all(commits).catch((error: unknown) => this.fail(error));
    });
  }

  onCheckpointAborted(checkpointId: number): void {
    this.#mailbox.post(() => {
      this.#triggers.remove(checkpointId);
      this.#apply(this.#input?.gate.onAborted(checkpointId) ?? []);
      for (const { operator } of this.#parts.chain.operators)
        operator.onCheckpointAborted?.(checkpointId);
      if (checkpointId >= this.#endingId) this.#goOn(); // of two we may hear of the second only
    });
  }

  /** Runs in a turn of the task, after what waits already. `isOrdered`: also behind checkpoints that it is to take. */
  run(work: () => void, isOrdered = false): void {
    this.#mailbox.post(isOrdered ? () => this.#triggers.addWork(work) : work);
  }

  cancel(): void {
    if (this.isEnded) return;
    this.#close();
    this.#events.onEnded({ state: 'CANCELED' });
  }

  fail(thrown: unknown): void {
    if (this.isEnded) return;
    const { chain, source } = this.#parts;
    const value = chain.lost?.record ?? this.#input?.record ?? source?.record;
    // One that cannot be sent is another than the one at work.
    const isOther = isRecordError(thrown);
    const record = value === undefined || isOther ? undefined : printRecord(value);
    const told = { error: errorInfo(thrown), cause: causeOf(thrown) };
    const failure = this.#events.describe(told, chain.currentOperator, record);
    this.#close();
    this.#events.onEnded({ state: 'FAILED', failure });
  }

  #step(): boolean {
    let progressed = this.#mailbox.run();
    if (this.isEnded) return progressed;
    if (this.#parts.chain.drain()) progressed = true;
    if (this.#phase === 'closing') this.#closeIfDrained();
    if (this.#mailbox.isHeld || this.#phase === 'closing' || this.isEnded) return progressed;
    if (this.#parts.mayOvertake && this.#input !== undefined)
      this.#apply(this.#input.gate.look(this.#clock.now()));
    if (this.#runChain()) progressed = true;
    if (!this.isEnded) this.#flushAtMs = this.#parts.chain.flushAged(this.#turns.sinceMs);
    return progressed;
  }

  /** Resumes, fires what is due, and takes input, as far as credit goes. */
  #runChain(): boolean {
    const { chain } = this.#parts;
    if (this.#takeCheckpoint()) return true;
    // Only ends can still come.
    if (this.#phase === 'stopped') return this.#input?.step() ?? false;
    if (!chain.hasCredit()) return false;
    if (this.#phase === 'running' && chain.isDue(this.#clock)) {
      chain.onProcessingTime(this.#clock.now());
      if (!chain.isPaused) chain.advanceOwnWatermarks();
    }
    if (chain.isPaused) return this.#resume();
    return !this.#isFinishing && this.#takeInput();
  }

  /** Half of an element's output cannot be in a snapshot: the barrier follows the whole. */
  #takeCheckpoint(): boolean {
    if (!this.#parts.chain.canSnapshot) return false;
    const due = this.#due.shift();
    if (due !== undefined) {
      this.#checkpoint(due);
      return true;
    }
    if (this.#input?.gate.isPartitionEnded === false) return false;
    const barrier = this.#triggers.first;
    if (barrier === undefined) return false;
    if (barrier.kind === 'drain' && this.#phase !== 'data-ended') return false;
    this.#triggers.shift();
    this.#checkpoint({ barrier, startMs: this.#clock.now(), overtakes: false });
    this.#mailbox.post(() => this.#triggers.flush());
    return true;
  }

  #resume(): boolean {
    const { chain } = this.#parts;
    const before = chain.emitted;
    if (!chain.resume()) return chain.emitted !== before;
    if (this.#isFinishing) this.#dataEnded();
    return true;
  }

  #takeInput(): boolean {
    const { source } = this.#parts;
    if (source === undefined) return this.#input?.step() ?? false;
    if (this.#phase !== 'running') return false;
    if (this.#hasSourceEnded) {
      this.#endData();
      return true;
    }
    const result = source.poll(SOURCE_RECORDS_PER_TURN);
    // Its last records may have paused the chain: the end is dealt with when that has gone on.
    this.#hasSourceEnded = result === 'end';
    return result !== 'nothing';
  }

  #onControl(gate: InputGate, channel: number, { barrier, end }: RecordBatch): void {
    if (barrier !== undefined) this.#apply(gate.onBarrier(channel, barrier, this.#clock.now()));
    if (end === undefined) return;
    this.#apply(gate.onEnd(channel, end));
    if (!gate.isDataEnded) return;
    // A task upstream went on behind the barrier of a stop: that was given up, and we have not been told.
    if (end === 'data') this.#goOn();
    if (this.#phase === 'running' && !this.#isFinishing) this.#endData();
  }

  #processorOf(gate: InputGate): InputProcessor {
    const { chain, metrics, mayOvertake, latency } = this.#parts;
    const onControl = this.#onControl.bind(this, gate);
    const clock = mayOvertake ? this.#clock : undefined;
    return new InputProcessor(gate, chain, metrics, onControl, clock, latency);
  }

  /** The next element could be fed now, if there were one. */
  get #takesInput(): boolean {
    const isFree = this.#phase === 'running' && !this.#mailbox.isHeld && !this.#isFinishing;
    return isFree && this.#due.length === 0 && this.#input?.isBetweenBatches === true;
  }

  #apply(effects: readonly BarrierEffect[]): void {
    for (const effect of effects) {
      const { kind } = effect;
      if (kind === 'checkpoint' || kind === 'overtake') {
        const { barrier, alignmentStartMs: startMs } = effect;
        this.#due.push({ barrier, startMs, overtakes: kind === 'overtake' });
      } else if (kind === 'abort') {
        const { checkpointId } = effect.barrier;
        this.#due = this.#due.filter((due) => due.barrier.checkpointId !== checkpointId);
        this.#parts.chain.emitBarrier({ ...effect.barrier, isCancelled: true });
        this.#events.onDeclined(checkpointId, `its barrier was ${effect.reason}`);
      }
    }
  }

  /** The savepoint with which the task is to end; above all ids when there is none. */
  get #endingId(): number {
    const stopId = this.#phase === 'stopped' ? this.#lastCheckpointId : Number.POSITIVE_INFINITY;
    return this.#drainId ?? stopId;
  }

  /** That savepoint has come to nothing. */
  #goOn(): void {
    if (this.#drainId !== undefined)
      this.fail(new SluiceError('drain', 'its savepoint failed when the data had been ended'));
    if (this.#phase !== 'stopped') return;
    this.#phase = 'running';
    this.#lastCheckpointId = Number.POSITIVE_INFINITY;
  }

  /** Nothing follows one that the job ends with: it was given up, and we have not been told. */
  #goOnFor({ checkpointId }: Barrier): void {
    if (checkpointId > this.#endingId) this.#goOn();
  }

  #checkpoint({ barrier, startMs, overtakes }: DueCheckpoint): void {
    this.#goOnFor(barrier);
    if (this.isEnded) return;
    const take = (): void => {
      const isFinished = this.#phase === 'data-ended';
      if (!isFinished && barrier.kind === 'stop') this.#phase = 'stopped';
      if (isFinished || this.#phase === 'stopped')
        this.#lastCheckpointId = Math.min(this.#lastCheckpointId, barrier.checkpointId);
      this.#parts.chain.emitBarrier(barrier);
      const gate = this.#input?.gate;
      const recorded = overtakes
        ? gate?.record(barrier.checkpointId, this.#input?.atWork)
        : undefined;
      this.#events.onSnapshot(barrier, {
        isFinished,
        alignmentStartMs: startMs,
        alignedBytes: gate?.bytesSinceStart ?? 0,
        overtaken: recorded?.record,
      });
      this.#apply(recorded?.effects ?? []);
    };
    const prepared = this.#parts.chain.prepareBarrier(barrier.checkpointId);
    if (prepared === undefined) take();
    else this.#mailbox.hold(prepared, take);
  }

  /** No element will come. */
  #endData(): void {
    this.#isFinishing = true;
    const { chain } = this.#parts;
    if (chain.finish() && !chain.isPaused) this.#dataEnded();
  }

  /** Those behind hear that no time is held back here, and that no record comes. */
  #finishAgain(): void {
    for (const writer of this.#parts.writers) writer.emitWatermark(END_OF_TIME);
    this.#afterData();
  }

  #dataEnded(): void {
    this.#isFinishing = false;
    const ends = this.#parts.chain.operators.flatMap(({ operator }) => operator.endInput?.() ?? []);
    this.#mailbox.hold(Promise.all(ends), () => this.#afterData());
  }

  #afterData(): void {
    this.#phase = 'data-ended';
    for (const writer of this.#parts.writers) writer.emitEnd('data');
    this.#events.onDataEnded();
    if (!this.#parts.isCheckpointed) this.#finish();
  }

  #finish(): void {
    for (const writer of this.#parts.writers) writer.emitEnd('partition');
    this.#phase = 'closing';
    for (const checkpointId of this.#triggers.clear()) this.#declineAtEnd(checkpointId);
  }

  #declineAtEnd(checkpointId: number): void {
    this.#events.onDeclined(checkpointId, 'the task is ending');
  }

  #closeIfDrained(): void {
    if (!this.#parts.writers.every((writer) => writer.isDrained())) return;
    const results = this.#events.finalResults();
    const failure = this.#close();
    if (failure === undefined) this.#events.onEnded({ state: 'FINISHED', results });
    else this.#events.onEnded({ state: 'FAILED', failure });
  }

  /** Returns what went wrong in an operator's `close`, which does not keep the task from ending. */
  #close(): TaskFailure | undefined {
    const hasSentAll = this.#phase === 'closing';
    const { chain, writers } = this.#parts;
    this.#phase = 'ended';
    this.#mailbox.close();
    this.#turns.close();
    let failure: TaskFailure | undefined;
    try {
      chain.close();
    } catch (error) {
      const cause = causeOf(error);
      failure = this.#events.describe(
        { error: errorInfo(error), cause },
        chain.currentOperator,
        undefined,
      );
    }
    this.#input?.gate.close();
    // The channels of a task that has sent all outlive it until they are read.
    if (!hasSentAll || failure !== undefined)
      for (const writer of writers) for (const channel of writer.channels) channel.close();
    return failure;
  }
}
