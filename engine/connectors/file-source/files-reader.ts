// Reads the splits of one subtask: files to their end one after another, followed files side by side.

import type { SourceFormat } from '../formats/record-decoder.ts';
import type { PollResult, ReaderContext, ReaderOutput, SourceReader } from '../source.ts';
import type { FileSplit } from './file-split.ts';
import { FileTask } from './file-task.ts';

export class FilesReader implements SourceReader<unknown, FileSplit> {
  readonly #format: SourceFormat;
  readonly #context: ReaderContext;
  readonly #queue: FileSplit[] = [];
  /** The one that is being read to its end. */
  #current: FileTask | undefined;
  #followed: FileTask[] = [];
  #isLast = false;

  constructor(format: SourceFormat, context: ReaderContext) {
    this.#format = format;
    this.#context = context;
  }

  start(): void {
    if (this.#queue.length === 0) this.#context.requestSplit();
  }

  addSplits(splits: readonly FileSplit[]): void {
    for (const split of splits) {
      if (split.kind === 'followed') this.#followed.push(this.#open(split));
      else this.#queue.push(split);
    }
    this.#context.wake();
  }

  noMoreSplits(): void {
    this.#isLast = true;
    this.#context.wake();
  }

  poll(output: ReaderOutput<unknown>, max: number): PollResult {
    let left = max - this.#pollFollowed(output, max);
    while (left > 0) {
      this.#current ??= this.#openNext();
      const task = this.#current;
      if (task === undefined) break;
      left -= task.poll(output, left);
      if (!task.isDone) break;
      this.#finish(task, output);
    }
    if (left <= 0) return 'more';
    const isAtEnd = this.#current === undefined && this.#followed.length === 0;
    return isAtEnd && this.#isLast ? 'end' : 'nothing';
  }

  snapshot(): readonly FileSplit[] {
    const tasks = [...this.#followed, ...(this.#current === undefined ? [] : [this.#current])];
    return [...tasks.map((task) => task.snapshot()), ...this.#queue];
  }

  close(): void {
    for (const task of this.#followed) task.close();
    this.#current?.close();
  }

  /** Each has its turn: the one that came first in this poll comes last in the next. */
  #pollFollowed(output: ReaderOutput<unknown>, max: number): number {
    let count = 0;
    for (const task of this.#followed) {
      if (count >= max) break;
      count += task.poll(output, max - count);
    }
    const first = this.#followed.shift();
    if (first !== undefined) this.#followed.push(first);
    return count;
  }

  #openNext(): FileTask | undefined {
    const split = this.#queue.shift();
    return split === undefined ? undefined : this.#open(split);
  }

  #finish(task: FileTask, output: ReaderOutput<unknown>): void {
    task.close();
    this.#current = undefined;
    output.releaseSplit(task.id);
    if (this.#queue.length === 0 && !this.#isLast) this.#context.requestSplit();
  }

  #open(split: FileSplit): FileTask {
    return new FileTask(split, this.#format, this.#context);
  }
}
