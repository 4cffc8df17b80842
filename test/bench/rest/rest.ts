// The REST endpoint under load, beside a job: a cluster of its own, a job that is held to half of what it
// could, a thousand clients with mixed questions, then requests that nobody would send. The clients live in
// this process, so what they cost is not the cluster's.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { JobView } from '../../../engine/rest/job-view.ts';
import { RestClient } from '../../../engine/rest/rest-client.ts';
import { cpuSecondsOf } from '../process-usage.ts';
import type { Group } from '../report.ts';
import { type LoadPlan, type LoadReport, load } from './client.ts';
import { fuzz } from './fuzz.ts';

const CLI = fileURLToPath(new URL('../../../.dist/cli.js', import.meta.url));
const BARE = fileURLToPath(new URL('./bare-main.ts', import.meta.url));
const CLIENTS = 1_000;
const PER_SECOND = 5_000;
/** How long the job runs before it is measured, and for how long. */
const WARM_MS = 2_000;
const MEASURE_MS = 3_000;
const BARE_SECONDS_MAX = 5;

export interface LoadMeasured {
  readonly load: LoadReport;
  /** A bare server's under the same load, beside the same job. */
  readonly bare: LoadReport;
  /** Of the process with JobManager and endpoint, per request. */
  readonly cpuMicrosPerRequest: number | undefined;
  /** Records a second: unlimited, as it is held to, and as it went under load. */
  readonly job: { readonly most: number; readonly wanted: number; readonly underLoad: number };
}

export interface FuzzMeasured {
  readonly sent: number;
  /** After all of it the same process answers, and another job runs. */
  readonly isAlive: boolean;
}

export async function rest(seconds = 30): Promise<Group> {
  const { load: served, bare, cpuMicrosPerRequest, job } = await measureLoad(seconds);
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const perSecond = (value: number): string => `${(value / 1e6).toFixed(2)} M/s`;
  return {
    facts: [
      {
        name: `${CLIENTS} clients, ${PER_SECOND} requests/s, ${seconds} s: answered`,
        value: `${served.answered} of ${served.sent}`,
      },
      { name: 'errors', value: String(served.errors.length), goal: '0' },
      { name: 'p50', value: ms(served.p50Ms), beside: ms(bare.p50Ms) },
      { name: 'p99', value: ms(served.p99Ms), beside: ms(bare.p99Ms), goal: '< 100 ms' },
      { name: 'CPU a request', value: `${cpuMicrosPerRequest?.toFixed(0) ?? '–'} µs` },
      { name: 'the job beside it, unlimited', value: perSecond(job.most) },
      { name: 'held to half of that', value: perSecond(job.wanted) },
      { name: 'under load', value: perSecond(job.underLoad) },
    ],
  };
}

export async function nonsense(requests = 1_000_000): Promise<Group> {
  const { sent, isAlive } = await measureFuzz(requests);
  return {
    facts: [
      { name: 'fuzzed requests', value: String(sent) },
      {
        name: 'afterwards',
        value: isAlive ? 'another job runs' : 'dead',
        goal: 'another job runs',
      },
    ],
  };
}

const NOTEBOOK = `import { env } from 'sluice';
// %% Job
const rate = Number(env.param('rate', '0'));
env.generate((i) => i, rate > 0 ? { ratePerSecond: rate } : {})
  .map((i) => i * 2)
  .filter((i) => i % 1_000_003 === 0)
  .print();
`;

export const measureLoad = (seconds: number): Promise<LoadMeasured> =>
  withCluster(async (bench) => {
    const { client, pid } = bench;
    const first = await start(bench, 0);
    const most = await rateOf(client, first, MEASURE_MS);
    await client.cancel(first);
    const wanted = Math.floor(most / 2);
    const job = await start(bench, wanted);
    const port = portOf(client);
    const plan = { port, clients: CLIENTS, perSecond: PER_SECOND, seconds };
    const requests = questions(await client.job(job));
    const cpuBefore = cpuSecondsOf(pid) ?? Number.NaN;
    const [report, underLoad] = await Promise.all([
      load({ ...plan, requests }),
      rateOf(client, job, seconds * 1_000),
    ]);
    const micros = (((cpuSecondsOf(pid) ?? Number.NaN) - cpuBefore) * 1e6) / report.answered;
    return {
      load: report,
      bare: await loadBare({ ...plan, seconds: Math.min(seconds, BARE_SECONDS_MAX) }),
      cpuMicrosPerRequest: Number.isNaN(micros) ? undefined : micros,
      job: { most, wanted, underLoad },
    };
  });

