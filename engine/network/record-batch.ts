// What travels on a channel: up to limits.frameRowsMax records with their event times, the watermarks at
// the row positions where they were made, and at most one control element, which ends the batch. Columns
// of plain arrays, so that a frame codec can turn them into bytes without looking at a record twice.

import type { Barrier } from '../core/barrier.ts';
import type { OperatorId } from '../core/ids.ts';
import { limits } from '../core/limits.ts';

/**
 * `data`: no record follows, but barriers may: the sender waits for its last checkpoint. In front of it
 * came the watermark of the end of time.
 * `partition`: nothing follows.
 */
export type EndOf = 'data' | 'partition';

/** The watermark of a channel that is idle: it holds nothing back until its next record or watermark. */
export const IDLE = Number.NaN;

/** Sent by a source now and then, to see how long it takes to come through. */
export interface LatencyMarker {
  readonly source: OperatorId;
  readonly subtask: number;
  /** Epoch ms. */
  readonly atMs: number;
}

const ROWS = limits.frameRowsMax;
/** Memory beside the heap costs more to make than to fill: one piece serves so many batches. */
const BATCHES_PER_SLAB = 16;

let slab = new Float64Array(0);
let taken = 0;

function newTimes(): Float64Array {
  if (taken === slab.length) {
    slab = new Float64Array(BATCHES_PER_SLAB * ROWS);
    taken = 0;
  }
  taken += ROWS;
  return new Float64Array(slab.buffer, (taken - ROWS) * 8, ROWS);
}

export class RecordBatch {
  /** From `count` on they mean nothing. */
  readonly values: unknown[];
  readonly times = newTimes();
  count = 0;
  /** Watermark i was made before row markRows[i]; rows ascend. IDLE among them. */
  readonly markRows: number[] = [];
  readonly markWatermarks: number[] = [];
  barrier: Barrier | undefined;
  end: EndOf | undefined;
  /** Behind the records, in front of the control element. It may be lost, and is in no snapshot. */
  marker: LatencyMarker | undefined;

  /** `values`: what it begins with; it is the batch's own from now on. Absent: room for as many as there may be. */
  constructor(values?: unknown[]) {
    this.values = values ?? new Array<unknown>(ROWS);
    this.count = values?.length ?? 0;
  }

  get isEmpty(): boolean {
    return (
      this.count === 0 &&
      this.markRows.length === 0 &&
      this.barrier === undefined &&
      this.end === undefined &&
      this.marker === undefined
    );
  }

  add(value: unknown, time: number): void {
    this.values[this.count] = value;
    this.times[this.count] = time;
    this.count++;
  }

  /** Two watermarks at one row are one: the later holds. */
  addWatermark(watermark: number): void {
    const last = this.markRows.length - 1;
    if (this.markRows[last] === this.count) this.markWatermarks[last] = watermark;
    else {
      this.markRows.push(this.count);
      this.markWatermarks.push(watermark);
    }
  }
}
