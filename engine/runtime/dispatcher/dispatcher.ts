// Takes jobs, gives each a JobMaster of its own, and knows them all: those that run and, for a while, those
// that have ended. With high availability also those of the leaders before it: they go on from where they were.

import type { Clock } from '../../core/clock.ts';
import { SluiceError } from '../../core/errors.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { JobId } from '../../core/ids.ts';
import { localPath } from '../../core/local-path.ts';
import type { Logger } from '../../core/logger.ts';
import { unknownKeys } from '../../core/option-checks.ts';
import { patientFiles } from '../../core/patient-files.ts';
import type { Random } from '../../core/random.ts';
import type { JobState } from '../../graph/execution-state.ts';
import { type JobGraph, jobGraphOf } from '../../graph/job-graph.ts';
import type { Leadership, StoredJob } from '../../ha/ha-store.ts';
import type { RpcService } from '../../rpc/rpc-service.ts';
import type { ProgramDeployment } from '../../task/task-deployment.ts';
import { type JobDetails, jobDetails } from '../jobmaster/job-details.ts';
import { JobMaster } from '../jobmaster/job-master.ts';
import type { RecoveredJob } from '../jobmaster/job-master-dependencies.ts';
import type { JobSubmission } from '../jobmaster/job-submission.ts';
import type { ResourceManagerGateway } from '../resourcemanager/resource-manager-gateway.ts';
import { archivedJob, type KnownJob, knownJob } from './archived-job.ts';
import { EventLog } from './event-log.ts';
import { JobStore } from './job-store.ts';

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
  /** Under which it leads. */
  readonly epoch: number;
  /** Undefined: jobs end with the process. */
  readonly leadership: Leadership | undefined;
}

interface EndedJob {
  readonly job: KnownJob;
  readonly details: JobDetails;
  /** Monotonic. */
  readonly atMs: number;
}

export class Dispatcher {
  readonly events = new EventLog();
  readonly #settings: DispatcherSettings;
  readonly #deps: DispatcherDependencies;
  readonly #running = new Map<JobId, JobMaster>();
  /** Have ended, and what they needed is being removed. */
  readonly #clearing = new Set<Promise<void>>();
  /** Latest last. They still answer for their results. */
  readonly #ended = new Map<JobId, EndedJob>();
  /** Being made durable. */
  readonly #accepting = new Map<JobId, Promise<void>>();
  readonly #store: JobStore | undefined;

  constructor(settings: DispatcherSettings, deps: DispatcherDependencies) {
    this.#settings = settings;
    this.#deps = deps;
    this.#store = deps.leadership && new JobStore(deps.leadership, deps);
  }

