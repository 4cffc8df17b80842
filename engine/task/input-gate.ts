// All input channels of a task: hands out batches from channels in turn, leaves blocked ones alone while
// barriers align, and keeps the task's watermark. Where a barrier overtakes, channels are read ahead to it:
// what is read is recorded for the snapshot, and waits here until it is processed in its turn.

import { type BarrierEffect, BarrierHandler } from '../checkpoint/barrier-handler.ts';
import { assert } from '../core/assert.ts';
import type { Barrier } from '../core/barrier.ts';
import { limits } from '../core/limits.ts';
import type { InputChannel } from '../network/channel.ts';
import type { RecordBatch } from '../network/record-batch.ts';
import { InFlightRecord } from './in-flight.ts';
import { WatermarkValve } from './watermark-valve.ts';

export interface GateChannel {
  readonly channel: InputChannel;
  /** Index of the input edge: which key function and which input of the operator. */
  readonly edge: number;
  /** No barrier overtakes its records. */
  readonly isOrdered?: boolean;
}

export interface GateInput {
  readonly batch: RecordBatch;
  /** Index of the channel. */
  readonly channel: number;
  readonly edge: number;
}

/** A batch in the middle of which the task is. */
export interface BatchAtWork {
  readonly batch: RecordBatch;
  readonly channel: number;
  /** The next. */
  readonly row: number;
}

interface Waiting {
  readonly batch: RecordBatch;
  readonly bytes: number;
  readonly isRestored: boolean;
}

export class InputGate {
  readonly valve: WatermarkValve;
  readonly #channels: readonly GateChannel[];
  readonly #barriers: BarrierHandler;
  readonly #isBlocked: boolean[];
  readonly #hasEnded: ('no' | 'data' | 'partition')[];
  /** By channel: read ahead, or restored. */
  readonly #waiting: Waiting[][];
  #waitingBytes = 0;
  /** Batches of a restored checkpoint that wait: they come before anything new. */
  #restored = 0;
  #record: InFlightRecord | undefined;
  #next = 0;
  #bytesAtStart = 0;

  constructor(channels: readonly GateChannel[], mode: 'aligned' | 'at-least-once') {
    this.#channels = channels;
    this.valve = new WatermarkValve(channels.length);
    const ordered = channels.flatMap(({ isOrdered }, i) => (isOrdered === true ? [i] : []));
    this.#barriers = new BarrierHandler(channels.length, mode, ordered);
    this.#isBlocked = channels.map(() => false);
    this.#hasEnded = channels.map(() => 'no');
    this.#waiting = channels.map(() => []);
  }

