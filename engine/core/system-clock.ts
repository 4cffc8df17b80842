// The machine's clock and timers. One of the few files that may touch them. The functions are taken
// once, at load: a program's evaluation replaces the globals (program/), never what the engine uses.

import type { Clock } from './clock.ts';

const dateNow = Date.now;
const performanceNow = performance.now.bind(performance);
// Each thread's performance.now starts at 0; the offset puts all threads of a process on one scale.
const threadOffsetMs = Number(process.hrtime.bigint()) / 1e6 - performanceNow();
const startTimer = setTimeout;
const stopTimer = clearTimeout;
const immediate = setImmediate;

export const systemClock: Clock = {
  now: () => dateNow(),
  monotonic: () => threadOffsetMs + performanceNow(),
  after(delayMs, call) {
    const timer = startTimer(call, delayMs);
    return { [Symbol.dispose]: () => stopTimer(timer) };
  },
  soon(call) {
    immediate(call);
  },
};
