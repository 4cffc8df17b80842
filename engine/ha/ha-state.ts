// All that an entry of the log says: the whole state after it, so that the newest one is enough to go on from,
// and the others can go. With a checksum: what the disk has altered is never taken for the truth.

import { crc32 } from 'node:zlib';
import { assert } from '../core/assert.ts';
import { CorruptData } from '../core/byte-buffer.ts';
import type { JobId } from '../core/ids.ts';
import type { LeaderAddress, StoredBounds, StoredCheckpoint, StoredJob } from './ha-store.ts';

export interface HaState {
  readonly epoch: number;
  readonly jobs: readonly StoredJob[];
}

export const EMPTY_STATE: HaState = { epoch: 0, jobs: [] };

/** What the leader says of itself, again and again. */
export interface Lease {
  readonly epoch: number;
  readonly beat: number;
  /** Undefined: it has given up. */
  readonly leader: LeaderAddress | undefined;
}

export const withJob = (state: HaState, jobId: JobId): HaState => ({
  ...state,
  jobs: [
    ...state.jobs.filter((job) => job.jobId !== jobId),
    { jobId, epoch: state.epoch, hasEnded: false, isCancelled: false, checkpoints: [] },
  ],
});

export function withCheckpoints(
  state: HaState,
  jobId: JobId,
  checkpoints: readonly StoredCheckpoint[],
): HaState {
  return {
    ...state,
    jobs: state.jobs.map((job) => {
      if (job.jobId !== jobId) return job;
      const [before, after] = [job.checkpoints.at(-1), checkpoints.at(-1)];
      assert(
        (after?.checkpointId ?? 0) >= (before?.checkpointId ?? 0),
        `job ${jobId} goes back from checkpoint ${before?.checkpointId} to ${after?.checkpointId}`,
      );
      return { ...job, checkpoints };
    }),
  };
}

export const withParallelism = (
  state: HaState,
  jobId: JobId,
  parallelism: readonly StoredBounds[],
): HaState => ({
  ...state,
  jobs: state.jobs.map((job) => (job.jobId === jobId ? { ...job, parallelism } : job)),
});

export const withCancel = (state: HaState, jobId: JobId): HaState => ({
  ...state,
  jobs: state.jobs.map((job) => (job.jobId === jobId ? { ...job, isCancelled: true } : job)),
});

export const withEnd = (state: HaState, jobId: JobId): HaState => ({
  ...state,
  jobs: state.jobs.map((job) =>
    job.jobId === jobId ? { ...job, hasEnded: true, checkpoints: [] } : job,
  ),
});

export const withoutJob = (state: HaState, jobId: JobId): HaState => ({
  ...state,
  jobs: state.jobs.filter((job) => job.jobId !== jobId),
});

export function encodeChecked(value: unknown): Uint8Array {
  const text = JSON.stringify(value);
  return Buffer.from(`${crc32(text).toString(16).padStart(8, '0')} ${text}`);
}

/** @throws CorruptData naming `what`. */
export function decodeChecked<T>(bytes: Uint8Array, what: string): T {
  const text = Buffer.from(bytes).toString('utf8');
  const json = text.slice(9);
  if (text.slice(0, 8) !== crc32(json).toString(16).padStart(8, '0'))
    throw new CorruptData(`${what} is damaged: its checksum does not fit`);
  return JSON.parse(json) as T;
}
