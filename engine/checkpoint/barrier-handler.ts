// When a subtask with several inputs may take its snapshot. Pure: barriers and ends in, effects out.
//
//            first barrier of n                 barrier of n on the last open channel
//   idle ───────────────────▶ aligning(n) ───────────────────────────────▶ idle (checkpoint n)
//      announcement of n          │  │ its time is up
//                                 │  └───────▶ overtaking(n) ────────────▶ idle (n has arrived everywhere)
//       n cancelled, or a later   │                 │
//       barrier where n's is due  ▼                 │
//                               idle (aborted n) ◀──┘
//
// Aligned, a channel that has delivered the barrier is blocked, so that no record behind the barrier is
// processed before the snapshot; one checkpoint is aligned at a time. At least once, nothing blocks, records
// behind a barrier may be in the snapshot and be repeated, and several checkpoints may be under way. Overtaking
// (Flink: unaligned), the snapshot is taken at once, and what the barrier has passed becomes part of it: on each
// channel where it has not arrived, up to where it does. A channel whose records could not be dealt out anew
// keeps its order: nothing is overtaken before the barrier has arrived there.

import { assert } from '../core/assert.ts';
import type { Barrier } from '../core/barrier.ts';
import { limits } from '../core/limits.ts';

export type BarrierEffect =
  | { readonly kind: 'block'; readonly channel: number }
  | { readonly kind: 'unblock-all' }
  | { readonly kind: 'checkpoint'; readonly barrier: Barrier; readonly alignmentStartMs: number }
  /** As `checkpoint`; what comes on channels `behind` it is recorded, and none is blocked from then on. */
  | { readonly kind: 'overtake'; readonly barrier: Barrier; readonly alignmentStartMs: number }
  /** The barrier that overtook has arrived everywhere: the record is whole. */
  | { readonly kind: 'arrived'; readonly barrier: Barrier }
  /** Those behind must hear that they wait in vain. */
  | { readonly kind: 'abort'; readonly barrier: Barrier; readonly reason: AlignmentFailure };

export type AlignmentFailure = 'subsumed' | 'cancelled';

interface Alignment {
  readonly barrier: Barrier;
  readonly startMs: number;
  /** Channels whose barrier has arrived, or that have ended. Never all of them: then it is over. */
  readonly arrived: Set<number>;
  isOvertaking: boolean;
}

export class BarrierHandler {
  readonly #channels: number;
  readonly #blocks: boolean;
  readonly #ordered: readonly number[];
  readonly #ended = new Set<number>();
  /** By checkpoint, in the order of their ids. Aligned, at most one. */
  readonly #alignments = new Map<number, Alignment>();
  /** Aborted by the coordinator before any of their barriers arrived. */
  readonly #aborted = new Set<number>();
  /** The highest of which a barrier has arrived: those up to it that are not being aligned are over. */
  #latestId = 0;

  /** @param ordered Channels on which nothing is overtaken. */
  constructor(
    channels: number,
    mode: 'aligned' | 'at-least-once',
    ordered: readonly number[] = [],
  ) {
    this.#channels = channels;
    this.#blocks = mode === 'aligned';
    this.#ordered = ordered;
  }

  /** The latest checkpoint that has begun here. */
  get latestId(): number {
    return this.#latestId;
  }

