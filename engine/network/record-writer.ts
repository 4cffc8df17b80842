// The sending side of one output edge of a subtask: records are dealt to channels, collected into batches,
// and sent when a batch is full, has waited for the buffer timeout, or ends with a control element. A
// watermark goes into each open batch at the row where it was made and forces nothing out; a barrier ends
// every batch and sends it at once, and is announced past what waits where it may overtake.

import type { Barrier } from '../core/barrier.ts';
import { limits } from '../core/limits.ts';
import type { OutputChannel } from './channel.ts';
import type { Handover } from './handover.ts';
import { ALL_CHANNELS, type ChannelSelector } from './partitioner.ts';
import { type EndOf, type LatencyMarker, RecordBatch } from './record-batch.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Timers wake a thread at whole milliseconds: what is sent one before its time is not sent too late. */
const TICK_MS = 1;

export class RecordWriter {
  readonly #channels: readonly OutputChannel[];
  readonly #selector: ChannelSelector;
  readonly #copy: ((value: unknown) => unknown) | undefined;
  /** Of an open batch. */
  readonly #waitMs: number;
  readonly #announces: boolean;
  readonly #open: RecordBatch[];
  /** When the oldest open batch got its first element; NEVER when all are empty. */
  #openSinceMs = NEVER;
  #records = 0;
  #marked = 0;
  /** Where all records go to one chain of the same thread. */
  readonly handover: Handover | undefined;

  /**
   * @param timeoutMs A record waits no longer than that in an open batch.
   * @param copy Makes the second and further receivers of a record independent; absent when they already are.
   * @param announces Barriers may overtake records here: what they overtake can be dealt out anew on rescale.
   */
  constructor(
    channels: readonly OutputChannel[],
    selector: ChannelSelector,
    timeoutMs: number,
    copy?: (value: unknown) => unknown,
    announces = false,
  ) {
    this.#channels = channels;
    this.#selector = selector;
    this.#waitMs = Math.max(0, timeoutMs - TICK_MS);
    this.#copy = copy;
    this.#announces = announces;
    this.#open = channels.map(() => new RecordBatch());
    this.handover = channels.length === 1 ? channels[0]?.handover : undefined;
  }

  /** Records sent, each counted once per channel that it took. */
  get records(): number {
    return this.#records;
  }

  get channels(): readonly OutputChannel[] {
    return this.#channels;
  }

  emit(value: unknown, time: number): void {
    const channel = this.#selector.select(value);
    if (channel !== ALL_CHANNELS) return this.#add(channel, value, time);
    const last = this.#channels.length - 1;
    for (let i = 0; i < last; i++) this.#add(i, this.#copy?.(value) ?? value, time);
    this.#add(last, value, time);
  }

  /** A turn of the task begins: what it emits in it may take the short way. */
  beginHandover(): void {
    if (this.#isReady()) this.handover?.begin();
  }

  endHandover(): void {
    if (this.handover === undefined) return;
    this.#records += this.handover.end();
    // What has not taken it would be in the way of what follows: it is to arrive before the next turn.
    if (this.channels[0]?.isReadyForHandover() === true && !this.#isReady()) this.#send(0);
  }

  #isReady(): boolean {
    return this.#open[0]?.isEmpty === true && this.#channels[0]?.isReadyForHandover() === true;
  }

  emitWatermark(watermark: number): void {
    if (this.handover?.isOpen === true) return this.handover.watermark(watermark);
    for (const batch of this.#open) batch.addWatermark(watermark);
  }

  /** To one channel, each in its turn. Where one waits already, that is as good. */
  emitMarker(marker: LatencyMarker): void {
    if (this.handover?.isOpen === true) return this.handover.marker(marker);
    const batch = this.#open[this.#marked++ % this.#open.length];
    if (batch !== undefined) batch.marker ??= marker;
  }

  emitBarrier(barrier: Barrier): void {
    const mayOvertake = this.#announces && barrier.overtakesAfterMs !== undefined;
    for (const [i, batch] of this.#open.entries()) {
      batch.barrier = barrier;
      if (mayOvertake && !barrier.isCancelled) this.#channels[i]?.announce(barrier);
      this.#send(i);
    }
  }

  emitEnd(end: EndOf): void {
    for (const [i, batch] of this.#open.entries()) {
      batch.end = end;
      this.#send(i);
    }
  }

  hasCredit(): boolean {
    for (const channel of this.#channels) if (!channel.hasCredit()) return false;
    return true;
  }

  /** Moves what waits without credit. True when something left. */
  drain(): boolean {
    let moved = false;
    for (const channel of this.#channels) if (channel.drain()) moved = true;
    return moved;
  }

  isDrained(): boolean {
    return this.#channels.every((channel) => channel.isDrained());
  }

  /**
   * Sends what has waited for the buffer timeout, if there is credit. Called once a turn, so the age is that
   * of a turn's beginning. Returns when it wants to be called again at the latest.
   */
  flushAged(nowMs: number): number {
    if (this.#openSinceMs === NEVER) {
      if (this.#open.every((batch) => batch.isEmpty)) return NEVER;
      this.#openSinceMs = nowMs;
    }
    if (nowMs - this.#openSinceMs < this.#waitMs) return this.#openSinceMs + this.#waitMs;
    this.#openSinceMs = NEVER;
    for (const [i, batch] of this.#open.entries()) {
      if (batch.isEmpty) continue;
      if (this.#channels[i]?.hasCredit() === true) this.#send(i);
      else this.#openSinceMs = nowMs;
    }
    return this.#openSinceMs === NEVER ? NEVER : nowMs + this.#waitMs;
  }

  #add(channel: number, value: unknown, time: number): void {
    const batch = this.#open[channel] as RecordBatch;
    batch.add(value, time);
    if (batch.count === limits.frameRowsMax) this.#send(channel);
  }

  #send(channel: number): void {
    const batch = this.#open[channel] as RecordBatch;
    this.#open[channel] = new RecordBatch();
    this.#records += batch.count;
    (this.#channels[channel] as OutputChannel).write(batch);
  }
}
