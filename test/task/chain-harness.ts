// A chain of small operators, whose outputs have as much credit as they are given.

import { must } from '../../engine/core/assert.ts';
import { RecordWriter } from '../../engine/network/record-writer.ts';
import type { StreamOperator, TimeCell } from '../../engine/operators/stream-operator.ts';
import { handOf } from '../../engine/task/linked-code.ts';
import { type ChainEmitter, OperatorChain } from '../../engine/task/operator-chain.ts';
import { metricsColumns, newMetricsMemory, TASK } from '../../engine/task/task-metrics.ts';
import { CreditChannel } from '../harness/credit-channel.ts';
import { elementsOf } from '../network/batches.ts';

export interface Link {
  /** Index of the one before; absent: the one in front of it. */
  readonly after?: number;
  readonly sideOutput?: string;
  make(emit: ChainEmitter, time: TimeCell): StreamOperator;
}

export interface Out {
  readonly from: number;
  readonly sideOutput?: string;
}

export class ChainHarness {
  readonly chain: OperatorChain;
  readonly time: TimeCell = new Float64Array(1);
  readonly channels: readonly CreditChannel[];
  readonly writers: readonly RecordWriter[];
  readonly metrics: Float64Array;
  readonly #hand: (value: unknown, timeMs: number) => void;

  constructor(
    links: readonly Link[],
    outs: readonly Out[] = [{ from: links.length - 1 }],
    copy: 'copy' | 'share' = 'copy',
  ) {
    this.channels = outs.map(() => new CreditChannel());
    this.writers = this.channels.map(
      (channel) => new RecordWriter([channel], { select: () => 0 }, 0),
    );
    this.metrics = metricsColumns(newMetricsMemory(links.length));
    this.chain = new OperatorChain(
      links.length,
      (index, emitter) => {
        const { after = index - 1, sideOutput, make } = links[index] as Link;
        return { after, sideOutput, operator: make(emitter, this.time) };
      },
      outs.map(({ from, sideOutput }, i) => ({
        from,
        sideOutput,
        writer: this.writers[i] as RecordWriter,
      })),
      this.time,
      this.metrics,
      copy === 'copy' ? structuredClone : undefined,
    );
    this.#hand = handOf(must(this.chain.ways.handing[0], 'its code'));
  }

  feed(value: unknown, timeMs = 0): void {
    this.metrics[TASK.recordsIn] = (this.metrics[TASK.recordsIn] as number) + 1;
    this.#hand(value, timeMs);
    this.chain.advanceOwnWatermarks();
  }

  set credit(batches: number) {
    for (const channel of this.channels) channel.credit = batches;
  }

  /** What has left each output so far, open batches included. */
  sent(): unknown[][] {
    this.credit = Number.POSITIVE_INFINITY;
    this.chain.drain();
    this.chain.flushAged(0);
    return this.channels.map(({ sent }) => elementsOf(sent));
  }
}

/** Emits what the function makes of each record. */
export const map = (f: (value: unknown) => unknown): Link => ({
  make: (emit) => ({ processElement: (value) => emit.emit(f(value)) }),
});

export const pass: Link = map((value) => value);

/** Emits `n` records for a record `n`, one after another, as long as there is credit. */
export const expand: Link = {
  make(emit, time) {
    const waiting: { n: number; at: number; readonly timeMs: number }[] = [];
    const go = (): boolean => {
      for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
        while (first.at < first.n) {
          if (!emit.hasCredit()) return false;
          time[0] = first.timeMs;
          emit.emit(`${first.n}.${first.at++}`);
        }
        waiting.shift();
      }
      return true;
    };
    return {
      processElement(value) {
        waiting.push({ n: value as number, at: 0, timeMs: time[0] as number });
        if (waiting.length > 1 || !go()) emit.pend();
      },
      resume: go,
    };
  },
};

/** Emits each record in two halves, and between them waits until `gate` is open. */
export const inHalves = (gate: { isOpen: boolean }): Link => ({
  make(emit) {
    let rest: unknown;
    return {
      processElement(value) {
        emit.emit(`${value as string}, first half`);
        rest = value;
        emit.pend();
      },
      resume() {
        if (gate.isOpen) emit.emit(`${rest as string}, second half`);
        return gate.isOpen;
      },
    };
  },
});

/** Its watermark is the highest event time that it has seen; those of its input are swallowed. */
export const stamped: Link = {
  make(emit, time) {
    let highest = Number.NEGATIVE_INFINITY;
    return {
      processElement(value) {
        highest = Math.max(highest, time[0] as number);
        emit.emit(value);
      },
      ownWatermark: () => highest,
      onWatermark(watermark) {
        if (watermark === Number.POSITIVE_INFINITY) highest = watermark;
        return true;
      },
    };
  },
};

/** Holds what it is given until a watermark comes; then emits it all, and how it came, with credit. */
export const fireOnWatermark: Link = {
  make(emit, time) {
    let held: unknown[] = [];
    let firing: unknown[] = [];
    const fire = (): boolean => {
      while (firing.length > 0) {
        if (!emit.hasCredit()) return false;
        time[0] = 0;
        emit.emit(firing.shift());
      }
      return true;
    };
    return {
      processElement: (value) => void held.push(value),
      onWatermark(watermark) {
        firing = [...held, `fired ${watermark}`];
        held = [];
        return fire();
      },
      resume: fire,
      finish() {
        firing = ['finished'];
        return fire();
      },
    };
  },
};
