// How a command ends from outside. The first interrupt cancels what it does, the second leaves at once;
// SIGTERM and SIGHUP cancel and leave. npm and npx pass SIGTERM on to nobody: they die with their shell and
// leave us with another parent, which is taken for the signal.

import { every } from '../engine/core/clock.ts';
import { systemClock } from '../engine/core/system-clock.ts';
import { EXIT } from './exit-codes.ts';

const PARENT_LOOK_MS = 250;

let cancelCurrent: (() => Promise<void>) | undefined;
let interrupts = 0;
let hasScreen = false;

/** Until the returned function is called, an interrupt calls `cancel`. */
export function onInterrupt(cancel: () => Promise<void>): () => void {
  cancelCurrent = cancel;
  return () => {
    cancelCurrent = undefined;
  };
}

/** The screen has the keyboard: what an interrupt means is its to say, until the returned function is called. */
export function leaveInterruptsToScreen(): () => void {
  hasScreen = true;
  return () => {
    hasScreen = false;
  };
}

/** Installs the handlers, once. `exit` ends the process after what must be put right. */
export function installSignals(exit: (code: number) => void): void {
  const leave = (code: number): void => {
    const cancel = cancelCurrent;
    if (cancel === undefined) return exit(code);
    void cancel().finally(() => exit(code));
  };
  process.on('SIGINT', () => {
    if (hasScreen) return;
    interrupts++;
    if (interrupts > 1 || cancelCurrent === undefined) exit(EXIT.interrupted);
    else void cancelCurrent().catch(() => undefined); // the command tells how it ended
  });
  process.on('SIGTERM', () => leave(EXIT.terminated));
  process.on('SIGHUP', () => leave(129));
  if (process.env['npm_command'] !== undefined) watchParent(() => leave(EXIT.terminated));
}

function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  const timer = every(systemClock, PARENT_LOOK_MS, () => {
    if (process.ppid === parent) return;
    timer[Symbol.dispose]();
    onGone();
  });
}
