// A job on an embedded cluster of real processes, which are killed, stopped and left without room on their disk
// until it has finished; then its files are held against what they must be.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SeededRandom } from '../../engine/core/random.ts';
import { systemClock } from '../../engine/core/system-clock.ts';
import { startEmbeddedCluster } from '../../engine/entrypoint/embedded-cluster.ts';
import { RestClient } from '../../engine/rest/rest-client.ts';
import { buildJob } from '../bench/run-job.ts';
import { type Verdict, verdict } from './answer.ts';
import { type AttackCounts, Attacks } from './attacks.ts';
import { Observer, type Recovery } from './observer.ts';

export interface ChaosSettings {
  readonly seed: number;
  /** For which the job would run if nobody touched it. */
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** Between two attacks, at most. */
  readonly pauseMaxMs: number;
  /** Where everything is written. */
  readonly directory: string;
  /** It is a file system of its own, which may be filled. */
  readonly hasOwnDisk: boolean;
  /** Nothing is done to processes, so that the default restart policy need not count their deaths. */
  readonly onlyDisk: boolean;
}

export interface ChaosResult {
  readonly state: string;
  readonly seconds: number;
  readonly records: number;
  readonly restarts: number;
  readonly attacks: AttackCounts;
  readonly recoveries: readonly Recovery[];
  readonly verdict: Verdict;
}

/** By which the job is to have finished when it is left alone. */
const END_MS = 60_000;

export async function chaos(settings: ChaosSettings): Promise<ChaosResult> {
  const { directory, seconds, recordsPerSecond } = settings;
  const records = Math.round(seconds * recordsPerSecond);
  const out = join(directory, 'out');
  mkdirSync(out, { recursive: true });
  const configuration = { ...configurationOf(directory), ...(settings.onlyDisk ? {} : RESTARTS) };
  const job = await buildJob({
    notebook: fileURLToPath(new URL('windows.ts', import.meta.url)),
    parameters: { records: String(records), rate: String(recordsPerSecond), out },
    configuration,
  });
  const cluster = await startEmbeddedCluster({ configuration });
  const client = new RestClient({ url: cluster.restUrl, token: cluster.token });
  try {
    const { bundle, plan, blobs } = job;
    const header = { configuration, baseDirectory: directory, attached: false };
    const jobId = await client.submit({ header, bundle, plan, blobs });
    const { vertices } = await client.job(jobId);
    const tasks = vertices.reduce((sum, { parallelism }) => sum + parallelism, 0);
    const observer = new Observer(client, jobId, tasks, out);
    const startMs = systemClock.monotonic();
    const attacks = await attack(settings, client, observer);
    await ended(client, jobId);
    observer.close();
    return {
      state: (await client.job(jobId)).state,
      seconds: (systemClock.monotonic() - startMs) / 1_000,
      records,
      restarts: observer.restarts,
      attacks,
      recoveries: observer.recoveries,
      verdict: verdict(out, records),
    };
  } finally {
    client.close();
    await cluster.close();
  }
}

/** Two TaskManagers at work and two in reserve: the second is there when the first has just been needed. */
const configurationOf = (directory: string): Record<string, string> => ({
  'parallelism.default': '4',
  'sluice.taskmanager.slots': 'fixed',
  'taskmanager.numberOfTaskSlots': '2',
  'slotmanager.number-of-slots.max': '10',
  'sluice.taskmanager.spares': '2',
  'execution.checkpointing.interval': '200 ms',
  'execution.checkpointing.dir': join(directory, 'checkpoints'),
});

/** As long as the default policy waits, and however often: it gives up a subtask that dies three times in a row. */
const RESTARTS: Readonly<Record<string, string>> = {
  'restart-strategy.type': 'fixed-delay',
  'restart-strategy.fixed-delay.delay': '100 ms',
  'restart-strategy.fixed-delay.attempts': '1000000',
};

async function attack(
  { seed, directory, hasOwnDisk, onlyDisk, pauseMaxMs, seconds }: ChaosSettings,
  client: RestClient,
  observer: Observer,
): Promise<AttackCounts> {
  const attacks = new Attacks(client, new SeededRandom(seed), directory, hasOwnDisk, (kind) =>
    observer.attacked(kind),
  );
  const untilMs = systemClock.monotonic() + seconds * 1_000;
  while (systemClock.monotonic() < untilMs && observer.state !== 'FINISHED') {
    await sleep(attacks.pauseMs(pauseMaxMs));
    if (onlyDisk) attacks.fillDisk();
    else await attacks.next();
  }
  attacks.end();
  return attacks.counts;
}

async function ended(client: RestClient, jobId: string): Promise<void> {
  const startMs = systemClock.monotonic();
  let before = 0;
  for (let lastMs = startMs; systemClock.monotonic() - lastMs < END_MS; ) {
    const view = await client.job(jobId);
    if (view.endMs !== null) return;
    if (view.checkpoints.completed > before) lastMs = systemClock.monotonic();
    before = view.checkpoints.completed;
    await sleep(100);
  }
}
