// Keeps the screen's picture of the cluster true: it asks the door again and again, at once when an event
// says that something has happened, and seldom while nothing runs. A cluster that does not answer is shown as
// lost, and asked on.

import { type Clock, delay } from '../../engine/core/clock.ts';
import { flinkJob } from '../../engine/rest/flink-client.ts';
import type { RestClient } from '../../engine/rest/rest-client.ts';
import type { ClusterModel, JobModel, JobState } from '../model/cluster-model.ts';
import { clusterModel, jobModel, unknownCluster } from './cluster-assembly.ts';
import { flinkJobModel } from './flink-assembly.ts';

/** Figures move four times a second while a job runs. */
const LIVE_MS = 250;
const QUIET_MS = 1_000;
const LOST_MS = 1_000;
/** A Flink is asked as often as its own dashboard would, but not more than once a second. */
const FLINK_MS = 1_000;
/** Events that come together are one change. */
const TOGETHER_MS = 25;

const ENDED: ReadonlySet<JobState> = new Set(['FINISHED', 'CANCELED', 'FAILED']);

export interface ClusterWatchSettings {
  readonly client: RestClient;
  readonly clock: Clock;
  /** The jobs that are looked into. */
  readonly wanted: () => readonly string[];
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
    const { client, onModel } = this.#settings;
    const { signal } = this.#abort;
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
    if (!signal.aborted) onModel(this.#model);
  }

  /** What kind of cluster it is; asked once. */
  async #meet(): Promise<ClusterKind> {
    if (this.#kind !== undefined) return this.#kind;
    const config = await this.#settings.client.config(this.#abort.signal);
    const isSluice = config['flink-revision'] === 'sluice';
    this.#kind = { isSluice, refreshMs: Math.max(FLINK_MS, config['refresh-interval']) };
    if (isSluice) void this.#listen();
    return this.#kind;
  }

  async #lookIntoJobs(): Promise<void> {
    const wanted = this.#settings.wanted();
    for (const id of this.#details.keys()) if (!wanted.includes(id)) this.#details.delete(id);
    await Promise.all(wanted.map((id) => this.#lookInto(id)));
  }

  async #lookInto(id: string): Promise<void> {
    const known = this.#details.get(id);
    if (known !== undefined && ENDED.has(known.state)) return;
    try {
      this.#details.set(id, await this.#detailsOf(id));
    } catch {
      // Not known any more, or the cluster is gone: the other questions tell.
    }
  }

  async #detailsOf(id: string): Promise<JobModel> {
    const { client } = this.#settings;
    const { signal } = this.#abort;
    return this.#kind?.isSluice === false
      ? flinkJobModel(await flinkJob(client, id, signal))
      : jobModel(await client.job(id, signal));
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
    if (this.#kind?.isSluice === false) return this.#kind.refreshMs;
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
