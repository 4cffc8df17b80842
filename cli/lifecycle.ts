// How a command ends from outside. The first interrupt cancels what it does, the second leaves at once;
// SIGTERM and SIGHUP cancel and leave. That npm has ended is taken for SIGTERM: it passes that on to nobody.

import { systemClock } from '../engine/core/system-clock.ts';
import { ancestorGone } from './ancestors.ts';
import { EXIT } from './exit-codes.ts';

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
  if (process.env['npm_command'] === undefined) return;
  void ancestorGone(systemClock).then(() => leave(EXIT.terminated));
}