  /** Starts what the leaders before us have left, each job from its last checkpoint. */
  async recover(): Promise<void> {
    const store = this.#store;
    if (store === undefined) return;
    await Promise.all(
      store.jobs.map((job) =>
        this.#recover(store, job).catch((error: unknown) =>
          this.#deps.log.log('error', `job ${job.jobId} is not recovered: ${String(error)}`),
        ),
      ),
    );
  }

  /**
   * Takes a job: resolves when it starts, and whoever leads after us would start it as well. The same job may be
   * submitted again, by a client that has not heard the answer.
   * Rejects as `submit` throws.
   */
  async accept(submission: JobSubmission): Promise<void> {
    const { jobId } = submission;
    const known = this.job(jobId)?.submission;
    if (known?.plan === submission.plan && known.bundle === submission.bundle) return;
    const accepting = this.#accepting.get(jobId) ?? this.#accept(submission);
    this.#accepting.set(jobId, accepting);
    await accepting.finally(() => this.#accepting.delete(jobId));
  }

  /**
   * Starts a job.
   * @throws InvalidStreamGraph, BadConfiguration or SluiceError when there is no such job to be made.
   */
  submit(submission: JobSubmission): void {
    this.#start(submission, this.#check(submission), undefined);
  }

  async #accept(submission: JobSubmission): Promise<void> {
    const job = this.#check(submission);
    await this.#store?.add(submission);
    try {
      this.#start(submission, job, undefined);
    } catch (error) {
      this.#store?.forget(submission.jobId); // no leader could start it
      throw error;
    }
  }

  #check({ jobId, graph, configuration }: JobSubmission): JobGraph {
    if (this.#running.has(jobId) || this.#ended.has(jobId)) {
      throw new SluiceError('duplicate-job', `job ${jobId} has been submitted already`);
    }
    return jobGraphOf(graph, configuration);
  }

  async #recover(store: JobStore, stored: StoredJob): Promise<void> {
    const { jobId, hasEnded } = stored;
    if (hasEnded) {
      const archive = await store.archiveOf(jobId);
      return this.#remember(knownJob(archive), archive.details);
    }
    const submission = await store.submissionOf(jobId);
    const recovered = await store.recoveredOf(stored);
    this.#start(submission, this.#check(submission), recovered, stored.isCancelled);
  }

  #start(
    submission: JobSubmission,
    job: JobGraph,
    recovered: RecoveredJob | undefined,
    isCancelled = false,
  ): void {
    const { jobId, configuration } = submission;
    const { clock } = this.#deps;
    for (const line of unknownKeys(configuration)) this.#deps.log.log('warn', line);
    const root = this.#checkpointRoot(submission);
    const master: JobMaster = new JobMaster(submission, job, {
      ...this.#deps,
      log: this.#deps.log.named(job.name),
      files: patientFiles(this.#deps.files, clock, (text) => master.messages.warn(text)),
      heartbeatTimeoutMs: this.#settings.heartbeatTimeoutMs,
      recovered,
      checkpointRoot: root,
      // No leader writes where another may, who has been asleep.
      checkpointDirectory: recovered === undefined ? root : `${root}/epoch-${this.#deps.epoch}`,
      registry: this.#store?.registryOf(jobId, {
        rows: () => master.results.kept,
        archive: () => archivedJob(master, clock.now()),
        onUnwritable: (text) => master.messages.add({ level: 'error', source: '', text }),
      }),
      program: programOf(submission),
      declareRequirements: (...requirements) =>
        this.#deps.resourceManager.declareRequirements(...requirements),
      onEvent: (event) => this.events.add(event, this.#deps.clock.now()),
      onEnded: (ended, cleared) => this.#onEnded(ended, cleared),
    });
    this.#running.set(jobId, master);
    if (isCancelled) master.cancel(); // it does not run again, not for a moment
    master.start();
  }

  /** Resolves when the job will end, whoever leads. @throws SluiceError `unknown-job`. */
  cancel(jobId: JobId): Promise<void> {
    const master = this.#running.get(jobId);
    if (master === undefined && !this.#ended.has(jobId)) throw unknownJob(jobId);
    if (master === undefined || this.#store === undefined) {
      master?.cancel();
      return Promise.resolve();
    }
    return this.#store.cancel(jobId).then(() => master.cancel());
  }

  /** Running or ended; undefined when there is none, or it is not remembered any more. */
  job(jobId: JobId): KnownJob | undefined {
    this.#forgetOld();
    return this.#running.get(jobId) ?? this.#ended.get(jobId)?.job;
  }

  /** Undefined when it has ended. */
  running(jobId: JobId): JobMaster | undefined {
    return this.#running.get(jobId);
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

  /** Resolves when the next leader would know what has become of every job here. */
  async settled(): Promise<void> {
    await this.#store?.settled();
  }

  /** Cancels every job. Resolves when all have ended and left the disk, or after `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    for (const master of this.#running.values()) master.cancel();
    const until = this.#deps.clock.monotonic() + timeoutMs;
    while (this.#running.size + this.#clearing.size > 0 && this.#deps.clock.monotonic() < until) {
      await new Promise<void>((done) => this.#deps.clock.after(10, done));
    }
  }

  #checkpointRoot({ jobId, configuration }: JobSubmission): string {
    const configured =
      configuration.text('execution.checkpointing.dir') ??
      configuration.text('state.checkpoints.dir');
    const root =
      configured === undefined || configured === ''
        ? `${this.#settings.directory}/checkpoints`
        : localPath(configured);
    return `${root}/${jobId}`;
  }

  #onEnded(master: JobMaster, cleared: Promise<void>): void {
    this.#running.delete(master.jobId);
    this.#clearing.add(cleared);
    void cleared.then(() => this.#clearing.delete(cleared));
    this.#remember(master, jobDetails(master, this.#deps.clock.now()));
  }

  #remember(job: KnownJob, details: JobDetails): void {
    this.#ended.set(job.jobId, { job, details, atMs: this.#deps.clock.monotonic() });
    this.#forgetOld();
  }

  #forgetOld(): void {
    const { endedMax, endedMs } = this.#settings;
    const since = this.#deps.clock.monotonic() - endedMs;
    for (const [jobId, { atMs }] of this.#ended) {
      if (this.#ended.size <= endedMax && atMs > since) return;
      this.#ended.delete(jobId);
      this.#store?.forget(jobId);
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
