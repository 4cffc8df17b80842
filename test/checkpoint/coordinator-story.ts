// A CheckpointCoordinator at a time that stands still until it is moved, and its effects as text.

import type { CheckpointPlan, CheckpointTask } from '../../engine/checkpoint/checkpoint.ts';
import {
  CheckpointCoordinator,
  type CheckpointEffect,
  type CheckpointSettings,
  type Now,
} from '../../engine/checkpoint/checkpoint-coordinator.ts';
import type { CheckpointKind } from '../../engine/core/barrier.ts';
import type { AttemptId, VertexId } from '../../engine/core/ids.ts';

const task = (name: string): CheckpointTask => ({
  vertex: name.charAt(0) as VertexId,
  subtask: Number(name.slice(1)),
  attemptId: name as AttemptId,
});

/** A source with two subtasks and a sink. */
export const PLAN: CheckpointPlan = {
  trigger: [task('a0'), task('a1')],
  waitFor: [task('a0'), task('a1'), task('b0')],
  finished: [],
};

export function tell(effect: CheckpointEffect): string {
  switch (effect.kind) {
    case 'prepare':
    case 'discard':
      return `${effect.kind} ${effect.checkpointId}`;
    case 'trigger':
      return `trigger ${effect.checkpointId} at ${effect.tasks.map((t) => t.attemptId).join('+')}`;
    case 'store':
      return `store ${effect.checkpoint.checkpointId}`;
    case 'notify':
      return `${effect.outcome} ${effect.checkpointId}`;
    case 'answer':
      return `answer ${effect.checkpointId}: ${effect.failure ?? 'done'}`;
    case 'fail-job':
      return `fail job: ${effect.message}`;
  }
}

export const TIMING = {
  startDelayMs: 1,
  alignmentMs: 2,
  syncMs: 3,
  asyncMs: 4,
  stateBytes: 10,
  checkpointedBytes: 10,
  processedBytes: 5,
  persistedBytes: 6,
  isUnaligned: false,
};

export class Story {
  readonly coordinator: CheckpointCoordinator;
  ms = 0;
  plan: CheckpointPlan | undefined = PLAN;

  constructor(settings: Partial<CheckpointSettings> = {}) {
    this.coordinator = new CheckpointCoordinator(
      {
        intervalMs: 100,
        timeoutMs: 1_000,
        minPauseMs: 0,
        concurrentMax: 1,
        tolerableFailures: 0,
        rememberedMax: 10,
        ...settings,
      },
      1,
    );
  }

  get now(): Now {
    return { wallMs: 1_000_000 + this.ms, monotonicMs: this.ms };
  }

  start(): this {
    this.coordinator.start(this.now);
    return this;
  }

  at(ms: number): string[] {
    this.ms = ms;
    return this.coordinator.onTime(this.now, () => this.plan).map(tell);
  }

  prepared(id: number): string[] {
    return this.coordinator.onPrepared(id).map(tell);
  }

  acknowledge(id: number, ...names: readonly string[]): string[] {
    return names.flatMap((name) =>
      this.coordinator
        .onAcknowledge(
          name as AttemptId,
          {
            checkpointId: id,
            handle: undefined,
            isFinished: false,
            hasSharedLists: false,
            timing: TIMING,
          },
          this.now,
        )
        .map(tell),
    );
  }

  decline(id: number, name: string, isFault = true): string[] {
    const decline = { checkpointId: id, reason: 'no room', isFault };
    return this.coordinator.onDecline(name as AttemptId, decline, this.now).map(tell);
  }

  stored(id: number): string[] {
    return this.coordinator.onStored(id, `/chk-${id}`, this.now).map(tell);
  }

  trigger(kind: CheckpointKind): string[] {
    return this.coordinator.trigger(kind, PLAN, this.now).effects.map(tell);
  }

  /** Until all have acknowledged. */
  acknowledgeAll(id: number): string[] {
    this.prepared(id);
    return this.acknowledge(id, 'a0', 'a1', 'b0');
  }

  complete(id: number): string[] {
    this.acknowledgeAll(id);
    return this.stored(id);
  }
}
