// Splits of a sequence of numbers: split k of n has k, k + n, k + 2n, …, so that readers that advance
// evenly emit the sequence roughly in order. A reader with several splits takes the lowest number first.
// With a rate each number has its moment: it is due its spacing after the number before it, whichever
// reader has that; so readers need not know of one another, and nothing drifts.

import type { Timer } from '../core/clock.ts';
import { NO_TIME } from '../core/time.ts';
import type {
  PollResult,
  ReaderContext,
  ReaderOutput,
  SourceReader,
  SourceSplit,
  SplitOutput,
} from './source.ts';

export interface StridedSplit extends SourceSplit {
  /** The next number. */
  readonly next: number;
  readonly stride: number;
  /** Inclusive. */
  readonly last: number;
}

/** One split a subtask; fewer when the numbers do not suffice. */
export function stridedSplits(first: number, last: number, count: number): StridedSplit[] {
  const used = Math.min(count, Math.max(0, last - first + 1));
  return Array.from({ length: used }, (_, i) => ({
    id: `${i + 1} of ${used}`,
    next: first + i,
    stride: used,
    last,
  }));
}

/** A split at work. Number `n` has the rank `origin + n * scale`; the lowest rank is next. */
interface Cursor {
  readonly id: string;
  next: number;
  readonly stride: number;
  readonly last: number;
  origin: number;
}

/** What a reader that was held up makes good at once, in milliseconds of its rate. */
const BURST_MS = 50;

export class StridedReader implements SourceReader<unknown, StridedSplit> {
  readonly #context: ReaderContext;
  readonly #make: (index: number) => unknown;
  readonly #isPaced: boolean;
  /** Paced: ranks are monotonic times, and this is the milliseconds between numbers. Else they are the numbers. */
  readonly #scale: number;
  readonly #cursors: Cursor[] = [];
  #isLast = false;
  #timer: Timer | undefined;

  /** @param ratePerSecond Over all readers; null: as fast as they are taken. */
  constructor(
    context: ReaderContext,
    make: (index: number) => unknown,
    ratePerSecond: number | null,
  ) {
    this.#context = context;
    this.#make = make;
    this.#isPaced = ratePerSecond !== null;
    this.#scale = ratePerSecond === null ? 1 : 1_000 / ratePerSecond;
  }

  start(): void {
    this.#context.requestSplit();
  }

  addSplits(splits: readonly StridedSplit[]): void {
    for (const { id, next, stride, last } of splits)
      this.#cursors.push({ id, next, stride, last, origin: this.#originOf(next, stride) });
    this.#context.wake();
  }

  noMoreSplits(): void {
    this.#isLast = true;
    this.#context.wake();
  }

  poll(output: ReaderOutput<unknown>, max: number): PollResult {
    const now = this.#now();
    for (let left = max; ; ) {
      const cursor = this.#earliest(undefined);
      if (cursor === undefined) return this.#isLast ? 'end' : 'nothing';
      const rank = this.#rankOf(cursor);
      if (rank > now) return this.#sleep(rank - now);
      if (left === 0) return 'more';
      const other = this.#earliest(cursor);
      const until = other === undefined ? now : Math.min(now, this.#rankOf(other));
      const emitted = this.#emit(cursor, output, left, (until - cursor.origin) / this.#scale);
      if (emitted === 0) return 'more';
      left -= emitted;
    }
  }

  snapshot(): readonly StridedSplit[] {
    return this.#cursors.map(({ id, next, stride, last }) => ({ id, next, stride, last }));
  }

  close(): void {
    this.#timer?.[Symbol.dispose]();
  }

  /** A split begins now; its neighbours one number apart, whatever number each has reached. */
  #originOf(next: number, stride: number): number {
    if (!this.#isPaced) return 0;
    const neighbour = next % stride;
    return this.#context.clock.monotonic() - (next - neighbour) * this.#scale;
  }

  /** Ranks up to this one are due. */
  #now(): number {
    if (!this.#isPaced) return Number.POSITIVE_INFINITY;
    const now = this.#context.clock.monotonic();
    for (const cursor of this.#cursors) this.#forgive(cursor, now);
    return now;
  }

  #rankOf({ origin, next }: Cursor): number {
    return origin + next * this.#scale;
  }

  #earliest(except: Cursor | undefined): Cursor | undefined {
    let earliest: Cursor | undefined;
    for (const cursor of this.#cursors) {
      if (cursor === except) continue;
      if (earliest === undefined || this.#rankOf(cursor) < this.#rankOf(earliest))
        earliest = cursor;
    }
    return earliest;
  }

  /** Emits one number and those behind it up to `bound`; fewer, or none, when the chain pauses. */
  #emit(cursor: Cursor, output: ReaderOutput<unknown>, max: number, bound: number): number {
    const target = output.split(cursor.id);
    const last = Math.min(bound, cursor.last);
    const due = Math.max(1, Math.floor((last - cursor.next) / cursor.stride) + 1);
    const wanted = Math.min(max, due);
    const made = target.emitMade?.(this.#make, cursor.next, cursor.stride, wanted);
    const count = made ?? this.#emitEach(target, cursor, wanted);
    cursor.next += count * cursor.stride;
    if (cursor.next > cursor.last) {
      this.#cursors.splice(this.#cursors.indexOf(cursor), 1);
      output.releaseSplit(cursor.id);
    }
    return count;
  }

  #emitEach(target: SplitOutput<unknown>, { next, stride }: Cursor, count: number): number {
    const make = this.#make;
    for (let i = 0; i < count; i++) target.emit(make(next + i * stride), NO_TIME);
    return count;
  }

  /** What is overdue by more than a burst, and by more than one number, is not made good. */
  #forgive(cursor: Cursor, now: number): void {
    const overdueMs = now - this.#rankOf(cursor);
    if (overdueMs > Math.max(BURST_MS, cursor.stride * this.#scale))
      cursor.origin += overdueMs - BURST_MS;
  }

  #sleep(delayMs: number): 'nothing' {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#context.clock.after(Math.ceil(delayMs), () => this.#context.wake());
    return 'nothing';
  }
}