  /** The next batch of a channel that is not blocked; undefined when none has arrived. */
  poll(): GateInput | undefined {
    const count = this.#channels.length;
    for (let tried = 0; tried < count; tried++) {
      const i = this.#next;
      this.#next = i + 1 === count ? 0 : i + 1;
      if (this.#isBlocked[i] === true) continue;
      const batch = this.#waitingBytes > 0 ? this.#takeWaiting(i) : this.#take(i);
      if (batch !== undefined)
        return { batch, channel: i, edge: (this.#channels[i] as GateChannel).edge };
    }
    return undefined;
  }

  /**
   * What comes on the channel now is not processed now: a barrier waits there, something came before and waits, or
   * it must be recorded first.
   */
  isBlocked(channel: number): boolean {
    const isWaiting = this.#restored > 0 || (this.#waiting[channel]?.length ?? 0) > 0;
    return this.#isBlocked[channel] === true || isWaiting || this.#record?.isOpen(channel) === true;
  }

  /** No channel will send another record. */
  get isDataEnded(): boolean {
    return this.#hasEnded.every((ended) => ended !== 'no');
  }

  get isPartitionEnded(): boolean {
    return this.#hasEnded.every((ended) => ended === 'partition');
  }

  get channels(): readonly GateChannel[] {
    return this.#channels;
  }

  /** Bytes that have come since the checkpoint at work began here. */
  get bytesSinceStart(): number {
    return this.#bytes - this.#bytesAtStart;
  }

  onBarrier(channel: number, barrier: Barrier, nowMs: number): BarrierEffect[] {
    return this.#begin(() => this.#barriers.onBarrier(channel, barrier, nowMs));
  }

  /** A barrier that may overtake is on its way, or nothing upstream runs any more that could send it. */
  onAnnounced(barrier: Barrier, nowMs: number): BarrierEffect[] {
    return this.#begin(() => this.#barriers.onAnnounced(barrier, nowMs));
  }

  /** Looks for announced barriers, lets those overtake whose time has come, and reads ahead. */
  look(nowMs: number): BarrierEffect[] {
    const effects: BarrierEffect[] = [];
    for (const { channel } of this.#channels) {
      const { announced } = channel;
      if (announced !== undefined && announced.checkpointId > this.#barriers.latestId)
        effects.push(...this.onAnnounced(announced, nowMs));
    }
    if (this.nextTimeMs() <= nowMs) effects.push(...this.#apply(this.#barriers.onTime(nowMs)));
    return [...effects, ...this.#readAhead()];
  }

  /** When a barrier overtakes, epoch ms. Not while much waits that was overtaken before. */
  nextTimeMs(): number {
    return this.#waitingBytes > limits.overtakenBytesMax
      ? Number.POSITIVE_INFINITY
      : this.#barriers.nextTimeMs();
  }

  /**
   * The snapshot is taken now: from here to the barrier everything is recorded. What follows from it already is
   * in `effects`.
   */
  record(
    checkpointId: number,
    atWork: BatchAtWork | undefined,
  ): { readonly record: InFlightRecord; readonly effects: readonly BarrierEffect[] } {
    const behind = this.#barriers.behind(checkpointId);
    const record = new InFlightRecord(checkpointId, behind);
    if (behind.length === 0) record.finish();
    else this.#record = record;
    this.#isBlocked.fill(false);
    const effects: BarrierEffect[] = [];
    for (const i of behind) {
      this.#channels[i]?.channel.setDebt(0);
      if (atWork?.channel === i) {
        record.add(i, atWork.batch, atWork.row);
        effects.push(...this.#meet(i, atWork.batch));
      }
      for (const { batch } of this.#waiting[i] ?? []) {
        if (!record.isOpen(i)) break;
        record.add(i, batch, 0);
        effects.push(...this.#meet(i, batch));
      }
    }
    return { record, effects: [...effects, ...this.#readAhead()] };
  }

  /** Of the checkpoint that the task continues from, before anything is polled. */
  restore(channel: number, batch: RecordBatch, bytes: number): void {
    this.#waiting[channel]?.push({ batch, bytes, isRestored: true });
    this.#waitingBytes += bytes;
    this.#restored++;
  }

  /** The coordinator has given the checkpoint up. */
  onAborted(checkpointId: number): BarrierEffect[] {
    return this.#apply(this.#barriers.onAborted(checkpointId));
  }

  /** `data`: no record comes. `partition`: no barrier either, and no alignment waits for one. */
  onEnd(channel: number, end: 'data' | 'partition'): BarrierEffect[] {
    assert(this.#hasEnded[channel] !== 'partition', `channel ${channel} has ended already`);
    this.#hasEnded[channel] = end;
    return end === 'partition' ? this.#apply(this.#barriers.onEnd(channel)) : [];
  }

  close(): void {
    this.#record?.drop();
    for (const { channel } of this.#channels) channel.close();
  }

  /** What has been read ahead on the channel comes first; and in front of all that was restored. */
  #takeWaiting(i: number): RecordBatch | undefined {
    const waiting = this.#waiting[i] as Waiting[];
    const [first] = waiting;
    if (this.#restored > 0 && first?.isRestored !== true) return undefined;
    if (first === undefined) return this.#take(i);
    waiting.shift();
    this.#waitingBytes -= first.bytes;
    if (first.isRestored) this.#restored--;
    if (this.#record?.isOpen(i) !== true) this.#channels[i]?.channel.setDebt(waiting.length);
    return first.batch;
  }

  /** What comes in front of a barrier that has overtaken it is recorded before it is processed. */
  #take(i: number): RecordBatch | undefined {
    if (this.#record?.isOpen(i) === true) return undefined;
    return (this.#channels[i] as GateChannel).channel.poll();
  }

  #readAhead(): BarrierEffect[] {
    const record = this.#record;
    if (record === undefined) return [];
    const effects: BarrierEffect[] = [];
    for (const [i, { channel }] of this.#channels.entries()) {
      while (record.isOpen(i) && this.#record === record) {
        const batch = channel.poll();
        if (batch === undefined) break;
        // What is empty weighs a byte: that something waits is told by its weight.
        const bytes = 1 + record.add(i, batch, 0);
        this.#waiting[i]?.push({ batch, bytes, isRestored: false });
        this.#waitingBytes += bytes;
        effects.push(...this.#meet(i, batch));
        if (!record.isOpen(i)) channel.setDebt(this.#waiting[i]?.length ?? 0);
      }
    }
    return effects;
  }

  /** Something was recorded: its control element may end the record of the channel, or all of it. */
  #meet(channel: number, { barrier, end }: RecordBatch): BarrierEffect[] {
    const record = this.#record;
    if (record === undefined) return [];
    const { checkpointId } = record;
    const isOver = barrier !== undefined && barrier.checkpointId > checkpointId;
    if (isOver || (barrier?.checkpointId === checkpointId && barrier.isCancelled))
      return this.#apply(this.#barriers.onAborted(checkpointId));
    if (barrier?.checkpointId !== checkpointId && end !== 'partition') return [];
    record.reach(channel);
    return this.#apply(this.#barriers.onReached(channel, checkpointId));
  }

  #begin(event: () => BarrierEffect[]): BarrierEffect[] {
    const before = this.#barriers.latestId;
    const effects = event();
    if (this.#barriers.latestId !== before) this.#bytesAtStart = this.#bytes;
    return this.#apply(effects);
  }

  get #bytes(): number {
    let sum = 0;
    for (const { channel } of this.#channels) sum += channel.bytes;
    return sum;
  }

  #apply(effects: BarrierEffect[]): BarrierEffect[] {
    for (const effect of effects) {
      if (effect.kind === 'block') this.#isBlocked[effect.channel] = true;
      else if (effect.kind === 'unblock-all') this.#isBlocked.fill(false);
      else if (effect.kind === 'arrived' || effect.kind === 'abort')
        this.#endRecord(effect.kind, effect.barrier.checkpointId);
    }
    return effects;
  }

  #endRecord(how: 'arrived' | 'abort', checkpointId: number): void {
    if (this.#record?.checkpointId !== checkpointId) return;
    if (how === 'arrived') this.#record.finish();
    else this.#record.drop();
    this.#record = undefined;
  }
}
