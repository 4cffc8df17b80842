// When a subtask with several inputs may take its snapshot. Pure: barriers and ends in, effects out.
//
//            first barrier of n                 barrier of n on the last open channel
//   idle ───────────────────▶ aligning(n) ───────────────────────────────▶ idle (checkpoint n)
//                                 │ ▲
//       barrier of a later one,   │ │ a later one starts its own alignment
//       or n cancelled            ▼ │
//                               idle (aborted n)
//
// Aligned, a channel that has delivered the barrier is blocked, so that no record behind the barrier is
// processed before the snapshot. At least once, nothing blocks, and records behind a barrier may be in the
// snapshot and be repeated.

import { assert } from '../core/assert.ts';
import type { Barrier } from '../core/barrier.ts';

export type BarrierEffect =
  | { readonly kind: 'block'; readonly channel: number }
  | { readonly kind: 'unblock-all' }
  | { readonly kind: 'checkpoint'; readonly barrier: Barrier; readonly alignmentStartMs: number }
  | { readonly kind: 'abort'; readonly barrier: Barrier; readonly reason: AlignmentFailure };

export type AlignmentFailure = 'subsumed' | 'cancelled';

interface Alignment {
  readonly barrier: Barrier;
  readonly startMs: number;
  /** Channels whose barrier has arrived, or that have ended. Never all of them: then it is over. */
  readonly arrived: Set<number>;
}

export class BarrierHandler {
  readonly #channels: number;
  readonly #blocks: boolean;
  readonly #ended = new Set<number>();
  #alignment: Alignment | undefined;
  /** Of the latest checkpoint that was taken, aborted or subsumed here. */
  #latestId = 0;

  constructor(channels: number, mode: 'aligned' | 'at-least-once') {
    this.#channels = channels;
    this.#blocks = mode === 'aligned';
  }

  /** The checkpoint that is being aligned. */
  get aligningId(): number | undefined {
    return this.#alignment?.barrier.checkpointId;
  }

  onBarrier(channel: number, barrier: Barrier, nowMs: number): BarrierEffect[] {
    assert(
      !this.#ended.has(channel),
      `barrier ${barrier.checkpointId} on ended channel ${channel}`,
    );
    if (barrier.isCancelled) return this.onCancel(barrier);
    const current = this.#alignment;
    if (current?.barrier.checkpointId === barrier.checkpointId) {
      return this.#arrive(current, channel);
    }
    if (barrier.checkpointId <= this.#latestId) return []; // late: it was aborted here
    const effects = current === undefined ? [] : this.#abort(current, 'subsumed');
    const arrived = new Set(this.#ended);
    this.#alignment = { barrier, startMs: nowMs, arrived };
    this.#latestId = barrier.checkpointId;
    return [...effects, ...this.#arrive(this.#alignment, channel)];
  }

  /** The channel sends no barrier any more: an alignment does not wait for it. */
  onEnd(channel: number): BarrierEffect[] {
    this.#ended.add(channel);
    const current = this.#alignment;
    if (current === undefined) return [];
    current.arrived.add(channel);
    return this.#completeIfAll(current);
  }

  /** The checkpoint was declined upstream, or aborted by the coordinator. */
  onCancel(barrier: Barrier): BarrierEffect[] {
    const current = this.#alignment;
    const currentId = current?.barrier.checkpointId ?? 0;
    if (barrier.checkpointId < currentId || barrier.checkpointId <= this.#latestId) {
      return currentId === barrier.checkpointId && current !== undefined
        ? this.#abort(current, 'cancelled')
        : [];
    }
    const effects = current === undefined ? [] : this.#abort(current, 'subsumed');
    this.#latestId = barrier.checkpointId;
    return [...effects, { kind: 'abort', barrier, reason: 'cancelled' }];
  }

  #arrive(alignment: Alignment, channel: number): BarrierEffect[] {
    const { checkpointId } = alignment.barrier;
    assert(!alignment.arrived.has(channel), `barrier ${checkpointId} twice on channel ${channel}`);
    alignment.arrived.add(channel);
    const block: BarrierEffect[] = this.#blocks ? [{ kind: 'block', channel }] : [];
    return [...block, ...this.#completeIfAll(alignment)];
  }

  #completeIfAll(alignment: Alignment): BarrierEffect[] {
    if (alignment.arrived.size < this.#channels) return [];
    this.#alignment = undefined;
    const { barrier, startMs } = alignment;
    return [...this.#unblock(), { kind: 'checkpoint', barrier, alignmentStartMs: startMs }];
  }

  #abort(alignment: Alignment, reason: AlignmentFailure): BarrierEffect[] {
    this.#alignment = undefined;
    return [...this.#unblock(), { kind: 'abort', barrier: alignment.barrier, reason }];
  }

  #unblock(): BarrierEffect[] {
    return this.#blocks ? [{ kind: 'unblock-all' }] : [];
  }
}
