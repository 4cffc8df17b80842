// Records as lines of text to the host's stream, as Flink prints them: `label:3> value`, the subtask from 1
// and only where there are several. Strings print as they are, all else as JSON. At least once: lines are
// out before a checkpoint is, and a restart prints those behind it again.

import { must } from '../core/assert.ts';
import { textOf } from './formats/record-encoder.ts';
import type { SinkConnector, SinkContext, SinkWriter, TextStream } from './sink.ts';

export interface PrintOptions {
  readonly label?: string;
}

export const printSink: SinkConnector<unknown, never, PrintOptions> = {
  name: 'print',
  guarantee: 'at-least-once',
  createWriter: (options, context) => new PrintWriter(options, context),
};

/** Lines are handed over in pieces of this many characters, or with what one turn brought. */
const PIECE_LENGTH = 16 * 1024;

class PrintWriter implements SinkWriter<unknown> {
  readonly #context: SinkContext;
  readonly #stream: TextStream;
  readonly #prefix: string;
  #text = '';
  #isFlushAsked = false;
  #isFull = false;
  #drained: (() => void)[] = [];

  constructor({ label = '' }: PrintOptions, context: SinkContext) {
    this.#context = context;
    this.#stream = must(context.stdout, 'the stream of a print sink');
    this.#prefix = prefixOf(label, context);
  }

  write(value: unknown): void {
    this.#text += `${this.#prefix}${textOf(value)}\n`;
    if (this.#text.length >= PIECE_LENGTH) this.#flush();
    else this.#askFlush();
  }

  isWritable(): boolean {
    return !this.#isFull;
  }

  async prepareCommit(): Promise<readonly never[]> {
    this.#flush();
    if (this.#isFull) await new Promise<void>((resolve) => this.#drained.push(resolve));
    return [];
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.#flush();
  }

  #askFlush(): void {
    if (this.#isFlushAsked) return;
    this.#isFlushAsked = true;
    this.#context.clock.soon(() => {
      this.#isFlushAsked = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#text === '') return;
    const isTaken = this.#stream.write(this.#text);
    this.#text = '';
    if (isTaken || this.#isFull) return;
    this.#isFull = true;
    this.#stream.once('drain', () => this.#onDrained());
  }

  #onDrained(): void {
    this.#isFull = false;
    for (const resolve of this.#drained.splice(0)) resolve();
    this.#context.wake();
  }
}

function prefixOf(label: string, { subtask, parallelism }: SinkContext): string {
  const number = parallelism > 1 ? String(subtask + 1) : '';
  const prefix = [label, number].filter((part) => part !== '').join(':');
  return prefix === '' ? '' : `${prefix}> `;
}
