// In front of an exchange to a window: joins the elements of a key in a slice, so that few rows travel where many
// elements came. Nothing is held back that could be missed: all is sent before a watermark passes that ends a window
// of it, before a barrier (so no checkpoint has any of it), and before the stream is called idle. What is late goes
// on alone, for the window to count. So the window's results and late records are the same as without.
//
// Where keys hardly repeat joining is a loss: then elements travel alone, and it is tried again later.

import { must } from '../../core/assert.ts';
import { checkKey } from '../../core/bad-key.ts';
import { limits } from '../../core/limits.ts';
import type { LocalWindowParams } from '../../graph/operator-params.ts';
import { mapKeyOf } from '../../state/map-key.ts';
import {
  createPartialColumn,
  type PartialColumn,
  type PartialRow,
} from '../aggregates/partial-aggregates.ts';
import type { OperatorContext, StreamOperator, TimeCell } from '../stream-operator.ts';
import { PARTIALS_MAX, PartialTable } from './partial-table.ts';
import { createSlicer, type Slicer } from './slicers.ts';
import { noEventTime } from './windowing-operator.ts';

/** Elements to judge by, and how many of them a row must have to be worth it. */
const SAMPLE = 4 * PARTIALS_MAX;
const ELEMENTS_PER_ROW_MIN = 2;
/** Elements that then travel alone. */
const ALONE = 16 * SAMPLE;

type KeyOf = (value: unknown) => unknown;

class LocalWindowOperator implements StreamOperator {
  readonly canSnapshotPending = true;
  readonly #context: OperatorContext;
  readonly #time: TimeCell;
  readonly #window: string;
  readonly #slicer: Slicer;
  readonly #keyOf: KeyOf;
  readonly #table = new PartialTable();
  readonly #partials: PartialColumn;
  /** Elements come in runs of one slice: from `#from` up to here, and not late. NaN: none. */
  #slice = Number.NaN;
  #from = Number.NaN;
  /** The earliest window that has something of what is held; Infinity: none. */
  #nextEnd = Number.POSITIVE_INFINITY;
  /** Rows that have been sent of those that are being sent. */
  #sent = 0;
  #isSending = false;
  #aloneLeft = 0;
  #sampled = 0;
  #sampledRows = 0;

  constructor(params: LocalWindowParams, keyOf: KeyOf, slicer: Slicer, context: OperatorContext) {
    this.#context = context;
    this.#time = context.time;
    this.#window = params.of;
    this.#slicer = slicer;
    this.#keyOf = keyOf;
    this.#partials = createPartialColumn(params.aggregate, context, PARTIALS_MAX);
  }

  processElement(value: unknown): void {
    const timeMs = this.#slicer.isEndless ? 0 : (this.#time[0] as number);
    const isWithin = timeMs >= this.#from && timeMs < this.#slice;
    if (!isWithin && !this.#turnTo(timeMs)) return this.#sendAlone(value);
    // From one above in the chain, in the middle of its own output.
    if (this.#isSending) this.#sendAll();
    const table = this.#table;
    const row = table.rowOf(mapKeyOf(this.#keyOf(value)));
    const elements = table.elements[row] as number;
    if (!this.#partials.add(row, elements === 0, value)) return this.#giveUp(value);
    table.elements[row] = elements + 1;
    this.#sampled++;
    if (table.count === PARTIALS_MAX && !this.#send()) this.#context.pend();
  }

  onWatermark(watermark: number): boolean {
    return this.#nextEnd - 1 > watermark || this.#send();
  }

  resume(): boolean {
    return this.#send();
  }

  onIdle(): void {
    this.#sendAll();
  }

  finish(): boolean {
    return this.#send();
  }

  prepareBarrier(): undefined {
    this.#sendAll();
  }

  /** False: the element is to travel alone, being late, or since that is what all do. */
  #turnTo(timeMs: number): boolean {
    if (!Number.isFinite(timeMs)) throw noEventTime(timeMs, this.#window);
    if (this.#aloneLeft > 0) {
      this.#aloneLeft--;
      return false;
    }
    const slice = this.#slicer.sliceOf(timeMs);
    const now = this.#context.currentWatermark();
    if (this.#slicer.lastWindow(slice) - 1 <= now) return false;
    this.#slice = slice;
    this.#from = this.#slicer.sliceBefore(slice);
    this.#nextEnd = Math.min(this.#nextEnd, this.#slicer.firstWindow(slice, now));
    this.#table.turnTo(slice);
    return true;
  }

  /** Its event time stands in the cell. */
  #sendAlone(value: unknown): void {
    const partial = this.#partials.alone(value);
    this.#context.emit({ key: this.#keyOf(value), count: 1, partial } satisfies PartialRow);
  }

  /** For good: it has met what it cannot join. What it holds came before. */
  #giveUp(value: unknown): void {
    const timeMs = this.#time[0] as number;
    this.#sendAll();
    this.#aloneLeft = Number.POSITIVE_INFINITY;
    this.#time[0] = timeMs;
    this.#sendAlone(value);
  }

  /** All that is held. False: it stopped for want of credit, between two rows. */
  #send(): boolean {
    const { count } = this.#table;
    this.#isSending = true;
    while (this.#sent < count) {
      if (this.#sent % limits.firingOutputsPerTurn === 0 && !this.#context.hasCredit())
        return false;
      this.#sendRow(this.#sent++);
    }
    this.#clear();
    return true;
  }

  /** The same whatever the credit is: there are not many. */
  #sendAll(): void {
    const { count } = this.#table;
    while (this.#sent < count) this.#sendRow(this.#sent++);
    this.#clear();
  }

  #sendRow(row: number): void {
    const table = this.#table;
    const count = table.elements[row] as number;
    if (count === 0) return; // it has met what it cannot join
    this.#time[0] = this.#slicer.isEndless ? Number.NaN : (table.slices[row] as number) - 1;
    const partial = this.#partials.partial(row);
    this.#context.emit({ key: table.keyOf(row), count, partial } satisfies PartialRow);
  }

  #clear(): void {
    this.#sampledRows += this.#table.count;
    this.#table.clear();
    this.#partials.clear();
    this.#sent = 0;
    this.#isSending = false;
    this.#nextEnd = Number.POSITIVE_INFINITY;
    this.#slice = Number.NaN;
    if (this.#sampled < SAMPLE) return;
    if (this.#sampled < this.#sampledRows * ELEMENTS_PER_ROW_MIN) this.#aloneLeft = ALONE;
    this.#sampled = 0;
    this.#sampledRows = 0;
  }
}

export function createLocalWindow(
  params: LocalWindowParams,
  context: OperatorContext,
): StreamOperator {
  const slicer = must(createSlicer(params.window.assigner), 'windows that are cut into slices');
  const keyOf = context.hasFunction('key') ? checked(context.function('key') as KeyOf) : noKey;
  return new LocalWindowOperator(params, keyOf, slicer, context);
}

/** Of windows over all elements. */
const noKey: KeyOf = () => 0;

function checked(keyOf: KeyOf): KeyOf {
  return (value) => {
    const key = keyOf(value);
    if (typeof key !== 'string' && typeof key !== 'number') checkKey(key, value);
    return key;
  };
}
