// A program in a pseudo-terminal, and what a person would see of it: the bytes go through a real terminal
// emulator. Keys, typing and resizing as a person does them; waiting is always for something on the screen.

import { setTimeout as sleep } from 'node:timers/promises';
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { descendants } from './processes.ts';
import { type SvgOptions, terminalSvg } from './svg.ts';

export interface SessionOptions {
  readonly cols?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

export interface Exit {
  readonly code: number;
  readonly signal: number | undefined;
}

const WAIT_MS = 15_000;
const LOOK_EVERY_MS = 15;

/** By the names of keys.ts. */
const KEYS: Readonly<Record<string, string>> = {
  enter: '\r',
  escape: '\x1b',
  tab: '\t',
  'shift+tab': '\x1b[Z',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  home: '\x1b[H',
  end: '\x1b[F',
  pageup: '\x1b[5~',
  pagedown: '\x1b[6~',
  backspace: '\x7f',
  space: ' ',
  f1: '\x1bOP',
  f5: '\x1b[15~',
};

export function session(command: readonly string[], options: SessionOptions = {}): Session {
  return new Session(command, options);
}

export class Session {
  readonly #pty: IPty;
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  readonly exited: Promise<Exit>;
  readonly #watchers = new Set<(atMs: number) => void>();
  #output = '';

  constructor([file = '', ...args]: readonly string[], options: SessionOptions) {
    const { cols = 120, rows = 40, cwd } = options;
    this.#terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 0 });
    this.#pty = spawn(file, args, {
      cols,
      rows,
      name: 'xterm-256color',
      cwd: cwd ?? process.cwd(),
      env: environment(options.env ?? {}),
    });
    this.#pty.onData((data) => {
      const atMs = performance.now();
      this.#output += data;
      this.#terminal.write(data, () => {
        for (const watcher of this.#watchers) watcher(atMs);
      });
    });
    // What the emulator answers (cursor position, device attributes) goes back, as from a real terminal.
    this.#terminal.onData((data) => this.#pty.write(data));
    this.exited = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => resolve({ code: exitCode, signal }));
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Everything written so far, escape sequences included. */
  get output(): string {
    return this.#output;
  }

  key(name: string): void {
    const control = /^ctrl\+([a-z])$/.exec(name)?.[1];
    const code =
      control === undefined ? undefined : String.fromCharCode(control.charCodeAt(0) - 96);
    this.#pty.write(code ?? KEYS[name] ?? name);
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  paste(text: string): void {
    this.#pty.write(`\x1b[200~${text}\x1b[201~`);
  }

  /** Column and row from 0. */
  click(x: number, y: number): void {
    this.#pty.write(`\x1b[<0;${x + 1};${y + 1}M\x1b[<0;${x + 1};${y + 1}m`);
  }

  resize(cols: number, rows: number): void {
    this.#terminal.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  async screen(): Promise<string> {
    await this.#settled();
    return this.#text();
  }

  #text(): string {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: this.#terminal.rows },
      (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '',
    ).join('\n');
  }

  /** The screen as soon as it matches. */
  async waitFor(pattern: RegExp, timeoutMs = WAIT_MS): Promise<string> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const screen = await this.screen();
      if (pattern.test(screen)) return screen;
      if (performance.now() > deadline) {
        throw new Error(`no ${pattern} within ${timeoutMs} ms on this screen:\n${screen}`);
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** When the bytes came, by performance.now(), with which the screen first matched. */
  whenShown(pattern: RegExp, timeoutMs = WAIT_MS): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`no ${pattern} within ${timeoutMs} ms on this screen:\n${this.#text()}`));
      }, timeoutMs);
      const look = (atMs: number): void => {
        if (!pattern.test(this.#text())) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(atMs);
      };
      this.#watchers.add(look);
    });
  }

  async waitForOutput(pattern: RegExp, timeoutMs = WAIT_MS): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!pattern.test(this.#output)) {
      if (performance.now() > deadline) throw new Error(`no ${pattern} within ${timeoutMs} ms`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  async svg(options: SvgOptions = {}): Promise<string> {
    await this.#settled();
    return terminalSvg(this.#terminal, options);
  }

  /** As the terminal is now: which of the modes that a screen sets are on. */
  async modes(): Promise<Modes> {
    await this.#settled();
    const { modes, buffer } = this.#terminal;
    return {
      alternateScreen: buffer.active.type === 'alternate',
      bracketedPaste: modes.bracketedPasteMode,
      focusReports: modes.sendFocusMode,
      mouse: modes.mouseTrackingMode !== 'none',
      cursorHidden: lastMode(this.#output, '25') === 'l',
    };
  }

  /** Processes that it started and that are alive, itself included. */
  processes(): Promise<readonly number[]> {
    return descendants(this.pid);
  }

  kill(signal = 'SIGKILL'): void {
    this.#pty.kill(signal);
  }

  /** Ends it however it stands; for `finally`. */
  async close(): Promise<void> {
    for (const pid of [...(await this.processes())].reverse()) endProcess(pid);
    await this.exited;
    this.#terminal.dispose();
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => this.#terminal.write('', resolve));
  }
}

export interface Modes {
  readonly alternateScreen: boolean;
  readonly bracketedPaste: boolean;
  readonly focusReports: boolean;
  readonly mouse: boolean;
  readonly cursorHidden: boolean;
}

export const MODES_OFF: Modes = {
  alternateScreen: false,
  bracketedPaste: false,
  focusReports: false,
  mouse: false,
  cursorHidden: false,
};

function lastMode(output: string, mode: string): string | undefined {
  return [...output.matchAll(new RegExp(`\\x1b\\[\\?${mode}([hl])`, 'g'))].at(-1)?.[1];
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

/** The test's own, less what would decide about colours and interactivity. */
function environment(
  changes: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...rest } = process.env;
  const all = { ...rest, TERM: 'xterm-256color', COLORTERM: 'truecolor', ...changes };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
