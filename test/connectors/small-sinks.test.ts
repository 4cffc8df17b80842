// print, discard, custom, and how connectors are found by name.

import { describe, expect, test } from 'vitest';
import { customSink } from '../../engine/connectors/custom-sink.ts';
import { discardSink } from '../../engine/connectors/discard-sink.ts';
import { printSink } from '../../engine/connectors/print-sink.ts';
import { sinkConnector, sourceConnector } from '../../engine/connectors/registry.ts';
import type { TextStream } from '../../engine/connectors/sink.ts';
import type { Sink, UserSinkWriter } from '../../engine/connectors/user-sink.ts';
import { limits } from '../../engine/core/limits.ts';
import { turn, until } from '../harness/until.ts';
import { TestSinkContext } from './sink-context.ts';

describe('print', () => {
  class Screen implements TextStream {
    text = '';
    isFull = false;
    #drained: (() => void)[] = [];

    write(text: string): boolean {
      this.text += text;
      return !this.isFull;
    }

    once(_event: 'drain', call: () => void): void {
      this.#drained.push(call);
    }

    drain(): void {
      this.isFull = false;
      for (const call of this.#drained.splice(0)) call();
    }
  }

  function printing(label: string | undefined, subtask: number, parallelism: number) {
    const stdout = new Screen();
    const context = new TestSinkContext({ stdout, subtask, parallelism });
    const writer = printSink.createWriter(label === undefined ? {} : { label }, context);
    return { stdout, context, writer };
  }

  test.each([
    [undefined, 0, 1, ''],
    ['late', 0, 1, 'late> '],
    [undefined, 2, 4, '3> '],
    ['late', 2, 4, 'late:3> '],
  ])(
    'with label %s, subtask %i of %i begins its lines with %j',
    (label, subtask, parallelism, prefix) => {
      const { stdout, context, writer } = printing(label, subtask, parallelism);
      for (const value of ['text', { a: 1n }, undefined]) writer.write(value, 0);
      context.clock.advance(0);
      expect(stdout.text).toBe(`${prefix}text\n${prefix}{"a":"1"}\n${prefix}null\n`);
    },
  );

  test('lines are out before a checkpoint is', async () => {
    const { stdout, writer } = printing(undefined, 0, 1);
    writer.write('a', 0);
    expect(stdout.text).toBe('');
    expect(await writer.prepareCommit(1)).toEqual([]);
    expect(stdout.text).toBe('a\n');
    writer.write('b', 0);
    writer.close();
    expect(stdout.text).toBe('a\nb\n');
  });

  test('a stream that is full holds up the task and the checkpoint until it is not', async () => {
    const { stdout, context, writer } = printing(undefined, 0, 1);
    stdout.isFull = true;
    writer.write('x'.repeat(100_000), 0);
    expect(writer.isWritable()).toBe(false);
    let isPrepared = false;
    const prepared = writer.prepareCommit(1).then(() => {
      isPrepared = true;
    });
    await turn();
    expect([isPrepared, context.wakes]).toEqual([false, 0]);
    stdout.drain();
    await prepared;
    expect([writer.isWritable(), context.wakes]).toEqual([true, 1]);
  });
});

test('discard takes everything', async () => {
  const writer = discardSink.createWriter({}, new TestSinkContext());
  writer.write({}, 0);
  expect(writer.isWritable()).toBe(true);
  expect(await writer.prepareCommit(1)).toEqual([]);
  await writer.finish();
  writer.close();
});

describe('custom', () => {
  function using(writer: unknown) {
    const context = new TestSinkContext({
      slots: { writer },
      subtask: 1,
      parallelism: 2,
      attempt: 3,
    });
    return { context, writer: customSink.createWriter({}, context) };
  }

  /** A function whose calls end when told to. */
  class Slow {
    readonly calls: unknown[] = [];
    readonly #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

    readonly write = (value: unknown): Promise<void> => {
      this.calls.push(value);
      return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    };

    async end(error?: Error): Promise<void> {
      await until(() => this.#waiting.length > 0, 'a call');
      const { resolve, reject } = this.#waiting.shift() ?? { resolve() {}, reject() {} };
      if (error === undefined) resolve();
      else reject(error);
    }
  }

  test('a function is called with each record and its time, at once', async () => {
    const calls: unknown[] = [];
    const { writer } = using((value: unknown, time: number) => void calls.push([value, time]));
    writer.write('a', 1);
    writer.write('b', Number.NaN);
    expect(calls).toEqual([
      ['a', 1],
      ['b', Number.NaN],
    ]);
    expect(await writer.prepareCommit(1)).toEqual([]);
    expect(customSink.guaranteeOf?.({})).toBe('at-least-once');
  });

  test('what a function throws is thrown', () => {
    const { writer } = using(() => {
      throw new Error('no');
    });
    expect(() => writer.write('a', 0)).toThrow('no');
  });

  test('calls that take their time are made one after another, and a checkpoint waits for them', async () => {
    const slow = new Slow();
    const { writer, context } = using(slow.write);
    for (const value of ['a', 'b', 'c']) writer.write(value, 0);
    expect(slow.calls).toEqual(['a']);
    let isPrepared = false;
    const prepared = writer.prepareCommit(1).then(() => {
      isPrepared = true;
    });
    for (const calls of [
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]) {
      await slow.end();
      await until(() => slow.calls.length === calls.length, 'the next call');
      expect(slow.calls).toEqual(calls);
      expect(isPrepared).toBe(false);
    }
    await slow.end();
    await prepared;
    expect(context.wakes).toBeGreaterThan(0);
  });

  test('only so many records wait', async () => {
    const slow = new Slow();
    const { writer, context } = using(slow.write);
    let written = 0;
    for (; writer.isWritable(); written++) writer.write(written, 0);
    expect(written).toBe(limits.sinkRecordsWaitingMax + 1);
    expect(context.wakes).toBe(0);
    await slow.end();
    await until(() => context.wakes > 0, 'the wake');
    expect(writer.isWritable()).toBe(true);
    for (let i = 1; i < written; i++) await slow.end();
    expect(slow.calls).toHaveLength(written);
  });

  test('a call that fails later fails the task and the checkpoint', async () => {
    const slow = new Slow();
    const { writer, context } = using(slow.write);
    writer.write('a', 0);
    writer.write('b', 0);
    await slow.end(new Error('no'));
    await until(() => context.failure !== undefined, 'the failure');
    expect(context.failure).toEqual(new Error('no'));
    await expect(writer.prepareCommit(1)).rejects.toThrow('no');
    expect(slow.calls).toEqual(['a']);
  });

  /** A sink that keeps what it prepares in memory. */
  function memorySink(calls: string[]): Sink<string, string> {
    return {
      async createWriter(context): Promise<UserSinkWriter<string, string>> {
        await turn();
        calls.push(`writer ${context.subtask}/${context.parallelism} attempt ${context.attempt}`);
        let written = '';
        return {
          write: (value) => {
            written += value;
          },
          flush: () => void calls.push('flush'),
          prepareCommit: async (id) => [`${id}:${written}`],
          close: () => void calls.push('close'),
        };
      },
      createCommitter: () => ({
        commit: (committable) => void calls.push(`commit ${committable}`),
        abortOthers: () => void calls.push('abort'),
      }),
    };
  }

  test('a sink with writer and committer gets all calls, in their order', async () => {
    const calls: string[] = [];
    const sink = memorySink(calls);
    const { writer, context } = using(sink);
    const committer = customSink.createCommitter?.({ commits: true }, context);
    await committer?.abortOthers();
    writer.write('a', 0);
    writer.write('b', 0);
    for (const committable of await writer.prepareCommit(4)) await committer?.commit(committable);
    await writer.finish();
    writer.close();
    expect(calls).toEqual(['abort', 'writer 1/2 attempt 3', 'flush', 'commit 4:ab', 'close']);
    expect(customSink.guaranteeOf?.({ commits: true })).toBe('exactly-once');
  });

  test('a writer that was made too late is closed', async () => {
    const calls: string[] = [];
    const { writer } = using(memorySink(calls));
    writer.write('a', 0);
    writer.close();
    await until(() => calls.length === 2, 'the close');
    expect(calls[1]).toBe('close');
  });
});

describe('the registry', () => {
  test('finds connectors under their own names', () => {
    for (const name of ['collection', 'sequence', 'generator', 'files', 'socket'] as const)
      expect(sourceConnector(name).name).toBe(name);
    for (const name of ['files', 'socket', 'print', 'discard', 'custom'] as const)
      expect(sinkConnector(name).name).toBe(name);
  });

  test('names the nearest of those that there are', () => {
    expect(() => sourceConnector('file')).toThrow(
      'no source connector is called "file"; did you mean files? There are: collection, sequence, generator, files, socket',
    );
    expect(() => sinkConnector('constructor')).toThrow('no sink connector is called "constructor"');
    expect(() => sinkConnector('')).toThrow('There are: files, socket, print, discard, custom');
  });
});
