// Where the engine talks. One line an event, decided once where the event is decided.

import type { Clock } from './clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface Logger {
  log(level: LogLevel, message: string): void;
  /** A logger whose lines carry this name. */
  named(component: string): Logger;
}

export const silentLogger: Logger = { log: () => undefined, named: () => silentLogger };

/** Lines of `time level component: message`, control characters escaped, to any consumer of text. */
export function lineLogger(
  clock: Clock,
  write: (line: string) => void,
  component = 'sluice',
): Logger {
  return {
    log(level, message) {
      const time = new Date(clock.now()).toISOString();
      write(`${time} ${level.toUpperCase().padEnd(5)} ${component}: ${escapeControl(message)}\n`);
    },
    named: (name) => lineLogger(clock, write, name),
  };
}

/** Nothing that came from outside forges a line or moves a terminal: `\n` becomes `\n ` + tab, others `\u{1b}`. */
export function escapeControl(text: string): string {
  return text
    .replace(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
      (c) => `\\u{${c.charCodeAt(0).toString(16)}}`,
    )
    .replaceAll('\n', '\n\t');
}
