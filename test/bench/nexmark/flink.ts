// The same queries on Apache Flink: a cluster with one TaskManager for the whole bench, so that from the second
// run of a query on its virtual machine is warm. Queries that are written with the DataStream API are faster
// there than in SQL, and are compared in that form; the others in SQL. What is measured is a job from RUNNING
// to FINISHED, and the CPU of the TaskManager meanwhile.

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { RealFlink } from '../../e2e/harness/flink/real-flink.ts';
import { descendants } from '../../e2e/harness/processes.ts';
import { commandLineOf, cpuSecondsOf } from '../process-usage.ts';
import type { Measured } from '../report.ts';

const run = promisify(execFile);
const SOURCES = fileURLToPath(new URL('./flink', import.meta.url));

const WITH_DATA_STREAM: ReadonlySet<string> = new Set([
  ...['q0', 'q1', 'q2', 'q3', 'q5', 'q7', 'q8', 'q11'],
]);

export interface FlinkSettings {
  /** Of a distribution. */
  readonly home: string;
  readonly parallelism: number;
}

export interface FlinkQuery {
  readonly name: string;
  readonly events: number;
  readonly rate: number;
}

export class FlinkRival {
  readonly #flink: RealFlink;
  readonly #jar: string;
  readonly #parallelism: number;
  readonly #taskManager: number;

  /** Needs a JDK. */
  static async start({ home, parallelism }: FlinkSettings): Promise<FlinkRival> {
    const flink = await RealFlink.start({
      home,
      slots: parallelism,
      configuration: {
        'taskmanager.memory.process.size': '6144m',
        'pipeline.object-reuse': 'true',
        'state.backend.type': 'hashmap',
        'execution.checkpointing.interval': '1 s',
        'execution.checkpointing.checkpoints-after-tasks-finish.enabled': 'false',
      },
    });
    try {
      const jar = await compiled(flink);
      return new FlinkRival(flink, jar, parallelism, await taskManagerOf());
    } catch (error) {
      await flink.stop();
      throw error;
    }
  }

  private constructor(flink: RealFlink, jar: string, parallelism: number, taskManager: number) {
    this.#flink = flink;
    this.#jar = jar;
    this.#parallelism = parallelism;
    this.#taskManager = taskManager;
  }

  api(query: string): 'DataStream' | 'SQL' {
    return WITH_DATA_STREAM.has(query) ? 'DataStream' : 'SQL';
  }

  /** Rejects when the job does not finish. */
  async run({ name, events, rate }: FlinkQuery): Promise<Measured> {
    const cpuBefore = cpuSecondsOf(this.#taskManager) ?? Number.NaN;
    const api = this.api(name) === 'SQL' ? 'sql' : 'stream';
    const program = [api, name, ...[events, rate, this.#parallelism].map(String)];
    const flags = ['-m', this.#flink.address, '-p', `${this.#parallelism}`];
    const { stdout } = await run(join(this.#flink.home, 'bin', 'flink'), [
      ...['run', '--detached', ...flags, '--class', 'nexmark.Main', this.#jar, ...program],
    ]);
    const jobId = /JobID ([0-9a-f]{32})/.exec(stdout)?.[1] ?? '';
    for (;;) {
      const job = await this.#flink.ask<Job>(`/jobs/${jobId}`);
      if (job.state === 'FINISHED') {
        const cpuSeconds = (cpuSecondsOf(this.#taskManager) ?? Number.NaN) - cpuBefore;
        const { RUNNING, FINISHED } = job.timestamps;
        const seconds = (FINISHED - RUNNING) / 1_000;
        return { seconds, cpuSeconds, rows: await this.#rows(jobId) };
      }
      if (job['end-time'] >= 0) throw new Error(`${name} on Flink is ${job.state}`);
      await sleep(50);
    }
  }

  async stop(): Promise<void> {
    await this.#flink.stop();
  }

  async #rows(jobId: string): Promise<number> {
    const answer = await this.#flink.ask<Accumulators>(`/jobs/${jobId}/accumulators`);
    return Number(answer['user-task-accumulators'].find(({ name }) => name === 'rows')?.value);
  }
}

interface Job {
  readonly state: string;
  /** -1 while it runs. */
  readonly 'end-time': number;
  readonly timestamps: { readonly RUNNING: number; readonly FINISHED: number };
}

interface Accumulators {
  readonly 'user-task-accumulators': readonly { readonly name: string; readonly value: string }[];
}

/** Path of the jar. */
async function compiled({ home, folder }: RealFlink): Promise<string> {
  const classes = join(folder, 'nexmark');
  mkdirSync(classes);
  const sources = readdirSync(SOURCES).filter((name) => name.endsWith('.java'));
  await run('javac', [
    ...['-nowarn', '-d', classes, '-cp', join(home, 'lib', '*')],
    ...sources.map((name) => join(SOURCES, name)),
  ]);
  // By which Flink finds the sink.
  cpSync(join(SOURCES, 'META-INF'), join(classes, 'META-INF'), { recursive: true });
  const jar = join(folder, 'nexmark.jar');
  await run('jar', ['--create', '--file', jar, '-C', classes, '.']);
  return jar;
}

async function taskManagerOf(): Promise<number> {
  for (const pid of await descendants(process.pid))
    if (commandLineOf(pid)?.includes('TaskManagerRunner') === true) return pid;
  throw new Error('no TaskManager of Flink is among the processes below this one');
}
