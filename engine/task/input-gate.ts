// All input channels of a task: hands out batches from channels in turn, leaves blocked ones alone while
// barriers align, and keeps the task's watermark.

import { type BarrierEffect, BarrierHandler } from '../checkpoint/barrier-handler.ts';
import { assert } from '../core/assert.ts';
import type { Barrier } from '../core/barrier.ts';
import type { InputChannel } from '../network/channel.ts';
import type { RecordBatch } from '../network/record-batch.ts';
import { WatermarkValve } from './watermark-valve.ts';

export interface GateChannel {
  readonly channel: InputChannel;
  /** Index of the input edge: which key function and which input of the operator. */
  readonly edge: number;
}

export interface GateInput {
  readonly batch: RecordBatch;
  /** Index of the channel. */
  readonly channel: number;
  readonly edge: number;
}

export class InputGate {
  readonly valve: WatermarkValve;
  readonly #channels: readonly GateChannel[];
  readonly #barriers: BarrierHandler;
  readonly #isBlocked: boolean[];
  readonly #hasEnded: ('no' | 'data' | 'partition')[];
  #next = 0;

  constructor(channels: readonly GateChannel[], mode: 'aligned' | 'at-least-once') {
    this.#channels = channels;
    this.valve = new WatermarkValve(channels.length);
    this.#barriers = new BarrierHandler(channels.length, mode);
    this.#isBlocked = channels.map(() => false);
    this.#hasEnded = channels.map(() => 'no');
  }

  /** The next batch of a channel that is not blocked; undefined when none has arrived. */
  poll(): GateInput | undefined {
    const count = this.#channels.length;
    for (let tried = 0; tried < count; tried++) {
      const i = this.#next;
      this.#next = i + 1 === count ? 0 : i + 1;
      if (this.#isBlocked[i] === true) continue;
      const { channel, edge } = this.#channels[i] as GateChannel;
      const batch = channel.poll();
      if (batch !== undefined) return { batch, channel: i, edge };
    }
    return undefined;
  }

  /** A barrier has come from the channel and waits for those of the others. */
  isBlocked(channel: number): boolean {
    return this.#isBlocked[channel] === true;
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

  onBarrier(channel: number, barrier: Barrier, nowMs: number): BarrierEffect[] {
    return this.#apply(this.#barriers.onBarrier(channel, barrier, nowMs));
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
    for (const { channel } of this.#channels) channel.close();
  }

  #apply(effects: BarrierEffect[]): BarrierEffect[] {
    for (const effect of effects) {
      if (effect.kind === 'block') this.#isBlocked[effect.channel] = true;
      else if (effect.kind === 'unblock-all') this.#isBlocked.fill(false);
    }
    return effects;
  }
}
