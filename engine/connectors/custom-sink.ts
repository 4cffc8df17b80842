// A sink made of the program's own function or object (user-sink.ts). Its calls may take their time: they
// are made one after another, and records that come meanwhile wait in a bounded queue.

import { limits } from '../core/limits.ts';
import type { Committer, SinkConnector, SinkContext, SinkWriter } from './sink.ts';
import type { Sink, SinkFunction, UserSinkWriter } from './user-sink.ts';

/** Slot: `writer`, a SinkFunction or a Sink. */
export interface CustomSinkOptions {
  /** It is a Sink with a committer. */
  readonly commits?: boolean;
}

export const customSink: SinkConnector<unknown, unknown, CustomSinkOptions> = {
  name: 'custom',
  guarantee: 'at-least-once',
  guaranteeOf: ({ commits }) => (commits === true ? 'exactly-once' : 'at-least-once'),
  createWriter: (_options, context) => new CustomWriter(context),
  createCommitter: (_options, context) => createCommitter(context),
};

type Writer = UserSinkWriter<unknown, unknown>;

/** What the program put into the slot; the API has checked its type. */
const sinkOf = (context: SinkContext): SinkFunction<unknown> | Sink<unknown, unknown> =>
  context.function('writer') as SinkFunction<unknown> | Sink<unknown, unknown>;

interface Waiting {
  readonly value: unknown;
  readonly time: number;
}

class CustomWriter implements SinkWriter<unknown, unknown> {
  readonly #context: SinkContext;
  /** Undefined until the program has made it. */
  #writer: Writer | undefined;
  readonly #waiting: Waiting[] = [];
  /** Resolves when nothing waits; undefined while nothing does. Never rejects. */
  #working: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isClosed = false;

  constructor(context: SinkContext) {
    this.#context = context;
    const sink = sinkOf(context);
    const writer = typeof sink === 'function' ? { write: sink } : sink.createWriter(context);
    if (isThenable(writer)) {
      const made = Promise.resolve<Writer>(writer);
      this.#working = this.#work(made.then((ready) => this.#adopt(ready)));
    } else {
      this.#adopt(writer);
    }
  }

  write(value: unknown, time: number): void {
    if (this.#working !== undefined || this.#writer === undefined) {
      this.#waiting.push({ value, time });
      return;
    }
    const written = this.#writer.write(value, time);
    if (isThenable(written)) this.#working = this.#work(written);
  }

  isWritable(): boolean {
    return this.#waiting.length < limits.sinkRecordsWaitingMax;
  }

  async prepareCommit(checkpointId: number): Promise<readonly unknown[]> {
    await this.#working;
    if (this.#failure !== undefined) throw this.#failure.error;
    await this.#writer?.flush?.();
    return (await this.#writer?.prepareCommit?.(checkpointId)) ?? [];
  }

  async finish(): Promise<void> {
    await this.#working;
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#writer?.close?.();
  }

  #adopt(writer: Writer): void {
    this.#writer = writer;
    if (this.#isClosed) writer.close?.();
  }

  /** After the call under way, those for the records that wait. */
  async #work(underWay: PromiseLike<void>): Promise<void> {
    try {
      await underWay;
      for (let next = this.#take(); next !== undefined; next = this.#take())
        await this.#writer?.write(next.value, next.time);
    } catch (error) {
      this.#failure = { error };
      if (!this.#isClosed) this.#context.fail(error);
    }
    this.#working = undefined;
    this.#context.wake();
  }

  #take(): Waiting | undefined {
    const wasFull = !this.isWritable();
    const next = this.#waiting.shift();
    if (wasFull) this.#context.wake();
    return next;
  }
}

function createCommitter(context: SinkContext): Committer<unknown> {
  const sink = sinkOf(context);
  const committer = typeof sink === 'function' ? undefined : sink.createCommitter?.(context);
  return {
    commit: async (committable) => committer?.commit(committable),
    abortOthers: async () => committer?.abortOthers?.(),
  };
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
