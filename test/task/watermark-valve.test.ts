// The watermark of a task: INV-30.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { END_OF_TIME, NO_WATERMARK } from '../../engine/core/time.ts';
import { IDLE } from '../../engine/network/record-batch.ts';
import { WatermarkValve } from '../../engine/task/watermark-valve.ts';

type Step = readonly [channel: number, watermark: number];

/** The valve after these, and what it said of each. */
function valveAfter(channels: number, steps: readonly Step[]) {
  const valve = new WatermarkValve(channels);
  const news = steps.map(([channel, watermark]) => valve.update(channel, watermark));
  return { valve, news };
}

describe('the watermark', () => {
  test('is the lowest of all channels', () => {
    const { valve, news } = valveAfter(2, [
      [0, 5],
      [1, 3],
      [1, 9],
      [0, 6],
    ]);
    expect(valve.watermark).toBe(6);
    expect(news).toEqual([false, true, true, true]);
  });

  test('leaves out a channel that is idle', () => {
    const { valve, news } = valveAfter(2, [
      [0, 5],
      [1, IDLE],
      [0, 7],
    ]);
    expect([valve.watermark, valve.isIdle, news]).toEqual([7, false, [false, true, true]]);
  });

  test('is not held back, nor lowered, by a channel that comes back behind it, until that has caught up', () => {
    const { valve } = valveAfter(2, [
      [0, 10],
      [1, IDLE],
      [1, 4],
    ]);
    expect(valve.watermark).toBe(10);
    valve.update(0, 20);
    expect(valve.watermark).toBe(20);
    valve.update(1, 19);
    valve.update(0, 30);
    expect(valve.watermark).toBe(30);
    valve.update(1, 31);
    valve.update(0, 40);
    expect(valve.watermark).toBe(31);
  });

  test('stands when all channels are idle, and says so once', () => {
    const { valve, news } = valveAfter(2, [
      [0, 5],
      [1, 5],
      [0, IDLE],
      [1, IDLE],
      [1, IDLE],
    ]);
    expect([valve.watermark, valve.isIdle]).toEqual([5, true]);
    expect(news).toEqual([false, true, false, true, false]);
  });

  test('counts a channel again when a record comes from it', () => {
    const { valve } = valveAfter(2, [
      [0, 5],
      [1, 5],
      [0, IDLE],
      [1, IDLE],
    ]);
    expect([valve.wake(0), valve.isIdle, valve.watermark]).toEqual([true, false, 5]);
    expect([valve.wake(0), valve.wake(1)]).toEqual([false, false]);
  });

  test('is the end of time when all channels have ended, not while one of them is idle', () => {
    const { valve } = valveAfter(2, [
      [0, END_OF_TIME],
      [1, 3],
      [1, IDLE],
    ]);
    expect([valve.watermark, valve.isIdle]).toEqual([3, true]);
    valve.update(1, 8);
    expect([valve.watermark, valve.isIdle]).toEqual([8, false]);
    valve.update(1, END_OF_TIME);
    expect([valve.watermark, valve.isIdle]).toEqual([END_OF_TIME, false]);
  });

  test('of a restored task does not rise before every channel has passed it', () => {
    const valve = new WatermarkValve(2);
    valve.restore(50);
    expect(valve.watermark).toBe(50);
    expect([valve.update(0, 60), valve.update(1, 40), valve.update(1, 55)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(valve.watermark).toBe(55);
  });
});

describe('whatever the channels say', () => {
  const channels = 3;
  const step = fc.tuple(
    fc.nat(channels - 1),
    fc.oneof(fc.nat(100), fc.constant(IDLE), fc.constant(END_OF_TIME)),
  );
  const steps = fc.array(step, { maxLength: 60 });

  /** A channel that has ended says nothing more. */
  function sensible(all: readonly Step[]): Step[] {
    const ended = new Set<number>();
    return all.filter(([channel, watermark]) => {
      if (ended.has(channel)) return false;
      if (watermark === END_OF_TIME) ended.add(channel);
      return true;
    });
  }

  test('the watermark never falls, and every rise and every change of idleness is told', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const valve = new WatermarkValve(channels);
        for (const [channel, watermark] of sensible(all)) {
          const before = [valve.watermark, valve.isIdle] as const;
          const isNews = valve.update(channel, watermark);
          expect(valve.watermark).toBeGreaterThanOrEqual(before[0]);
          expect(isNews).toBe(valve.watermark !== before[0] || valve.isIdle !== before[1]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('without idleness it is the lowest of the highest of each channel', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const said = sensible(all.filter(([, watermark]) => !Number.isNaN(watermark)));
        const highest = new Array<number>(channels).fill(NO_WATERMARK);
        for (const [channel, watermark] of said)
          highest[channel] = Math.max(highest[channel] ?? 0, watermark);
        expect(valveAfter(channels, said).valve.watermark).toBe(Math.min(...highest));
      }),
      { numRuns: 500 },
    );
  });

  test('it is the end of time only when every channel has ended', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const said = sensible(all);
        const ended = new Set(
          said.filter(([, w]) => w === END_OF_TIME).map(([channel]) => channel),
        );
        const isOver = valveAfter(channels, said).valve.watermark === END_OF_TIME;
        expect(isOver).toBe(ended.size === channels);
      }),
      { numRuns: 500 },
    );
  });

  test('it is at most the lowest of the active channels that are not behind it', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const valve = new WatermarkValve(channels);
        const latest = new Array<number>(channels).fill(NO_WATERMARK);
        const wasIdle = new Set<number>();
        for (const [channel, watermark] of sensible(all)) {
          if (Number.isNaN(watermark)) wasIdle.add(channel);
          else latest[channel] = Math.max(latest[channel] ?? 0, watermark);
          valve.update(channel, watermark);
          const never = latest.filter((_, i) => !wasIdle.has(i));
          expect(valve.watermark).toBeLessThanOrEqual(Math.min(END_OF_TIME, ...never));
        }
      }),
      { numRuns: 500 },
    );
  });
});
