// Gives a running job another parallelism: the slots are collected while it goes on, then a checkpoint is taken,
// all tasks end, and the job begins anew from there with its state dealt out again.
//
//   asked for ─▶ slots are there ─▶ checkpoint is complete ─▶ tasks have ended ─▶ runs at the new parallelism
//                (fewer: as many as there are, within the bounds; more later: again)
//
// What fails on the way leaves the job as it is, and the next completed checkpoint is as good.

import type { Clock } from '../../core/clock.ts';
import { SluiceError } from '../../core/errors.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { VertexId } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import {
  isSameParallelism,
  type ResourceRequirements,
  requirementProblems,
  rescaledJob,
} from '../../graph/rescaled-job.ts';
import type { StoredBounds } from '../../ha/ha-store.ts';
import { checkpointPlan } from './checkpoint-plan.ts';
import type { JobCheckpoints } from './job-checkpoints.ts';
import type { JobRegistry } from './job-checkpoints-dependencies.ts';
import type { JobMessages } from './job-messages.ts';
import type { JobResults } from './job-results.ts';
import type { JobScheduler } from './job-scheduler.ts';
import type { JobSlots } from './job-slots.ts';
import { sharedSlots } from './slot-sharing.ts';

/** Of a JobMaster. */
export interface RescalingJob {
  readonly graph: ExecutionGraph;
  readonly slots: JobSlots;
  readonly scheduler: JobScheduler;
  readonly checkpoints: JobCheckpoints;
  readonly results: JobResults;
  readonly messages: JobMessages;
}

/** While somebody waits for a savepoint, the job is left alone. */
const LOOK_AGAIN_MS = 100;

export class JobRescale {
  readonly #parts: RescalingJob;
  readonly #clock: Clock;
  readonly #files: FileSystem;
  readonly #log: Logger;
  readonly #registry: JobRegistry | undefined;
  /** As it was submitted. */
  readonly #job: JobGraph;
  #requirements: ResourceRequirements;
  #isAsked = false;
  /** Slots that the job can have, as far as is known. */
  #available = Number.POSITIVE_INFINITY;
  #target: JobGraph | undefined;
  #isUnderWay = false;

  /** @param registry What the leader after us must know. */
  constructor(
    parts: RescalingJob,
    clock: Clock,
    files: FileSystem,
    registry: JobRegistry | undefined,
  ) {
    this.#parts = parts;
    this.#clock = clock;
    this.#files = files;
    this.#log = parts.messages.logger('');
    this.#registry = registry;
    this.#job = parts.graph.job;
    this.#requirements = atMost(this.#job);
  }

  /** What was asked for last; what the job has may be less. */
  get requirements(): ResourceRequirements {
    return this.#requirements;
  }

