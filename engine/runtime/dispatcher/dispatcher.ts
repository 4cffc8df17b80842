// Takes jobs, gives each a JobMaster of its own, and knows them all: those that run and, for a while, those
// that have ended.

import type { Clock } from '../../core/clock.ts';
import { SluiceError } from '../../core/errors.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { JobId } from '../../core/ids.ts';
import { localPath } from '../../core/local-path.ts';
import type { Logger } from '../../core/logger.ts';
import { unknownKeys } from '../../core/options.ts';
import type { Random } from '../../core/random.ts';
import type { JobState } from '../../graph/execution-state.ts';
import { jobGraphOf } from '../../graph/job-graph.ts';
import type { RpcService } from '../../rpc/rpc-service.ts';
import type { ProgramDeployment } from '../../task/task-deployment.ts';
import { type JobDetails, jobDetails } from '../jobmaster/job-details.ts';
import { JobMaster } from '../jobmaster/job-master.ts';
import type { JobSubmission } from '../jobmaster/job-submission.ts';
import type { ResourceManagerGateway } from '../resourcemanager/resource-manager-gateway.ts';
import { EventLog } from './event-log.ts';

export interface DispatcherSettings {
  readonly heartbeatTimeoutMs: number;
  /** Checkpoints of jobs that name no directory go below it. */
  readonly directory: string;
  /** Ended jobs that are remembered, and for how long. */
  readonly endedMax: number;
  readonly endedMs: number;
}

export interface DispatcherDependencies {
  readonly rpc: RpcService;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly files: FileSystem;
  readonly resourceManager: Pick<ResourceManagerGateway, 'declareRequirements'>;
}

interface EndedJob {
  readonly master: JobMaster;
  readonly details: JobDetails;
  /** Monotonic. */
  readonly atMs: number;
}

export class Dispatcher {
  readonly events = new EventLog();
  readonly #settings: DispatcherSettings;
  readonly #deps: DispatcherDependencies;
  readonly #running = new Map<JobId, JobMaster>();
  /** Latest last. Their JobMasters still answer for their results. */
  readonly #ended = new Map<JobId, EndedJob>();

  constructor(settings: DispatcherSettings, deps: DispatcherDependencies) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /**
   * Starts a job.
   * @throws InvalidStreamGraph, BadConfiguration or SluiceError when there is no such job to be made.
   */
  submit(submission: JobSubmission): void {
    const { jobId, configuration, graph } = submission;
    if (this.#running.has(jobId) || this.#ended.has(jobId)) {
      throw new SluiceError('duplicate-job', `job ${jobId} has been submitted already`);
    }
    for (const line of unknownKeys(configuration)) this.#deps.log.log('warn', line);
    const job = jobGraphOf(graph, configuration);
    const master = new JobMaster(submission, job, {
      ...this.#deps,
      log: this.#deps.log.named(job.name),
      heartbeatTimeoutMs: this.#settings.heartbeatTimeoutMs,
      checkpointDirectory: this.#checkpointDirectory(submission),
      program: programOf(submission),
      declareRequirements: (...requirements) =>
        this.#deps.resourceManager.declareRequirements(...requirements),
      onEvent: (event) => this.events.add(event, this.#deps.clock.now()),
      onEnded: (ended) => this.#onEnded(ended),
    });
    this.#running.set(jobId, master);
    master.start();
  }

  cancel(jobId: JobId): void {
    this.#running.get(jobId)?.cancel();
    if (!this.#running.has(jobId) && !this.#ended.has(jobId)) throw unknownJob(jobId);
  }

  /** Running or ended; undefined when there is none, or it is not remembered any more. */
  job(jobId: JobId): JobMaster | undefined {
    this.#forgetOld();
    return this.#running.get(jobId) ?? this.#ended.get(jobId)?.master;
  }

  /** @throws SluiceError `unknown-job`. */
  details(jobId: JobId): JobDetails {
    this.#forgetOld();
    const running = this.#running.get(jobId);
    if (running !== undefined) return jobDetails(running, this.#deps.clock.now());
    const ended = this.#ended.get(jobId);
    if (ended === undefined) throw unknownJob(jobId);
    return ended.details;
  }

  /** In the order of `jobs`, for those who need no more. */
  states(): readonly { readonly jobId: JobId; readonly state: JobState }[] {
    this.#forgetOld();
    const ended = [...this.#ended.values()].map(({ details }) => details);
    return [...ended, ...this.#running.values()].map(({ jobId, state }) => ({ jobId, state }));
  }

  /** Ended ones first, then those that run, each in the order of their coming. */
  jobs(): readonly JobDetails[] {
    this.#forgetOld();
    const now = this.#deps.clock.now();
    const ended = [...this.#ended.values()].map(({ details }) => details);
    return [...ended, ...[...this.#running.values()].map((master) => jobDetails(master, now))];
  }

  /** Cancels every job. Resolves when all have ended, or after `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    for (const master of this.#running.values()) master.cancel();
    const until = this.#deps.clock.monotonic() + timeoutMs;
    while (this.#running.size > 0 && this.#deps.clock.monotonic() < until) {
      await new Promise<void>((done) => this.#deps.clock.after(10, done));
    }
  }

  #checkpointDirectory({ jobId, configuration }: JobSubmission): string {
    const configured =
      configuration.text('execution.checkpointing.dir') ??
      configuration.text('state.checkpoints.dir');
    const root =
      configured === undefined || configured === ''
        ? `${this.#settings.directory}/checkpoints`
        : localPath(configured);
    return `${root}/${jobId}`;
  }

  #onEnded(master: JobMaster): void {
    this.#running.delete(master.jobId);
    const { clock } = this.#deps;
    const details = jobDetails(master, clock.now());
    this.#ended.set(master.jobId, { master, details, atMs: clock.monotonic() });
    this.#forgetOld();
  }

  #forgetOld(): void {
    const { endedMax, endedMs } = this.#settings;
    const since = this.#deps.clock.monotonic() - endedMs;
    for (const [jobId, { atMs }] of this.#ended) {
      if (this.#ended.size <= endedMax && atMs > since) return;
      this.#ended.delete(jobId);
    }
  }
}

function programOf(submission: JobSubmission): ProgramDeployment {
  const { bundle, plan, blobs, baseDirectory, configuration, attached } = submission;
  return {
    bundle,
    plan,
    baseDirectory,
    attached,
    configuration: configuration.toRecord(),
    blobs: [...blobs.keys()].filter((key) => key !== bundle && key !== plan),
  };
}

const unknownJob = (jobId: JobId): SluiceError =>
  new SluiceError('unknown-job', `Job ${jobId} not found`);
