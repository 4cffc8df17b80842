// Barrier alignment, whatever channels send, abort and end.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BarrierEffect, BarrierHandler } from '../../engine/checkpoint/barrier-handler.ts';
import type { Barrier } from '../../engine/core/barrier.ts';

type Mode = 'aligned' | 'at-least-once';

const barrier = (checkpointId: number, isCancelled = false): Barrier => ({
  checkpointId,
  timestampMs: 0,
  kind: 'checkpoint',
  isCancelled,
});

/** Delivers what channels send in some order, leaving blocked ones alone, until nothing is left. */
class Delivery {
  /** Each with what every channel had delivered by then. */
  readonly checkpoints: { readonly id: number; readonly delivered: readonly number[][] }[] = [];
  readonly aborted = new Set<number>();
  readonly blocked = new Set<number>();
  readonly #handler: BarrierHandler;
  readonly #waiting: Barrier[][];
  readonly #delivered: number[][];
  readonly #hasEnded: boolean[];

  constructor(mode: Mode, channels: readonly (readonly Barrier[])[]) {
    this.#handler = new BarrierHandler(channels.length, mode);
    this.#waiting = channels.map((barriers) => [...barriers]);
    this.#delivered = channels.map(() => []);
    this.#hasEnded = channels.map(() => false);
  }

  /** `abortsAt`: in which turn which checkpoint is aborted. */
  run(dice: Iterator<number>, abortsAt: readonly (readonly [number, number])[] = []): this {
    for (let turn = 0; ; turn++) {
      for (const [at, id] of abortsAt) if (at === turn) this.#note(this.#handler.onAborted(id));
      const open = this.#hasEnded.keys().filter((i) => !this.#hasEnded[i] && !this.blocked.has(i));
      const channels = [...open];
      const channel = channels[(dice.next().value as number) % channels.length];
      if (channel === undefined) return this;
      this.#next(channel, turn);
    }
  }

  #next(channel: number, nowMs: number): void {
    const next = this.#waiting[channel]?.shift();
    if (next === undefined) {
      this.#hasEnded[channel] = true;
      this.#note(this.#handler.onEnd(channel));
    } else {
      this.#delivered[channel]?.push(next.checkpointId);
      this.#note(this.#handler.onBarrier(channel, next, nowMs));
    }
  }

  #note(effects: readonly BarrierEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'block':
          this.blocked.add(effect.channel);
          break;
        case 'unblock-all':
          this.blocked.clear();
          break;
        case 'abort':
          this.aborted.add(effect.barrier.checkpointId);
          break;
        case 'overtake':
        case 'arrived':
          break;
        case 'checkpoint': {
          const delivered = this.#delivered.map((ids) => [...ids]);
          this.checkpoints.push({ id: effect.barrier.checkpointId, delivered });
        }
      }
    }
  }
}

/** Every channel: some of the checkpoints 1 to 5, in order, cancelled now and then. */
const line = fc
  .tuple(fc.subarray([1, 2, 3, 4, 5]), fc.array(fc.nat(9), { minLength: 5, maxLength: 5 }))
  .map(([ids, dice]) => ids.map((id, i) => barrier(id, dice[i] === 0)));
const lines = fc.array(line, { minLength: 1, maxLength: 4 });
const order = fc.infiniteStream(fc.nat());
const aborts = fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 5 })), { maxLength: 3 });

for (const mode of ['aligned', 'at-least-once'] as const) {
  test(`${mode}: every alignment ends, and ids rise`, () => {
    fc.assert(
      fc.property(lines, order, aborts, (channels, dice, abortsAt) => {
        const { checkpoints, aborted, blocked } = new Delivery(mode, channels).run(dice, abortsAt);
        expect(blocked.size).toBe(0);
        const ids = checkpoints.map(({ id }) => id);
        expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
        expect(ids.filter((id) => aborted.has(id))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  test(`${mode}: a checkpoint has every barrier of its own in front of it`, () => {
    fc.assert(
      fc.property(lines, order, aborts, (channels, dice, abortsAt) => {
        for (const { id, delivered } of new Delivery(mode, channels).run(dice, abortsAt)
          .checkpoints) {
          const senders = channels
            .keys()
            .filter((i) => channels[i]?.some((b) => b.checkpointId === id));
          for (const channel of senders) expect(delivered[channel]).toContain(id);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test(`${mode}: what every channel sends, and nobody gives up, completes`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), order, (channels, dice) => {
        const all = Array.from({ length: channels }, () => [1, 2, 3].map((id) => barrier(id)));
        const { checkpoints } = new Delivery(mode, all).run(dice);
        expect(checkpoints.map(({ id }) => id)).toEqual([1, 2, 3]);
      }),
    );
  });
}

test('aligned: nothing behind a barrier is in the snapshot (INV-11)', () => {
  fc.assert(
    fc.property(lines, order, aborts, (channels, dice, abortsAt) => {
      for (const { id, delivered } of new Delivery('aligned', channels).run(dice, abortsAt)
        .checkpoints)
        expect(Math.max(...delivered.flat())).toBeLessThanOrEqual(id);
    }),
    { numRuns: 1_000 },
  );
});
