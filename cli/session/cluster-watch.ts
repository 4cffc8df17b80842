// Keeps the screen's picture of the cluster true: it asks the door again and again, at once when an event
// says that something has happened, and seldom while nothing runs. Of a cluster that others use, too, it asks
// no more often than that says, and less where the answers take long. A cluster that does not answer is shown
// as lost, and asked on.

import { type Clock, delay } from '../../engine/core/clock.ts';
import { flinkJob } from '../../engine/rest/flink-client.ts';
import type { FlinkJobAnswers } from '../../engine/rest/flink-messages.ts';
import type { RestClient } from '../../engine/rest/rest-client.ts';
import type { ClusterModel, JobModel, JobState } from '../model/cluster-model.ts';
import { clusterModel, jobModel, unknownCluster } from './cluster-assembly.ts';
import { flinkJobModel } from './flink-assembly.ts';
import { withHistory } from './vertex-history.ts';

/** Figures move four times a second while a job runs. */
const LIVE_MS = 250;
const QUIET_MS = 1_000;
const LOST_MS = 1_000;
/** Whatever it says of itself, a shared cluster is not asked more often. */
const SHARED_MS = 1_000;
/** It is left alone for four times as long as its answers took: a fifth of its time at most is ours. */
const REST_FACTOR = 4;
const REST_MS_MAX = 30_000;
/** Events that come together are one change. */
const TOGETHER_MS = 25;

const ENDED: ReadonlySet<JobState> = new Set(['FINISHED', 'CANCELED', 'FAILED']);

export interface ClusterWatchSettings {
  readonly client: RestClient;
  readonly clock: Clock;
  /** The jobs that are looked into. */
  readonly wanted: () => readonly string[];
  /** The cluster is this process's own: nobody else is slowed down by questions. */
  readonly isEmbedded: boolean;
  readonly onModel: (model: ClusterModel) => void;
}

interface ClusterKind {
  readonly isSluice: boolean;
  readonly refreshMs: number;
}

export class ClusterWatch {
  readonly #settings: ClusterWatchSettings;
  readonly #abort = new AbortController();
  /** As last seen; what has ended does not change any more. */
  readonly #details = new Map<string, JobModel>();
  readonly #answers = new Map<string, FlinkJobAnswers>();
  /** How long the last look took. */
  #lookMs = 0;
  #model: ClusterModel;
  #wake: () => void = () => undefined;
  #isWoken = false;
  /** Undefined before it was reached. A real Flink knows nothing of our own endpoints. */
  #kind: ClusterKind | undefined;

  constructor(settings: ClusterWatchSettings) {
    this.#settings = settings;
    this.#model = unknownCluster(settings.client.url);
  }

  /** Resolves when it is closed. */
  async run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      await this.#look();
      await this.#pause();
    }
  }

  /** Looks again as soon as it can. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  close(): void {
    this.#abort.abort();
    this.wake();
  }

  async #look(): Promise<void> {
    const { client, clock, onModel } = this.#settings;
    const { signal } = this.#abort;
    const beginMs = clock.monotonic();
    try {
      const { isSluice } = await this.#meet();
      const [overview, jobs, taskManagers] = await Promise.all([
        client.overview(signal),
        client.jobs(signal),
        client.taskManagers(signal),
        this.#lookIntoJobs(),
      ]);
      const answers = { isSluice, overview, jobs, taskManagers };
      this.#model = clusterModel(client.url, answers, this.#details);
    } catch {
      // What was seen last is shown on, as such.
      this.#model = { ...this.#model, link: 'lost' };
    }
    this.#lookMs = clock.monotonic() - beginMs;
    if (!signal.aborted) onModel(this.#model);
  }

  /** What kind of cluster it is; asked once. */
  async #meet(): Promise<ClusterKind> {
    if (this.#kind !== undefined) return this.#kind;
    const config = await this.#settings.client.config(this.#abort.signal);
    const isSluice = config['flink-revision'] === 'sluice';
    this.#kind = { isSluice, refreshMs: Math.max(SHARED_MS, config['refresh-interval']) };
    if (isSluice) void this.#listen();
    return this.#kind;
  }

  async #lookIntoJobs(): Promise<void> {
    const wanted = this.#settings.wanted();
    for (const id of this.#details.keys()) {
      if (wanted.includes(id)) continue;
      this.#details.delete(id);
      this.#answers.delete(id);
    }
    await Promise.all(wanted.map((id) => this.#lookInto(id)));
  }

  async #lookInto(id: string): Promise<void> {
    const known = this.#details.get(id);
    if (known !== undefined && ENDED.has(known.state)) return;
    try {
      const job = await this.#detailsOf(id);
      this.#details.set(id, withHistory(job, known));
    } catch {
      // Not known any more, or the cluster is gone: the other questions tell.
    }
  }

  async #detailsOf(id: string): Promise<JobModel> {
    const { client } = this.#settings;
    const { signal } = this.#abort;
    if (this.#kind?.isSluice !== false) return jobModel(await client.job(id, signal));
    const answers = await flinkJob(client, id, signal, this.#answers.get(id));
    this.#answers.set(id, answers);
    return flinkJobModel(answers);
  }

  /** Until the next look is due, or somebody asks for one. */
  async #pause(): Promise<void> {
    const { clock } = this.#settings;
    const pause = new AbortController();
    this.#wake = () => pause.abort();
    if (!this.#isWoken) await delay(clock, this.#periodMs(), pause.signal).catch(() => undefined);
    this.#wake = () => undefined;
    this.#isWoken = false;
    if (!this.#abort.signal.aborted) await delay(clock, TOGETHER_MS);
  }

  #periodMs(): number {
    const { link, jobs } = this.#model;
    if (link !== 'live') return LOST_MS;
    if (!this.#settings.isEmbedded) {
      const restMs = Math.min(REST_MS_MAX, REST_FACTOR * this.#lookMs);
      return Math.max(this.#kind?.refreshMs ?? SHARED_MS, restMs);
    }
    return jobs.every(({ state }) => ENDED.has(state)) ? QUIET_MS : LIVE_MS;
  }

  async #listen(): Promise<void> {
    const { client, clock } = this.#settings;
    const { signal } = this.#abort;
    let last: string | undefined;
    while (!signal.aborted) {
      last = await client.events(() => this.wake(), signal, last);
      await delay(clock, LOST_MS, signal).catch(() => undefined);
    }
  }
}