  /**
   * Resolves when whoever leads will go there. Rejects with SluiceError `bad-requirements`, a line for each thing
   * that speaks against it, and when that cannot be stored.
   */
  async require(requirements: ResourceRequirements): Promise<void> {
    const problems = requirementProblems(this.#job, requirements);
    if (problems.length > 0) throw new SluiceError('bad-requirements', problems.join('\n'));
    const bounds = [...requirements].map(([vertex, { lower, upper }]) => ({
      vertex,
      lower,
      upper,
    }));
    await this.#registry?.require(bounds);
    this.#goTo(requirements);
  }

  /** What an earlier leader was asked for. Before the job begins. */
  recover(bounds: readonly StoredBounds[] | undefined): void {
    if (bounds === undefined) return;
    this.#goTo(new Map(bounds.map(({ vertex, ...own }) => [vertex as VertexId, own])));
  }

  #goTo(requirements: ResourceRequirements): void {
    this.#requirements = requirements;
    this.#isAsked = true;
    this.#available = Number.POSITIVE_INFINITY;
    this.#aim();
    const most = rescaledJob(this.#job, requirements, Number.POSITIVE_INFINITY);
    if (most !== undefined) this.#parts.slots.want(slotsOf(most));
  }

  /** The cluster cannot give all that was asked for. */
  onShortage(available: number): void {
    if (!this.#isAsked || available === this.#available) return;
    this.#available = Math.max(available, this.#parts.slots.count);
    this.#aim();
  }

  /** A slot has come beyond those that the job needs now. */
  onSpare(): void {
    this.#available = Math.max(this.#available, this.#parts.slots.count);
    this.#aim();
  }

  /** All tasks run. */
  onRunning(): void {
    if (this.#isAsked) this.#aim();
  }

  /** Its notifications are on their way when this has returned: the tasks are ended behind them. */
  onCheckpointCompleted(): void {
    if (this.#target !== undefined) this.#clock.soon(() => void this.#begin());
  }

  /** The job is about to have that parallelism. */
  onRescaled(job: JobGraph): void {
    this.#target = undefined;
    if (this.#isAsked) return;
    // It had been asked for under an earlier leader.
    this.#requirements = atMost(job);
    this.#parts.slots.want(slotsOf(job));
  }

  #aim(): void {
    const { graph } = this.#parts;
    const target = rescaledJob(this.#job, this.#requirements, this.#available);
    if (target === undefined)
      this.#log.log(
        'warn',
        `the cluster can give the job ${this.#available} slots, which is not enough for the parallelism asked for: it goes on as it is`,
      );
    const isNew = target !== undefined && !isSameParallelism(target, graph.job);
    this.#target = isNew ? target : undefined;
    this.#takeCheckpoint();
  }

  #takeCheckpoint(): void {
    const { checkpoints } = this.#parts;
    if (!this.#canBegin() || this.#isUnderWay) return;
    this.#isUnderWay = true;
    checkpoints
      .trigger()
      .catch((error: unknown) => {
        const why = (error as Error).message;
        this.#log.log(
          'warn',
          `not rescaled: ${why} It will be with the next checkpoint that completes.`,
        );
      })
      .finally(() => {
        this.#isUnderWay = false;
      });
  }

  async #begin(): Promise<void> {
    const { checkpoints, scheduler, results, graph } = this.#parts;
    const { latest } = checkpoints;
    if (latest === undefined || !this.#canBegin()) return;
    if (checkpoints.isAwaited) {
      this.#clock.after(LOOK_AGAIN_MS, () => void this.#begin());
      return;
    }
    try {
      await results.prepareRescale(latest, this.#files);
    } catch (error) {
      return this.#log.log('warn', `not rescaled: ${(error as Error).message}`);
    }
    // A later one may have completed meanwhile: then that is where the job goes on from.
    if (checkpoints.latest !== latest || checkpoints.isAwaited) return this.#begin();
    const target = this.#target;
    if (target === undefined || !this.#canBegin()) return;
    this.#log.log(
      'info',
      `${changes(graph.job, target)}: the job begins anew from checkpoint ${latest.checkpointId}`,
    );
    checkpoints.stop('Checkpoint Coordinator is suspending.');
    scheduler.rescale(target);
  }

  #canBegin(): boolean {
    const { graph, slots } = this.#parts;
    if (this.#target === undefined || graph.state !== 'RUNNING') return false;
    return slots.count >= slotsOf(this.#target) && checkpointPlan(graph) !== undefined;
  }
}

const atMost = ({ vertices }: JobGraph): ResourceRequirements =>
  new Map(vertices.map(({ id, parallelism }) => [id, { lower: 1, upper: parallelism }]));

const slotsOf = (job: JobGraph): number => sharedSlots(job).length;

/** `Window: parallelism 2 → 4, Sink: …`. */
function changes(from: JobGraph, to: JobGraph): string {
  return from.vertices
    .flatMap(({ name, parallelism }, i) => {
      const next = to.vertices[i]?.parallelism ?? parallelism;
      return next === parallelism ? [] : [`${name}: parallelism ${parallelism} → ${next}`];
    })
    .join(', ');
}
