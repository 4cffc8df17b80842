// A slot's log: lines go to the main thread of its process as messages, counted, so that a cell that logs in
// a loop neither floods that thread nor stands still.

import { limits } from '../core/limits.ts';
import type { Logger } from '../core/logger.ts';
import { systemClock } from '../core/system-clock.ts';
import type { FromSlot } from '../task/slot-messages.ts';

const WINDOW_MS = 1_000;

export function portLogger(post: (message: FromSlot) => void): Logger {
  let windowSince = systemClock.monotonic();
  let lines = 0;
  let dropped = 0;
  const write = (level: Parameters<Logger['log']>[0], text: string): void => {
    const now = systemClock.monotonic();
    if (now - windowSince > WINDOW_MS) {
      if (dropped > 0)
        post({ kind: 'log', level: 'warn', text: `${dropped} lines of this slot were dropped` });
      windowSince = now;
      lines = 0;
      dropped = 0;
    }
    if (++lines > limits.logLinesMax) dropped++;
    else post({ kind: 'log', level, text });
  };
  const named = (name: string): Logger => ({
    log: (level, message) => write(level, name === '' ? message : `${name}: ${message}`),
    named: (inner) => named(name === '' ? inner : `${name}: ${inner}`),
  });
  return named('');
}
