// High availability as the rest of the engine sees it: who leads, and what a leader must know of those before
// it. A leader holds an epoch, greater than all before; whatever it writes succeeds only while nobody holds a
// greater one. The contract is test/contract/ha-store-contract.ts.

import type { JobId } from '../core/ids.ts';

export interface LeaderAddress {
  /** Of its RPC service. */
  readonly rpc: string;
  /** Of its REST endpoint. */
  readonly rest: string;
}

export interface Leader extends LeaderAddress {
  readonly epoch: number;
}

export interface HaStore {
  /** Stands for election until closed; whoever loses its leadership stands again. */
  stand(events: CandidateEvents): Candidacy;
  /** Who was heard of last. It may be dead, or have been deposed: its epoch tells, when a greater one is known. */
  leader(): Promise<Leader | undefined>;
}

export interface CandidateEvents {
  /** Where the candidate will be found, should it lead under that epoch. */
  readonly address: (epoch: number) => LeaderAddress;
  readonly onElected: (leadership: Leadership) => void;
  /** Another shows signs of life. */
  readonly onLedByOther?: () => void;
  /** The store could not be read or written: it is tried again. */
  readonly onProblem?: (error: unknown) => void;
}

export interface Candidacy {
  /** Gives leadership up, so that others need not wait for it. */
  close(): Promise<void>;
}

/**
 * Every write resolves when it is durable. It rejects with reason `not-leader`, having changed nothing, once
 * another leads; with what the disk says, having changed nothing either.
 */
export interface Leadership {
  readonly epoch: number;
  /** What the leaders before have left. */
  readonly jobs: readonly StoredJob[];
  readonly isOver: boolean;
  /** Monotonic ms at which it was last known to lead. */
  readonly confirmedMs: number;
  /** Whether it still leads, looked up now. */
  confirm(): Promise<boolean>;
  onOver(listener: () => void): void;
  addJob(jobId: JobId, submission: Uint8Array): Promise<void>;
  /** What the job was added with. */
  readJob(jobId: JobId): Promise<Uint8Array>;
  /**
   * The checkpoints that the job keeps from now on, oldest first: it is never restored from one before the last of
   * them, whose commit counts as issued from here on. Nobody is told of it, and nothing deleted for it, before.
   */
  registerCheckpoints(jobId: JobId, retained: readonly StoredCheckpoint[]): Promise<void>;
  /** The parallelism that is asked for while the job runs, whoever leads. */
  requireParallelism(jobId: JobId, bounds: readonly StoredBounds[]): Promise<void>;
  /** Whoever leads brings it to its end. */
  cancelJob(jobId: JobId): Promise<void>;
  /** It runs no more, and no leader starts it again. `archive`: what there is to know of it. */
  endJob(jobId: JobId, archive: Uint8Array): Promise<void>;
  readArchive(jobId: JobId): Promise<Uint8Array>;
  /** Nothing is known of it any more. */
  removeJob(jobId: JobId): Promise<void>;
}

export interface StoredCheckpoint {
  readonly checkpointId: number;
  /** Its directory. */
  readonly path: string;
}

export interface StoredBounds {
  /** The vertex's id. */
  readonly vertex: string;
  readonly lower: number;
  readonly upper: number;
}

export interface StoredJob {
  readonly jobId: JobId;
  /** The epoch under which it was submitted. */
  readonly epoch: number;
  readonly hasEnded: boolean;
  readonly isCancelled: boolean;
  /** Oldest first. */
  readonly checkpoints: readonly StoredCheckpoint[];
  /** Absent: no other than it was submitted with. */
  readonly parallelism?: readonly StoredBounds[];
}