  /** Channels on which a barrier that overtakes has not arrived. */
  behind(checkpointId: number): readonly number[] {
    const alignment = this.#alignments.get(checkpointId);
    if (alignment?.isOvertaking !== true) return [];
    return Array.from({ length: this.#channels }, (_, i) => i).filter(
      (i) => !alignment.arrived.has(i),
    );
  }

  /** Barriers of that checkpoint are on their way on some channels: it begins here. Earlier ones are over. */
  onAnnounced(barrier: Barrier, nowMs: number): BarrierEffect[] {
    const { checkpointId } = barrier;
    if (checkpointId <= this.#latestId) return [];
    const subsumed = [...this.#alignments.values()].flatMap((one) => this.#abort(one, 'subsumed'));
    const alignment = this.#begin(barrier, nowMs);
    if (alignment === undefined) return [...subsumed, cancelled(barrier)];
    return [...subsumed, ...this.#completeIfAll(alignment)];
  }

  /** When `onTime` should be called, epoch ms. */
  nextTimeMs(): number {
    const due = [...this.#alignments.values()].map((alignment) => this.#overtakesAtMs(alignment));
    return Math.min(Number.POSITIVE_INFINITY, ...due);
  }

  /** The latest whose time is up overtakes. What is recorded then belongs to it: earlier ones are over. */
  onTime(nowMs: number): BarrierEffect[] {
    const due = [...this.#alignments.values()].filter((one) => this.#overtakesAtMs(one) <= nowMs);
    const alignment = due.at(-1);
    if (alignment === undefined) return [];
    const { barrier, startMs } = alignment;
    alignment.isOvertaking = true;
    const subsumed = [...this.#alignments.values()]
      .filter((other) => other.barrier.checkpointId < barrier.checkpointId)
      .flatMap((other) => this.#abort(other, 'subsumed'));
    return [...subsumed, { kind: 'overtake', barrier, alignmentStartMs: startMs }];
  }

  /** The record of that channel has reached the barrier that overtook, or its end. */
  onReached(channel: number, checkpointId: number): BarrierEffect[] {
    const alignment = this.#alignments.get(checkpointId);
    if (alignment?.isOvertaking !== true || alignment.arrived.has(channel)) return [];
    alignment.arrived.add(channel);
    return this.#completeIfAll(alignment);
  }

  /** Also for one that is cancelled: the checkpoint was given up upstream. */
  onBarrier(channel: number, barrier: Barrier, nowMs: number): BarrierEffect[] {
    const { checkpointId, isCancelled } = barrier;
    assert(!this.#ended.has(channel), `barrier ${checkpointId} on ended channel ${channel}`);
    const subsumed = this.#abortThoseBefore(checkpointId, channel);
    const current = this.#alignments.get(checkpointId);
    if (current !== undefined) {
      const isKnown = current.isOvertaking && current.arrived.has(channel);
      if (isKnown && !isCancelled) return subsumed; // it was reached ahead of its turn
      const effects = isCancelled
        ? this.#abort(current, 'cancelled')
        : this.#arrive(current, channel);
      return [...subsumed, ...effects];
    }
    if (checkpointId <= this.#latestId) return subsumed; // late: it is over
    const alignment = this.#begin(barrier, nowMs);
    if (alignment === undefined) return [...subsumed, cancelled(barrier)];
    return [...subsumed, ...this.#arrive(alignment, channel)];
  }

  /** The channel sends no barrier any more: no alignment waits for it. */
  onEnd(channel: number): BarrierEffect[] {
    this.#ended.add(channel);
    return [...this.#alignments.values()].flatMap((alignment) => {
      alignment.arrived.add(channel);
      return this.#completeIfAll(alignment);
    });
  }

  /** The coordinator has given the checkpoint up. Its barriers may be here, on their way, or never come. */
  onAborted(checkpointId: number): BarrierEffect[] {
    const current = this.#alignments.get(checkpointId);
    if (current !== undefined) return this.#abort(current, 'cancelled');
    if (checkpointId > this.#latestId) {
      this.#aborted.add(checkpointId);
      const [oldest] = this.#aborted;
      if (oldest !== undefined && this.#aborted.size > limits.checkpointsAbortedMax)
        this.#aborted.delete(oldest);
    }
    return [];
  }

  /** Undefined when it has been given up already. */
  #begin(barrier: Barrier, nowMs: number): Alignment | undefined {
    const { checkpointId, isCancelled } = barrier;
    this.#latestId = checkpointId;
    if (this.#takeAborted(checkpointId) || isCancelled) return undefined;
    const arrived = new Set(this.#ended);
    const alignment = { barrier, startMs: nowMs, arrived, isOvertaking: false };
    this.#alignments.set(checkpointId, alignment);
    return alignment;
  }

  #overtakesAtMs({ barrier, startMs, arrived, isOvertaking }: Alignment): number {
    const { timestampMs, overtakesAfterMs } = barrier;
    const mayOvertake = !isOvertaking && this.#ordered.every((channel) => arrived.has(channel));
    if (!this.#blocks || !mayOvertake || overtakesAfterMs === undefined)
      return Number.POSITIVE_INFINITY;
    // The clock here may be behind that of the JobMaster.
    return Math.min(timestampMs, startMs) + overtakesAfterMs;
  }

  #arrive(alignment: Alignment, channel: number): BarrierEffect[] {
    const { checkpointId } = alignment.barrier;
    assert(!alignment.arrived.has(channel), `barrier ${checkpointId} twice on channel ${channel}`);
    alignment.arrived.add(channel);
    const blocks = this.#blocks && !alignment.isOvertaking;
    const block: BarrierEffect[] = blocks ? [{ kind: 'block', channel }] : [];
    return [...block, ...this.#completeIfAll(alignment)];
  }

  #completeIfAll(alignment: Alignment): BarrierEffect[] {
    if (alignment.arrived.size < this.#channels) return [];
    const { barrier, startMs } = alignment;
    this.#alignments.delete(barrier.checkpointId);
    if (alignment.isOvertaking) return [{ kind: 'arrived', barrier }];
    return [...this.#unblock(), { kind: 'checkpoint', barrier, alignmentStartMs: startMs }];
  }

  /** A channel keeps the order: what it owes of earlier checkpoints will not come. */
  #abortThoseBefore(checkpointId: number, channel: number): BarrierEffect[] {
    return [...this.#alignments.values()]
      .filter(
        ({ barrier, arrived }) => barrier.checkpointId < checkpointId && !arrived.has(channel),
      )
      .flatMap((alignment) => this.#abort(alignment, 'subsumed'));
  }

  #abort({ barrier }: Alignment, reason: AlignmentFailure): BarrierEffect[] {
    this.#alignments.delete(barrier.checkpointId);
    return [...this.#unblock(), { kind: 'abort', barrier, reason }];
  }

  #takeAborted(checkpointId: number): boolean {
    const wasAborted = this.#aborted.has(checkpointId);
    for (const id of this.#aborted) if (id <= checkpointId) this.#aborted.delete(id);
    return wasAborted;
  }

  /** Unless another one is being aligned, behind one that has overtaken. */
  #unblock(): BarrierEffect[] {
    const isAligning = [...this.#alignments.values()].some(({ isOvertaking }) => !isOvertaking);
    return this.#blocks && !isAligning ? [{ kind: 'unblock-all' }] : [];
  }
}

const cancelled = (barrier: Barrier): BarrierEffect => ({
  kind: 'abort',
  barrier,
  reason: 'cancelled',
});