export const measureFuzz = (requests: number): Promise<FuzzMeasured> =>
  withCluster(async (bench) => {
    const { client } = bench;
    const job = await start(bench, 1_000);
    const ids = [job, ...(await client.job(job)).vertices.map(({ id }) => id)];
    const sent = await fuzz({ port: portOf(client), requests, seed: 1, ids });
    // Some of it may have cancelled the job: whether another runs is what counts.
    const another = await start(bench, 1_000).catch(() => undefined);
    const view = another === undefined ? undefined : await client.job(another);
    return { sent, isAlive: view?.state === 'RUNNING' };
  });

interface Bench {
  readonly client: RestClient;
  readonly folder: string;
  readonly notebook: string;
  readonly pid: number;
}

async function withCluster<T>(measure: (bench: Bench) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-load-'));
  const notebook = join(folder, 'job.ts');
  writeFileSync(notebook, NOTEBOOK);
  const cluster = sluice(folder, 'cluster', '--rest-port', '0', '--slots', '2', '--quiet');
  try {
    const url = await printed(cluster, /ready: (http:\S+)$/m);
    const client = new RestClient({ url, token: undefined });
    try {
      return await measure({ client, folder, notebook, pid: cluster.pid ?? 0 });
    } finally {
      client.close();
    }
  } finally {
    cluster.kill('SIGTERM');
    if (cluster.exitCode === null) await new Promise((resolve) => cluster.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

const portOf = ({ url }: RestClient): number => Number(new URL(url).port);

async function loadBare(plan: Omit<LoadPlan, 'requests'>): Promise<LoadReport> {
  const server = spawn(process.execPath, ['--no-warnings', BARE], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const port = Number(await printed(server, /port (\d+)/));
    return await load({ ...plan, port, requests: [['/', 200]] });
  } finally {
    server.kill('SIGKILL');
  }
}

/** What dashboards, verbs and screens ask, and what is not there. */
function questions({ id, vertices }: JobView): readonly (readonly [string, number])[] {
  const vertex = vertices[0]?.id ?? '';
  const job = `/v1/jobs/${id}`;
  return [
    ['/v1/overview', 200],
    ['/v1/jobs/overview', 200],
    [job, 200],
    [`${job}/checkpoints`, 200],
    [`${job}/exceptions?maxExceptions=10`, 200],
    [`${job}/vertices/${vertex}`, 200],
    [`${job}/vertices/${vertex}/watermarks`, 200],
    [
      `${job}/vertices/${vertex}/subtasks/metrics?get=numRecordsInPerSecond,busyTimeMsPerSecond`,
      200,
    ],
    ['/taskmanagers', 200],
    ['/config', 200],
    [`/sluice/v1/jobs/${id}`, 200],
    [`/v1/jobs/${'0'.repeat(32)}`, 404],
    ['/v1/nowhere', 404],
  ];
}

/** Resolves with the job's id when it has run for a while. */
async function start({ client, folder, notebook }: Bench, rate: number): Promise<string> {
  const address = client.url.replace('http://', '');
  const run = sluice(folder, 'run', notebook, '-m', address, '--detached', '--set', `rate=${rate}`);
  const id = await printed(run, /JobID ([0-9a-f]{32})/);
  await sleep(WARM_MS);
  return id;
}

/** Records a second out of its sources, over that time. */
async function rateOf(client: RestClient, id: string, ms: number): Promise<number> {
  const count = async (): Promise<readonly [records: number, atMs: number]> => {
    const { vertices } = await client.job(id);
    const [head] = vertices[0]?.operators ?? [];
    return [head?.recordsOut ?? 0, performance.now()];
  };
  const [before, beginMs] = await count();
  await sleep(ms);
  const [after, endMs] = await count();
  return ((after - before) / (endMs - beginMs)) * 1_000;
}

const sluice = (cwd: string, ...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, ['--no-warnings', CLI, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** What it prints first that matches. */
function printed({ stdout, stderr }: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const take = (text: string): void => {
      said += text;
      const match = pattern.exec(said)?.[1];
      if (match !== undefined) resolve(match);
    };
    stdout?.setEncoding('utf8').on('data', take);
    stderr?.setEncoding('utf8').on('data', take);
    stdout?.once('end', () => reject(new Error(`no ${pattern} in:\n${said}`)));
  });
}
