// Runs programs, each in a process of its own that is thrown away: one is always kept started, so that a run
// does not wait for it. What a program can do to its process is told as the reason of a failure.

import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../core/clock.ts';
import { SluiceError } from '../core/errors.ts';
import type { ProgramResult } from '../program/program-run.ts';
import { entryPath } from './entries.ts';
import type { FromProgram, RunProgram } from './program-messages.ts';

export interface ProgramRunnerSettings {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** What programs print. */
  readonly onOutput: (text: string) => void;
}

type ProgramProblem = 'program-timeout' | 'program-died';

export class ProgramRunner {
  readonly #settings: ProgramRunnerSettings;
  #spare: ChildProcess | undefined;
  readonly #running = new Set<ChildProcess>();

  constructor(settings: ProgramRunnerSettings) {
    this.#settings = settings;
  }

  /** Starts the process of the next run. */
  warm(): void {
    if (this.#spare === undefined || this.#spare.exitCode !== null) this.#spare = start();
  }

  /**
   * Rejects with reason `program-timeout` or `program-died`, or with the signal's reason. What the program
   * throws is a result.
   */
  async run(request: RunProgram, signal?: AbortSignal): Promise<ProgramResult> {
    signal?.throwIfAborted();
    this.warm();
    const child = this.#spare as ChildProcess;
    this.#spare = undefined;
    this.#running.add(child);
    try {
      return await this.#result(child, request, signal);
    } finally {
      this.#running.delete(child);
      child.kill('SIGKILL');
      this.warm();
    }
  }

  close(): void {
    this.#spare?.kill('SIGKILL');
    for (const child of this.#running) child.kill('SIGKILL');
    this.#spare = undefined;
  }

  #result(
    child: ChildProcess,
    request: RunProgram,
    signal: AbortSignal | undefined,
  ): Promise<ProgramResult> {
    const { clock, timeoutMs, onOutput } = this.#settings;
    return new Promise((resolve, reject) => {
      const fail = (reason: ProgramProblem, message: string): void =>
        reject(new SluiceError(reason, message));
      const timer = clock.after(timeoutMs, () =>
        fail(
          'program-timeout',
          `the program has not built its job within ${timeoutMs} ms (sluice.program.timeout)`,
        ),
      );
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      child.on('message', (message: FromProgram) => {
        if (message.kind === 'output') onOutput(message.text);
        else if (message.kind === 'result') resolve(message.result);
        else if (message.kind === 'ended') fail('program-died', message.reason);
      });
      child.once('exit', (code, exitSignal) =>
        fail(
          'program-died',
          `the program's process ended (${exitSignal ?? `exit code ${code}`}): a single allocation was too large, or native code failed`,
        ),
      );
      child.once('error', (error) => fail('program-died', error.message));
      child.send(request, (error) => {
        if (error !== null) fail('program-died', error.message);
      });
      child.once('exit', () => timer[Symbol.dispose]());
    });
  }
}

function start(): ChildProcess {
  const child = spawn(process.execPath, ['--no-warnings', entryPath('program')], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    detached: true,
  });
  child.on('error', () => undefined); // told to whoever runs something in it
  child.unref();
  child.channel?.unref();
  return child;
}
