// What a Dispatcher leaves to the one that leads after it: each job with what it was submitted with, the
// checkpoint that it goes on from, and what there is to know of it when it has ended.

import type { CompletedCheckpoint } from '../../checkpoint/checkpoint.ts';
import { type Clock, delay } from '../../core/clock.ts';
import { Configuration } from '../../core/configuration.ts';
import { SluiceError } from '../../core/errors.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { JobId } from '../../core/ids.ts';
import { limits } from '../../core/limits.ts';
import type { Logger } from '../../core/logger.ts';
import { decodeValue } from '../../core/value-reader.ts';
import { encodeValue } from '../../core/value-writer.ts';
import type { Leadership, StoredJob } from '../../ha/ha-store.ts';
import type { JobRegistry } from '../jobmaster/job-checkpoints-dependencies.ts';
import type { RecoveredJob } from '../jobmaster/job-master-dependencies.ts';
import type { KeptResults } from '../jobmaster/job-results.ts';
import type { JobSubmission } from '../jobmaster/job-submission.ts';
import type { ArchivedJob } from './archived-job.ts';

export interface JobStoreDependencies {
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly log: Logger;
}

/** What the registry needs of a job that runs. */
export interface StoringJob {
  readonly rows: () => KeptResults;
  readonly archive: () => ArchivedJob;
  /** Its clients are to hear of it. */
  readonly onUnwritable: (text: string) => void;
}

const RESULTS = '_results';
const NOTHING: KeptResults = { final: [], lanes: [] };
const RETRY_MS = 200;
/** By then a disk that fails now and then has been read. */
const READS_MAX = 25;

export class JobStore {
  readonly #leadership: Leadership;
  readonly #deps: JobStoreDependencies;
  readonly #writing = new Set<Promise<void>>();

  constructor(leadership: Leadership, deps: JobStoreDependencies) {
    this.#leadership = leadership;
    this.#deps = deps;
  }

  get epoch(): number {
    return this.#leadership.epoch;
  }

  /** Of the leaders before us, in the order of their coming. */
  get jobs(): readonly StoredJob[] {
    return this.#leadership.jobs;
  }

  /** Rejects with what the disk says, or with `not-leader`. */
  async add(submission: JobSubmission): Promise<void> {
    const stored = { ...submission, configuration: submission.configuration.toRecord() };
    await this.#leadership.addJob(submission.jobId, encodeValue(stored));
  }

  async submissionOf(jobId: JobId): Promise<JobSubmission> {
    const bytes = await this.#read(() => this.#leadership.readJob(jobId));
    const stored = decodeValue(bytes) as Omit<JobSubmission, 'configuration'> & {
      readonly configuration: Record<string, string>;
    };
    return { ...stored, configuration: new Configuration(stored.configuration) };
  }

  async recoveredOf({ epoch, checkpoints, parallelism }: StoredJob): Promise<RecoveredJob> {
    const latest = checkpoints.at(-1);
    const results = latest === undefined ? NOTHING : await this.#readResults(latest.path);
    return {
      checkpoints,
      results,
      parallelism,
      firstAttempt: (this.epoch - epoch) * limits.attemptsPerLeaderMax,
    };
  }

  async archiveOf(jobId: JobId): Promise<ArchivedJob> {
    const bytes = await this.#read(() => this.#leadership.readArchive(jobId));
    return decodeValue(bytes) as ArchivedJob;
  }

  cancel(jobId: JobId): Promise<void> {
    return this.#leadership.cancelJob(jobId);
  }

  /** Resolves when nothing is being written of jobs. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing);
  }

  /** Of one that is too old to be remembered. */
  forget(jobId: JobId): void {
    this.#leadership.removeJob(jobId).catch((error: unknown) => {
      this.#deps.log.log('debug', `job ${jobId} is not forgotten: ${String(error)}`);
    });
  }

  registryOf(jobId: JobId, job: StoringJob): JobRegistry {
    return {
      register: (retained) => {
        const what = `that checkpoint ${retained.at(-1)?.checkpointId} is complete`;
        return this.#untilDone(job, `${what}: until then nothing of it is committed`, async () => {
          await this.#writeResults(retained.at(-1), job.rows());
          const stored = retained.map(({ checkpointId, path }) => ({ checkpointId, path }));
          await this.#leadership.registerCheckpoints(jobId, stored);
        });
      },
      require: (bounds) => this.#leadership.requireParallelism(jobId, bounds),
      end: () => {
        const archive = job.archive();
        const what = `that the job is ${archive.details.state}: until then it is not shown to have ended`;
        const bytes = encodeValue(archive);
        return this.#untilDone(job, what, () => this.#leadership.endJob(jobId, bytes));
      },
    };
  }

  /** Rows of tasks that have finished are in no task's state any more. */
  async #writeResults(latest: CompletedCheckpoint | undefined, rows: KeptResults): Promise<void> {
    if (latest === undefined || (rows.final.length === 0 && rows.lanes.length === 0)) return;
    const { files } = this.#deps;
    await files.writeFile(`${latest.path}/${RESULTS}`, encodeValue(rows));
    await files.syncDirectory(latest.path);
  }

  async #readResults(path: string): Promise<KeptResults> {
    const { files } = this.#deps;
    if (!(await files.exists(`${path}/${RESULTS}`))) return NOTHING;
    const bytes = await this.#read(() => files.readFile(`${path}/${RESULTS}`));
    return decodeValue(bytes) as KeptResults;
  }

  /** A job that is not read is lost for as long as we lead: what fails is tried again for a while. */
  async #read(read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    for (let left = READS_MAX; left > 0; left--) {
      try {
        return await read();
      } catch (error) {
        this.#deps.log.log('warn', `high-availability.storageDir: ${(error as Error).message}`);
        await delay(this.#deps.clock, RETRY_MS);
      }
    }
    return read();
  }

  #untilDone(job: StoringJob, what: string, write: () => Promise<void>): Promise<void> {
    const done = this.#tryUntilDone(job, what, write).finally(() => this.#writing.delete(done));
    this.#writing.add(done);
    return done;
  }

  /** A disk that is full may have room again. Never resolves when somebody else leads. */
  async #tryUntilDone(job: StoringJob, what: string, write: () => Promise<void>): Promise<void> {
    for (let isTold = false; ; isTold = true) {
      try {
        return await write();
      } catch (error) {
        if (error instanceof SluiceError && error.reason === 'not-leader')
          return new Promise(() => undefined);
        const said = (error as Error).message;
        if (!isTold)
          job.onUnwritable(`high-availability.storageDir cannot be told ${what} (${said})`);
        await delay(this.#deps.clock, RETRY_MS);
      }
    }
  }
}
