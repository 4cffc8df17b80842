// When a subtask with several inputs may take its snapshot. Pure: barriers and ends in, effects out.
//
//            first barrier of n                 barrier of n on the last open channel
//   idle ───────────────────▶ aligning(n) ───────────────────────────────▶ idle (checkpoint n)
//                                 │
//       n cancelled, or a later   │
//       barrier where n's is due  ▼
//                               idle (aborted n)
//
// Aligned, a channel that has delivered the barrier is blocked, so that no record behind the barrier is
// processed before the snapshot; one checkpoint is aligned at a time. At least once, nothing blocks, records
// behind a barrier may be in the snapshot and be repeated, and several checkpoints may be under way.

import { assert } from '../core/assert.ts';
import type { Barrier } from '../core/barrier.ts';
import { limits } from '../core/limits.ts';

export type BarrierEffect =
  | { readonly kind: 'block'; readonly channel: number }
  | { readonly kind: 'unblock-all' }
  | { readonly kind: 'checkpoint'; readonly barrier: Barrier; readonly alignmentStartMs: number }
  /** Those behind must hear that they wait in vain. */
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
  /** By checkpoint, in the order of their ids. Aligned, at most one. */
  readonly #alignments = new Map<number, Alignment>();
  /** Aborted by the coordinator before any of their barriers arrived. */
  readonly #aborted = new Set<number>();
  /** The highest of which a barrier has arrived: those up to it that are not being aligned are over. */
  #latestId = 0;

  constructor(channels: number, mode: 'aligned' | 'at-least-once') {
    this.#channels = channels;
    this.#blocks = mode === 'aligned';
  }

  /** Also for one that is cancelled: the checkpoint was given up upstream. */
  onBarrier(channel: number, barrier: Barrier, nowMs: number): BarrierEffect[] {
    const { checkpointId, isCancelled } = barrier;
    assert(!this.#ended.has(channel), `barrier ${checkpointId} on ended channel ${channel}`);
    const subsumed = this.#abortThoseBefore(checkpointId, channel);
    const current = this.#alignments.get(checkpointId);
    if (current !== undefined) {
      const effects = isCancelled
        ? this.#abort(current, 'cancelled')
        : this.#arrive(current, channel);
      return [...subsumed, ...effects];
    }
    if (checkpointId <= this.#latestId) return subsumed; // late: it is over
    this.#latestId = checkpointId;
    if (this.#takeAborted(checkpointId) || isCancelled)
      return [...subsumed, { kind: 'abort', barrier, reason: 'cancelled' }];
    const alignment = { barrier, startMs: nowMs, arrived: new Set(this.#ended) };
    this.#alignments.set(checkpointId, alignment);
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

  #arrive(alignment: Alignment, channel: number): BarrierEffect[] {
    const { checkpointId } = alignment.barrier;
    assert(!alignment.arrived.has(channel), `barrier ${checkpointId} twice on channel ${channel}`);
    alignment.arrived.add(channel);
    const block: BarrierEffect[] = this.#blocks ? [{ kind: 'block', channel }] : [];
    return [...block, ...this.#completeIfAll(alignment)];
  }

  #completeIfAll(alignment: Alignment): BarrierEffect[] {
    if (alignment.arrived.size < this.#channels) return [];
    const { barrier, startMs } = alignment;
    this.#alignments.delete(barrier.checkpointId);
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

  #unblock(): BarrierEffect[] {
    return this.#blocks ? [{ kind: 'unblock-all' }] : [];
  }
}
