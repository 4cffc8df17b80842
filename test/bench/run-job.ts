// A job on an embedded cluster of its own, as `sluice run` would run it, with what it took: the time from its
// start to its end, the CPU of its TaskManagers meanwhile, and their memory. A small job has run there before,
// so that a TaskManager with its threads is up, as in a cluster of another engine that it is compared with. CPU
// and memory come from /proc and are unknown where there is none.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CellBundler } from '../../cli/compiler/bundle-cell.ts';
import { NotebookParser } from '../../cli/compiler/parse-notebook.ts';
import { type BuiltJob, JobBuilder } from '../../cli/run/job-builder.ts';
import { systemClock } from '../../engine/core/system-clock.ts';
import { startEmbeddedCluster } from '../../engine/entrypoint/embedded-cluster.ts';
import { ProgramRunner } from '../../engine/entrypoint/program-runner.ts';
import type { JobView } from '../../engine/rest/job-view.ts';
import { RestClient } from '../../engine/rest/rest-client.ts';
import { descendants } from '../e2e/harness/processes.ts';
import { cpuSecondsOf, peakRssBytesOf } from './process-usage.ts';

export interface JobRun {
  readonly seconds: number;
  readonly cpuSeconds: number | undefined;
  readonly peakRssBytes: number | undefined;
  /** Records that came to its sinks. */
  readonly rows: number;
  readonly checkpoints: number;
  /** How long the latest of them took, in ms. */
  readonly checkpointMs: readonly number[];
}

export interface JobSettings {
  /** Path of a notebook whose first cell is the job. */
  readonly notebook: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly configuration: Readonly<Record<string, string>>;
}

const SAMPLE_MS = 20;
/** Starts the TaskManager, so that it is there, as that of another engine is. */
const FIRST = {
  notebook: fileURLToPath(new URL('./first-job.ts', import.meta.url)),
  parameters: {},
};
/** For the threads that take the place of those that it had. */
const SETTLE_MS = 500;

/** Rejects when the job does not finish. */
export async function runJob(settings: JobSettings): Promise<JobRun> {
  const { configuration } = settings;
  const [first, job] = [await buildJob({ ...settings, ...FIRST }), await buildJob(settings)];
  const processes = await Processes.ofThoseToCome();
  const cluster = await startEmbeddedCluster({ configuration });
  const client = new RestClient({ url: cluster.restUrl, token: cluster.token });
  try {
    await finished(client, await submitted(client, first, configuration));
    await sleep(SETTLE_MS);
    await processes.sample();
    const jobId = await submitted(client, job, configuration);
    const view = await finished(client, jobId, () => processes.sample());
    return outcome(view, processes);
  } finally {
    client.close();
    await cluster.close();
  }
}

function submitted(
  client: RestClient,
  { bundle, plan, blobs }: BuiltJob,
  configuration: JobSettings['configuration'],
): Promise<string> {
  const header = { configuration, baseDirectory: '/', attached: true };
  return client.submit({ header, bundle, plan, blobs });
}

/** Rejects when it does not finish. `meanwhile`: between looks at it. */
async function finished(
  client: RestClient,
  jobId: string,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<JobView> {
  for (;;) {
    await meanwhile();
    const view = await client.job(jobId);
    if (view.state === 'FINISHED') return view;
    if (view.endMs !== null) throw new Error(`${view.state}: ${view.failures[0]?.text ?? ''}`);
    await sleep(SAMPLE_MS);
  }
}

/** @param settings Whose first cell is the job. */
export async function buildJob({
  notebook,
  parameters,
  configuration,
}: JobSettings): Promise<BuiltJob> {
  const bundler = new CellBundler();
  const programs = new ProgramRunner({
    clock: systemClock,
    timeoutMs: 10_000,
    onOutput: (text) => void process.stderr.write(text),
  });
  try {
    const builder = new JobBuilder(bundler, programs, {
      parameters,
      configuration,
      environment: {},
      isShown: false,
    });
    const parsed = new NotebookParser().parse(notebook, readFileSync(notebook, 'utf8'));
    const compiled = await builder.compile(parsed, 0);
    const built = compiled.status === 'compiled' ? await builder.plan(compiled.cell) : compiled;
    if (built.status === 'built') return built.job;
    throw new Error(
      built.status === 'failed' ? built.errors[0]?.message : `${notebook} has no job`,
    );
  } finally {
    programs.close();
    await bundler.stop();
  }
}

function outcome(view: JobView, processes: Processes): JobRun {
  const sinks = view.vertices.flatMap(({ operators }) =>
    operators.filter(({ kind }) => kind === 'sink'),
  );
  return {
    seconds: ((view.endMs ?? Number.NaN) - view.startMs) / 1_000,
    cpuSeconds: processes.cpuSeconds,
    peakRssBytes: processes.peakRssBytes,
    rows: sinks.reduce((sum, { recordsIn }) => sum + recordsIn, 0),
    checkpoints: view.checkpoints.completed,
    checkpointMs: view.checkpoints.history.map(({ durationMs }) => durationMs),
  };
}

/** What processes below this one have used since the first look, those aside that were there before. */
class Processes {
  static async ofThoseToCome(): Promise<Processes> {
    return new Processes(await descendants(process.pid));
  }

  readonly #others: ReadonlySet<number>;
  readonly #first = new Map<number, number>();
  readonly #last = new Map<number, { readonly cpuSeconds: number; readonly rssBytes: number }>();
  #children: readonly number[] = [];
  #looks = 0;

  private constructor(others: readonly number[]) {
    this.#others = new Set([process.pid, ...others]);
  }

  async sample(): Promise<void> {
    // Children come and go seldom, and to list them is not cheap.
    if (this.#looks++ % 10 === 0)
      this.#children = (await descendants(process.pid)).filter((pid) => !this.#others.has(pid));
    for (const pid of this.#children) {
      const cpuSeconds = cpuSecondsOf(pid);
      const rssBytes = peakRssBytesOf(pid);
      if (cpuSeconds === undefined || rssBytes === undefined) continue;
      if (!this.#first.has(pid)) this.#first.set(pid, this.#looks === 1 ? cpuSeconds : 0);
      this.#last.set(pid, { cpuSeconds, rssBytes });
    }
  }

  get cpuSeconds(): number | undefined {
    if (this.#last.size === 0) return undefined;
    let sum = 0;
    for (const [pid, last] of this.#last) sum += last.cpuSeconds - (this.#first.get(pid) ?? 0);
    return sum;
  }

  /** Of the largest. */
  get peakRssBytes(): number | undefined {
    const peaks = [...this.#last.values()].map(({ rssBytes }) => rssBytes);
    return peaks.length === 0 ? undefined : Math.max(...peaks);
  }
}
