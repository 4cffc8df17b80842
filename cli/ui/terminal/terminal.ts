// Owns the terminal's modes: alternate screen, cursor, bracketed paste, focus and mouse reports, raw input.
// Whatever ends the process, they are put back first, synchronously: normal exit, an exception nobody
// caught, SIGTERM, SIGHUP. A stop (ctrl-z, SIGTSTP) gives the terminal back and takes it again on SIGCONT.
//
//   left ──enter──▶ held ──restore──▶ left ──lend──▶ lent ──takeBack──▶ held

import { writeSync } from 'node:fs';
import type { Clock, Timer } from '../../../engine/core/clock.ts';

export interface TerminalOutput extends NodeJS.EventEmitter {
  readonly columns?: number;
  readonly rows?: number;
  readonly fd?: number;
  write(text: string): boolean;
}

export interface RawInput {
  setRawMode?(isRaw: boolean): unknown;
}

/** What is used of the process; a test hands in its own. */
export interface ProcessEvents {
  readonly pid: number;
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  off(event: string, listener: (...values: unknown[]) => void): unknown;
  kill(pid: number, signal: string): unknown;
}

export interface TerminalOptions {
  readonly stdin: RawInput;
  readonly stdout: TerminalOutput;
  readonly clock: Clock;
  readonly process: ProcessEvents;
  readonly mouse: boolean;
  /** The terminal has been put back; whoever runs the screen ends it. */
  onEnd(signal: 'SIGTERM' | 'SIGHUP' | 'SIGINT'): void;
  /** The first SIGINT; a second within two seconds ends. */
  onInterrupt(): void;
  /** Another program, or the shell, had the terminal. */
  onResume(): void;
  /** It is about to be given back: nothing more is to be written. */
  onSuspend(): void;
}

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1004h\x1b[m\x1b[2J';
const LEAVE = '\x1b[?2026l\x1b[?1004l\x1b[?2004l\x1b[m\x1b[?25h\x1b[?1049l';
const MOUSE_ON = '\x1b[?1000h\x1b[?1002h\x1b[?1006h';
const MOUSE_OFF = '\x1b[?1006l\x1b[?1002l\x1b[?1000l';

const SECOND_INTERRUPT_MS = 2_000;
/** Where job control stops nobody (no shell above), the screen comes back after this. */
const STOP_TRIED_MS = 200;
/** Tries of a synchronous write while the terminal's buffer is full. */
const WRITES_MAX = 50;

export class Terminal {
  readonly #options: TerminalOptions;
  readonly #listeners: readonly (readonly [string, () => void])[];
  #isHeld = false;
  #isLent = false;
  #hasMouse: boolean;
  #interruptedAt = Number.NEGATIVE_INFINITY;
  #comeBack: Timer | undefined;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#hasMouse = options.mouse;
    this.#listeners = [
      ['exit', () => this.restore()],
      // Sees the exception before Node prints it, and leaves its handling alone.
      ['uncaughtExceptionMonitor', () => this.restore()],
      ['SIGTERM', () => this.#end('SIGTERM')],
      ['SIGHUP', () => this.#end('SIGHUP')],
      ['SIGINT', () => this.#interrupt()],
      ['SIGTSTP', this.#onStop],
      ['SIGCONT', () => this.#continue()],
    ];
  }

  get hasMouse(): boolean {
    return this.#hasMouse;
  }

  /** Takes the terminal and watches for what could end the process. */
  open(): void {
    for (const [event, listener] of this.#listeners) this.#options.process.on(event, listener);
    this.enter();
  }

  close(): void {
    this.restore();
    this.#comeBack?.[Symbol.dispose]();
    for (const [event, listener] of this.#listeners) this.#options.process.off(event, listener);
  }

  enter(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#options.stdin.setRawMode?.(true);
    this.#options.stdout.write(ENTER + (this.#hasMouse ? MOUSE_ON : ''));
  }

  /** Synchronous, and harmless when the terminal is not held. */
  restore(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#writeNow(MOUSE_OFF + LEAVE);
    try {
      this.#options.stdin.setRawMode?.(false);
    } catch {
      // The terminal is gone (SIGHUP): there is nothing left to put back.
    }
  }

  /** To a child process, an editor: what job control does meanwhile is its business. */
  lend(): void {
    this.#isLent = true;
    this.restore();
  }

  takeBack(): void {
    this.#isLent = false;
    this.enter();
  }

  setMouse(isOn: boolean): void {
    this.#hasMouse = isOn;
    if (this.#isHeld) this.#options.stdout.write(isOn ? MOUSE_ON : MOUSE_OFF);
  }

  /** Stops the process group, as ctrl-z does where the terminal is not raw. */
  stop(): void {
    this.#options.process.kill(0, 'SIGTSTP');
  }

  readonly #onStop = (): void => {
    const { process, clock, onSuspend } = this.#options;
    if (!this.#isLent) {
      onSuspend();
      this.restore();
    }
    // With the default action back, the same signal really stops; without job control it is ignored.
    process.off('SIGTSTP', this.#onStop);
    process.kill(process.pid, 'SIGTSTP');
    this.#comeBack = clock.after(STOP_TRIED_MS, () => this.#continue());
  };

  #continue(): void {
    this.#comeBack?.[Symbol.dispose]();
    this.#comeBack = undefined;
    this.#options.process.off('SIGTSTP', this.#onStop);
    this.#options.process.on('SIGTSTP', this.#onStop);
    if (this.#isLent) return;
    // After `kill -CONT` of a process that was not stopped the modes may be anything: set them all again.
    this.#isHeld = false;
    this.enter();
    this.#options.onResume();
  }

  #interrupt(): void {
    // Meant for the editor.
    if (this.#isLent) return;
    const now = this.#options.clock.monotonic();
    if (now - this.#interruptedAt <= SECOND_INTERRUPT_MS) return this.#end('SIGINT');
    this.#interruptedAt = now;
    this.#options.onInterrupt();
  }

  #end(signal: 'SIGTERM' | 'SIGHUP' | 'SIGINT'): void {
    this.#options.onSuspend();
    this.restore();
    // Not in this turn: Ink's own exit hook kills the process when it finds our listener gone.
    this.#options.clock.soon(() => this.#options.onEnd(signal));
  }

  /** The process may be about to end: a stream's queue would be lost. */
  #writeNow(text: string): void {
    const { fd } = this.#options.stdout;
    if (fd === undefined) {
      this.#options.stdout.write(text);
      return;
    }
    let rest = Buffer.from(text);
    for (let tries = 0; rest.length > 0 && tries < WRITES_MAX; tries++) {
      try {
        rest = rest.subarray(writeSync(fd, rest));
      } catch (error) {
        // EAGAIN: the terminal reads slowly. Anything else: it is gone.
        if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return;
      }
    }
  }
}
