// The built tool in processes of their own, as a user starts it, without a terminal. Each test has a place of
// its own: a folder for its notebooks and one for running clusters, by which all that it started is found
// again, whoever started it and whatever became of that.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What `npx sluice` runs. */
export const sluice = [process.execPath, join(root, 'cli/launcher.cjs')] as const;

const WAIT_MS = 15_000;
const LOOK_EVERY_MS = 20;

export class Place {
  readonly folder: string;
  readonly runtime: string;

  constructor() {
    // Short: sockets are in it.
    this.runtime = mkdtempSync(join(tmpdir(), 'sl-'));
    this.folder = mkdtempSync(join(tmpdir(), 'sluice-e2e-'));
    onTestFinished(() => {
      for (const pid of this.processes()) kill(pid, 'SIGKILL');
      rmSync(this.folder, { recursive: true, force: true });
      rmSync(this.runtime, { recursive: true, force: true });
    });
  }

  get environment(): Readonly<Record<string, string>> {
    const config = join(this.folder, '.config');
    return { XDG_RUNTIME_DIR: this.runtime, XDG_CONFIG_HOME: config, NO_COLOR: '1' };
  }

  /** Where it now stands. */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** `sluice …` in the folder. */
  start(...args: readonly string[]): Started {
    return this.command([...sluice, ...args]);
  }

  command([file = '', ...args]: readonly string[], more: Readonly<Record<string, string>> = {}) {
    return new Started(file, args, this.folder, { ...this.environment, ...more });
  }

  /** `sluice …` to its end. */
  run(...args: readonly string[]): Promise<Ended> {
    return this.start(...args).ended();
  }

  /** All that were started here and are alive. */
  processes(): readonly number[] {
    const list = execFileSync('ps', process.platform === 'darwin' ? ['-axEww'] : ['axeww'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    const own = list.split('\n').filter((line) => line.includes(`XDG_RUNTIME_DIR=${this.runtime}`));
    return own.map((line) => Number.parseInt(line, 10)).filter((pid) => !hasEnded(pid));
  }

  /** Running clusters as the file system has them. */
  clusters(): readonly string[] {
    try {
      return readdirSync(join(this.runtime, 'sluice'));
    } catch {
      return [];
    }
  }

  /** What is still there when everything should be gone; waits for that. */
  async leftovers(): Promise<readonly (string | number)[]> {
    const look = () => [...this.clusters(), ...this.processes()];
    await until(() => look().length === 0, WAIT_MS).catch(() => undefined);
    return look();
  }

  taskManagers(): readonly number[] {
    return this.processes().filter((pid) => commandOf(pid).includes('taskmanager.js'));
  }
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export class Started {
  readonly child: ChildProcess;
  out = '';
  err = '';
  readonly #ended: Promise<unknown[]>;

  constructor(
    file: string,
    args: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string>>,
  ) {
    const { FORCE_COLOR: _, npm_command: __, ...inherited } = process.env;
    this.child = spawn(file, args, {
      cwd,
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
    });
    this.#ended = once(this.child, 'close');
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Of what it has printed so far, once that matches. */
  async until(pattern: RegExp, of: 'out' | 'err' = 'out'): Promise<RegExpExecArray> {
    await until(() => pattern.test(this[of]) || this.child.exitCode !== null);
    const match = pattern.exec(this[of]);
    if (match === null) throw new Error(`no ${pattern} in ${of}:\n${this.out}\n${this.err}`);
    return match;
  }

  /** Once it has printed so many. */
  async rows(count: number): Promise<void> {
    await until(() => this.lines.length >= count || this.child.exitCode !== null);
    if (this.lines.length < count)
      throw new Error(`ended with ${this.lines.length} of ${count} rows:\n${this.err}`);
  }

  get lines(): readonly string[] {
    return this.out.split('\n').slice(0, -1);
  }

  async ended(): Promise<Ended> {
    const [code, signal] = (await this.#ended) as [number | null, NodeJS.Signals | null];
    return { code, signal, out: this.out, err: this.err };
  }
}

/** Looks again and again. Rejects when it has not come true in that time. */
export async function until(isTrue: () => boolean, timeoutMs = WAIT_MS): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`not true within ${timeoutMs} ms: ${isTrue}`);
    await sleep(LOOK_EVERY_MS);
  }
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

/** Gone, or a zombie that nobody has asked for its code. */
const hasEnded = (pid: number): boolean => /^Z|^$/.test(psOf(pid, 'stat='));

const commandOf = (pid: number): string => psOf(pid, 'args=');

function psOf(pid: number, column: string): string {
  try {
    return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
