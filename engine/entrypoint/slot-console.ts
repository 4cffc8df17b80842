// `console` in a slot: what the program's functions write goes to whoever looks at the job. The process has
// no terminal, and a line on its stdout would be anybody's.

import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { LogLevel } from '../core/logger.ts';
import { currentEvaluation } from '../program/slot-surroundings.ts';

/** While the program is evaluated it is silent: the program run has said the same already. */
export function slotConsole(say: (level: LogLevel, text: string) => void): Console {
  return new Console({ stdout: lines(say, 'info'), stderr: lines(say, 'warn'), colorMode: false });
}

const lines = (say: (level: LogLevel, text: string) => void, level: LogLevel): Writable =>
  new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      if (currentEvaluation() === undefined) say(level, text.replace(/\n$/, ''));
      done();
    },
  });
