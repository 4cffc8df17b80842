// The receiving end of handovers (network/handover.ts): what another chain of the thread emits runs through this
// task's chain in the other's turn, in which the task has one too. What fails here fails this task, not the other.

import type { HandingCode, Handover, HandoverReceiver } from '../network/handover.ts';
import { LocalChannel } from '../network/local-channel.ts';
import type { LatencyMarker } from '../network/record-batch.ts';
import type { GateChannel, InputGate } from './input-gate.ts';
import type { LatencyTracking } from './latency-tracking.ts';
import { handOf } from './linked-code.ts';
import type { OperatorChain } from './operator-chain.ts';
import { TASK } from './task-metrics.ts';
import type { TaskParts } from './task-parts.ts';
import type { TaskTurns } from './task-turns.ts';

/** What it asks of its task. */
interface HandoverTask {
  /** The next element could be fed now, if there were one. */
  takesInput(): boolean;
  fail(error: unknown): void;
}

export function offerHandovers(parts: TaskParts, turns: TaskTurns, task: HandoverTask): void {
  for (const [i, { channel }] of parts.input?.channels.entries() ?? [])
    if (channel instanceof LocalChannel)
      channel.handover.offer(new HandoverInput(parts, parts.input as InputGate, turns, task, i));
}

class HandoverInput implements HandoverReceiver {
  readonly hand: HandoverReceiver['hand'];
  readonly code: HandingCode;
  readonly #gate: InputGate;
  readonly #chain: OperatorChain;
  readonly #metrics: Float64Array;
  readonly #latency: LatencyTracking | undefined;
  readonly #turns: TaskTurns;
  readonly #task: HandoverTask;
  readonly #channel: number;
  #handover: Handover | undefined;
  #recordsBefore = 0;
  #hasTimePassed = false;

  constructor(
    { chain, metrics, latency }: TaskParts,
    gate: InputGate,
    turns: TaskTurns,
    task: HandoverTask,
    channel: number,
  ) {
    this.#gate = gate;
    this.#chain = chain;
    this.#metrics = metrics;
    this.#latency = latency;
    this.#turns = turns;
    this.#task = task;
    this.#channel = channel;
    this.code = this.#handing();
    this.hand = handOf(this.code);
  }

  begin(handover: Handover): boolean {
    const { valve } = this.#gate;
    const isOut = this.#gate.isBlocked(this.#channel) || valve.isChannelIdle(this.#channel);
    if (isOut || !this.hasCredit() || !this.#task.takesInput()) return false;
    this.#handover = handover;
    this.#recordsBefore = this.#records;
    this.#hasTimePassed = false;
    return this.#turns.beginWithinAnother();
  }

  end(): number {
    const records = this.#records - this.#recordsBefore;
    this.#turns.endWithinAnother(records > 0 || this.#hasTimePassed);
    return records;
  }

  hasCredit(): boolean {
    return !this.#chain.isPaused && this.#chain.hasCredit();
  }

  watermark(watermark: number): void {
    this.#hasTimePassed = true;
    const { valve } = this.#gate;
    try {
      if (!valve.update(this.#channel, watermark)) return;
      if (valve.isIdle) this.#chain.markIdle();
      else this.#chain.advanceWatermark(valve.watermark);
    } catch (error) {
      this.#task.fail(error);
    }
    if (this.#chain.isPaused || Number.isNaN(watermark)) this.#shut();
  }

  marker(marker: LatencyMarker): void {
    this.#latency?.pass(marker);
  }

  get #records(): number {
    return this.#metrics[TASK.recordsIn] as number;
  }

  #shut(): void {
    if (this.#handover !== undefined) this.#handover.isOpen = false;
  }

  #handing(): HandingCode {
    const chain = this.#chain;
    const { edge } = this.#gate.channels[this.#channel] as GateChannel;
    const feed = chain.ways.handing[edge] as HandingCode;
    const after = chain.hasOwnWatermarks ? 'chain.advanceOwnWatermarks();' : '';
    return {
      text: `M[${TASK.recordsIn}]++;
        try { ${feed.text} ${after} } catch (error) { fail(error); }
        if (P[0] !== 0) shut();`,
      scope: {
        ...feed.scope,
        chain,
        shut: () => this.#shut(),
        fail: (error: unknown) => this.#task.fail(error),
      },
    };
  }
}
