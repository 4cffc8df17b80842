// One StreamTask with scripted input or source and the chain of a test, and what it tells its slot.

import { assert } from '../../engine/core/assert.ts';
import type { Barrier } from '../../engine/core/barrier.ts';
import type { InputChannel } from '../../engine/network/channel.ts';
import { decodeFrame } from '../../engine/network/frame-codec.ts';
import type { RecordBatch } from '../../engine/network/record-batch.ts';
import type { ChannelFrames } from '../../engine/task/in-flight.ts';
import { InputGate } from '../../engine/task/input-gate.ts';
import type { Laps } from '../../engine/task/laps.ts';
import { StreamTask } from '../../engine/task/stream-task.ts';
import type { TaskParts, TaskSource } from '../../engine/task/task-parts.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { batchOf, elementsOf } from '../network/batches.ts';
import { ChainHarness, type Link, type Out } from './chain-harness.ts';

/** What stands in front of a task: batches, one poll each. */
export class ScriptedChannel implements InputChannel {
  readonly batches: RecordBatch[] = [];
  readonly capacity = 10;
  readonly bytes = 0;
  announced: Barrier | undefined;
  debt = 0;
  isClosed = false;

  get queued(): number {
    return this.batches.length;
  }

  poll(): RecordBatch | undefined {
    return this.batches.shift();
  }

  setDebt(batches: number): void {
    this.debt = batches;
  }

  close(): void {
    this.isClosed = true;
  }

  push(...batches: readonly RecordBatch[]): this {
    this.batches.push(...batches);
    return this;
  }

  /** The watermark of the end of time, and the end of the data. */
  endData(): this {
    return this.push(batchOf({ rows: [], marks: [[0, Number.POSITIVE_INFINITY]], end: 'data' }));
  }
}

export interface TaskSetup {
  readonly links: readonly Link[];
  readonly outs?: readonly Out[];
  /** Input channels; absent: the task has a source. */
  readonly inputs?: number;
  /** What the source emits, one value a poll. */
  readonly source?: readonly unknown[];
  readonly isCheckpointed?: boolean;
  readonly isRestoredFinished?: boolean;
  readonly mode?: 'aligned' | 'at-least-once';
}

/** Without a loop that looks now and then: every look is one at the clock. */
const lapsOf = (clock: FakeClock): Laps => ({
  get ms() {
    return clock.monotonic();
  },
  read: () => clock.monotonic(),
});

export class TaskHarness {
  readonly clock = new FakeClock();
  readonly chain: ChainHarness;
  readonly inputs: readonly ScriptedChannel[];
  readonly task: StreamTask;
  /** Everything that the task has told, as text. */
  readonly told: string[] = [];
  wakes = 0;

  constructor(setup: TaskSetup) {
    this.chain = new ChainHarness(setup.links, setup.outs);
    this.inputs = Array.from({ length: setup.inputs ?? 0 }, () => new ScriptedChannel());
    this.task = new StreamTask(this.#parts(setup), this.#events(), this.clock, lapsOf(this.clock));
  }

  /** Starts the task and lets it come up. */
  async start(): Promise<this> {
    await this.task.start();
    return this;
  }

  /** Gives turns, and time to promises, until nothing happens any more. */
  async settle(): Promise<this> {
    for (let quiet = 0, tries = 0; quiet < 3; tries++) {
      assert(tries < 100_000, 'a task that does not come to rest');
      quiet = this.task.turn() ? 0 : quiet + 1;
      // A promise of promises takes some steps to come true.
      for (let i = 0; i < 5; i++) await Promise.resolve();
    }
    return this;
  }

  /** What has left the first output, whose frames leave in every turn. */
  get sent(): unknown[] {
    return elementsOf(this.chain.channels[0]?.sent ?? []);
  }

  get row(): string {
    return this.told.join(', ');
  }

  #tellOvertaken(id: number, channels: readonly ChannelFrames[] | undefined): void {
    const rows = channels?.flatMap(({ frames }) => frames.flatMap((f) => decodeFrame(f).values));
    this.told.push(`overtaken by ${id}: ${rows?.join(' ') ?? 'given up'}`);
  }

  #parts(setup: TaskSetup): TaskParts {
    const { chain } = this.chain;
    const gate = new InputGate(
      this.inputs.map((channel) => ({ channel, edge: 0 })),
      setup.mode ?? 'aligned',
    );
    return {
      chain,
      writers: this.chain.writers,
      metrics: this.chain.metrics,
      input: this.inputs.length === 0 ? undefined : gate,
      source: this.inputs.length === 0 ? this.#source([...(setup.source ?? [])]) : undefined,
      mayOvertake: setup.mode !== 'at-least-once',
      isCheckpointed: setup.isCheckpointed ?? false,
      isRestoredFinished: setup.isRestoredFinished ?? false,
    };
  }

  #source(values: unknown[]): TaskSource {
    let record: unknown;
    return {
      get record() {
        return record;
      },
      drain: () => undefined,
      poll: () => {
        if (values.length === 0) {
          this.chain.chain.advanceWatermark(Number.POSITIVE_INFINITY);
          return 'end';
        }
        record = values.shift();
        if (record === 'wait') return 'nothing';
        this.chain.feed(record, 1);
        record = undefined;
        return 'more';
      },
    };
  }

  #events(): ConstructorParameters<typeof StreamTask>[1] {
    const { told } = this;
    return {
      onRunning: () => void told.push('running'),
      onDataEnded: () => void told.push('data ended'),
      onEnded: (end) => {
        const why =
          end.state === 'FAILED' ? ` ${end.failure.error.message} (${end.failure.cause}` : '';
        const where =
          end.state === 'FAILED'
            ? `, operator ${end.failure.operator ?? ''}, record ${end.failure.record ?? 'none'})`
            : '';
        told.push(`${end.state}${why}${where}`);
      },
      onSnapshot: ({ checkpointId }, { isFinished, overtaken }) => {
        told.push(`snapshot ${checkpointId}${isFinished ? ' finished' : ''}`);
        void overtaken?.whole.then((channels) => this.#tellOvertaken(checkpointId, channels));
      },
      onDeclined: (checkpointId, reason) => void told.push(`declined ${checkpointId}: ${reason}`),
      describe: (failure, operator, record) => ({
        ...failure,
        record,
        operator: `${operator}`,
        place: undefined,
      }),
      finalResults: () => [],
      wake: () => {
        this.wakes++;
      },
    };
  }
}
