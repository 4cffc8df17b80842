// Runs a notebook as a user does: the built cli in a process of its own. Rows come as `--json` writes them.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Row {
  /** The cell's title. */
  readonly job: string;
  readonly sink: string;
  readonly subtask: number;
  readonly value: unknown;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where a notebook of this repository is. */
export const notebook = (name: string): string => `${root}notebooks/${name}`;

/** A run that is under way; it is killed with its test. */
export class Running {
  /** In the order in which they came; grows. */
  readonly rows: Row[] = [];
  readonly #child: ChildProcess;
  readonly #talk: Promise<string>;
  readonly #ended: Promise<number | null>;
  #onRow: () => void = () => undefined;

  constructor(path: string, flags: readonly string[]) {
    const child = spawn(
      process.execPath,
      [`${root}.dist/cli.js`, 'run', path, '--json', ...flags],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    this.#talk = text(child.stderr);
    this.#ended = once(child, 'close').then(([code]) => code as number | null);
    createInterface(child.stdout).on('line', (line) => {
      // Of a killed process the last line may be half a line.
      if (child.killed && child.signalCode !== null) return;
      this.rows.push(JSON.parse(line) as Row);
      this.#onRow();
    });
    onTestFinished(() => void child.kill('SIGKILL'));
  }

  /** Resolves when there are so many rows. Rejects with what was said when it ends before. */
  async until(rows: number): Promise<void> {
    const enough = new Promise<'enough'>((resolve) => {
      this.#onRow = () => {
        if (this.rows.length >= rows) resolve('enough');
      };
      this.#onRow();
    });
    if ((await Promise.race([enough, this.#ended])) === 'enough') return;
    throw new Error(`ended with ${this.rows.length} of ${rows} rows:\n${await this.#talk}`);
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  /** What it exits with, and what it said on stderr. */
  async ended(): Promise<{ readonly code: number | null; readonly talk: string }> {
    return { code: await this.#ended, talk: await this.#talk };
  }

  /** Of one cell. */
  readonly valuesOf = (job: string): readonly unknown[] =>
    this.rows.filter((row) => row.job === job).map(({ value }) => value);
}

/** Rows for a comparison in which their order does not count. */
export const unordered = (rows: readonly unknown[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).toSorted((a, b) => (a < b ? -1 : 1));

/** Runs to the end, which must be a good one. */
export async function run(path: string, ...flags: readonly string[]): Promise<Running> {
  const running = new Running(path, flags);
  const { code, talk } = await running.ended();
  if (code !== 0) throw new Error(`exit code ${code}:\n${talk}`);
  return running;
}
