// The machine's clock and timers. One of the few files that may touch them. The functions are taken
// once, at load: a program's evaluation replaces the globals (program/), never what the engine uses.

import type { Clock } from './clock.ts';

const dateNow = Date.now;
const monotonicNow = performance.now.bind(performance);
const startTimer = setTimeout;
const stopTimer = clearTimeout;
const immediate = setImmediate;

export const systemClock: Clock = {
  now: () => dateNow(),
  monotonic: () => monotonicNow(),
  after(delayMs, call) {
    const timer = startTimer(call, delayMs);
    return { [Symbol.dispose]: () => stopTimer(timer) };
  },
  soon(call) {
    immediate(call);
  },
};
