// Time as an argument: what waits, and how it is called off.

import { expect, test } from 'vitest';
import { delay, every } from '../../engine/core/clock.ts';
import { systemClock } from '../../engine/core/system-clock.ts';
import { FakeClock } from '../harness/fake-clock.ts';

test('every calls after each period until it is disposed, also by its own call', () => {
  const clock = new FakeClock();
  const calls: number[] = [];
  const timer = every(clock, 10, () => {
    calls.push(clock.monotonic());
    if (calls.length === 3) timer[Symbol.dispose]();
  });
  clock.advance(100);
  expect(calls).toEqual([10, 20, 30]);
  expect(clock.timers).toBe(0);
});

test('a call that throws does not end the calls after it', () => {
  const clock = new FakeClock();
  let calls = 0;
  every(clock, 10, () => {
    calls++;
    throw new Error('once');
  });
  expect(() => clock.advance(10)).toThrow('once');
  expect(() => clock.advance(10)).toThrow('once');
  expect(calls).toBe(2);
});

test('a delay resolves in time, or rejects with the reason of its signal and leaves no timer', async () => {
  const clock = new FakeClock();
  const done = delay(clock, 5);
  clock.advance(5);
  await done;
  const abort = new AbortController();
  const aborted = delay(clock, 5, abort.signal);
  abort.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
  await expect(delay(clock, 5, abort.signal)).rejects.toThrow('enough');
  expect(clock.timers).toBe(0);
});

test('the clock of the machine never runs backwards', () => {
  let last = systemClock.monotonic();
  for (let i = 0; i < 10_000; i++) {
    const now = systemClock.monotonic();
    expect(now >= last).toBe(true);
    last = now;
  }
});
