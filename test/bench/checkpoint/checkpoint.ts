// npm run bench -- checkpoint: what a checkpoint takes from its trigger until it is complete, what a job takes to
// go on from one, and how soon a cancelled one has ended. Beside them what the disk alone takes for as many bytes,
// synced, in the same run.

import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type EmbeddedCluster,
  startEmbeddedCluster,
} from '../../../engine/entrypoint/embedded-cluster.ts';
import type { JobView } from '../../../engine/rest/job-view.ts';
import { RestClient } from '../../../engine/rest/rest-client.ts';
import { type Case, quantiles } from '../report.ts';
import { buildJob } from '../run-job.ts';
import { eachSecond } from './each-second.ts';
import { paced } from './paced.ts';

type Job = 'little' | 'large';
type BuiltJob = Awaited<ReturnType<typeof buildJob>>;

const CHECKPOINTS: Readonly<Record<Job, number>> = { little: 40, large: 8 };
const KEYS: Readonly<Record<Job, number>> = { little: 1_000, large: 200_000 };
const RUNS = 4;
const LOOK_MS = 5;
const configuration = {
  'parallelism.default': '2',
  'execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION',
};

/** @param names `little`, `large`, `paced`, `q5`; none: all. */
export async function checkpoint(names: readonly string[]): Promise<readonly Case[]> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const cluster = await startEmbeddedCluster({
    configuration: { ...configuration, 'execution.checkpointing.dir': directory },
  });
  const bench = new Bench(cluster, directory);
  try {
    const isWanted = (job: Job | 'paced' | 'q5'): boolean =>
      names.length === 0 || names.includes(job);
    return [
      ...(isWanted('little') ? await bench.measure('little', 25) : []),
      ...(isWanted('large') ? await bench.measure('large', 250) : []),
      ...(isWanted('paced') ? await bench.paced() : []),
      ...(isWanted('q5') ? await eachSecond() : []),
    ];
  } finally {
    bench.close();
    await cluster.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

class Bench {
  readonly #client: RestClient;
  readonly #directory: string;

  constructor(cluster: EmbeddedCluster, directory: string) {
    this.#client = new RestClient({
      url: cluster.restUrl,
      token: cluster.token,
      timeoutMs: 60_000,
    });
    this.#directory = directory;
  }

  close(): void {
    this.#client.close();
  }

  async measure(job: Job, goalMs: number): Promise<readonly Case[]> {
    const built = await buildJob({ notebook: notebookOf(job), parameters: {}, configuration });
    const id = await this.#submit(built, undefined);
    const filled = await this.#until(id, (view) => readBy(view) >= KEYS[job] * 1.2);
    const vertex = filled.vertices.at(-1)?.name ?? '';
    const [took, bare, bytes] = await this.#checkpoints(id, CHECKPOINTS[job]);
    const size = bytes > 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(bytes / 1e3)} kB`;
    const cases: Case[] = [
      {
        name: `checkpoint of ${size} (${vertex.split(' -> ')[0]})`,
        unit: 'ms',
        figures: quantiles(took),
        baseline: { name: 'one file of that size, synced', figures: quantiles(bare) },
        goal: goalMs,
      },
    ];
    return [...cases, ...(await this.#restores(job, built, id, size))];
  }

  paced(): Promise<readonly Case[]> {
    return paced(this.#client, join(this.#directory, 'latencies'), configuration);
  }

  /** Each by hand, and behind it the disk alone. */
  async #checkpoints(
    id: string,
    count: number,
  ): Promise<readonly [took: number[], bare: number[], bytes: number]> {
    const [took, bare]: [number[], number[]] = [[], []];
    let bytes = 0;
    for (let i = -1; i < count; i++) {
      const checkpointId = await this.#client.triggerCheckpoint(id);
      const { checkpoints } = await this.#client.job(id);
      const stats = checkpoints.history.find((one) => one.id === checkpointId);
      bytes = stats?.sizeBytes ?? 0;
      const written = this.#write(bytes);
      if (i < 0) continue; // the first one makes what is not there yet
      took.push(stats?.durationMs ?? Number.NaN);
      bare.push(written);
    }
    return [took, bare, bytes];
  }

  /** Cancels it and goes on from what it has left, again and again. */
  async #restores(
    job: Job,
    built: BuiltJob,
    first: string,
    size: string,
  ): Promise<readonly Case[]> {
    const [cancelled, restored, bare]: [number[], number[], number[]] = [[], [], []];
    for (let i = 0, id = first; i <= RUNS; i++) {
      const path = await this.#pathOf(id);
      cancelled.push(await this.#cancel(id));
      const began = performance.now();
      readFileSync(join(this.#directory, 'bare'));
      bare.push(performance.now() - began);
      if (i === RUNS) break;
      const submitted = performance.now();
      id = await this.#submit(built, path);
      await this.#until(id, ({ vertices }) => vertices.every(({ state }) => state === 'RUNNING'));
      restored.push(performance.now() - submitted);
      await this.#client.triggerCheckpoint(id);
    }
    return [
      {
        name: `submit → all tasks run, from ${size}`,
        unit: 'ms',
        figures: quantiles(restored),
        baseline: { name: 'reading a file of that size', figures: quantiles(bare) },
        ...(job === 'large' ? { goal: 2_000 } : {}),
      },
      {
        name: `cancel → CANCELED, of ${size}`,
        unit: 'ms',
        figures: quantiles(cancelled),
        goal: 50,
      },
    ];
  }

  #submit({ bundle, plan, blobs }: BuiltJob, savepointPath: string | undefined): Promise<string> {
    const header = { configuration, baseDirectory: '/', attached: false };
    const origin = savepointPath === undefined ? {} : { savepointPath };
    return this.#client.submit({ header: { ...header, ...origin }, bundle, plan, blobs });
  }

  async #until(id: string, isThere: (view: JobView) => boolean): Promise<JobView> {
    for (;;) {
      const view = await this.#client.job(id);
      if (view.endMs !== null) throw new Error(`${view.state}: ${view.failures[0]?.text ?? ''}`);
      if (isThere(view)) return view;
      await sleep(LOOK_MS);
    }
  }

  /** By the JobMaster's clock. */
  async #cancel(id: string): Promise<number> {
    await this.#client.cancel(id);
    while ((await this.#client.job(id)).endMs === null) await sleep(LOOK_MS);
    const { timestamps } = await this.#client.ask<{
      readonly timestamps: Readonly<Record<string, number>>;
    }>(`/v1/jobs/${id}`);
    return (timestamps['CANCELED'] ?? Number.NaN) - (timestamps['CANCELLING'] ?? Number.NaN);
  }

  async #pathOf(id: string): Promise<string> {
    const { latest } = await this.#client.ask<{
      readonly latest: { readonly completed: { readonly external_path: string } };
    }>(`/v1/jobs/${id}/checkpoints`);
    return latest.completed.external_path;
  }

  #write(bytes: number): number {
    const content = Buffer.alloc(bytes, 'x');
    const began = performance.now();
    const file = openSync(join(this.#directory, 'bare'), 'w');
    writeSync(file, content);
    fsyncSync(file);
    closeSync(file);
    return performance.now() - began;
  }
}

const notebookOf = (job: Job): string => fileURLToPath(new URL(`jobs/${job}.ts`, import.meta.url));

const readBy = ({ vertices }: JobView): number =>
  (vertices.at(-1)?.subtasks ?? []).reduce((sum, { recordsIn }) => sum + recordsIn, 0);
