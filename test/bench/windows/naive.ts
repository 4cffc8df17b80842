// Windows as one would write them down at first: an object for each record, a Map of accumulators for each
// window, an entry in each window that holds the record. Each returns its number of rows.

import { type Sale, sale } from './records.ts';

const SECOND = 1_000;
const SLIDE = 200;

/** Adds each record to all windows that hold it; emits those that are over. */
function fixed(records: number, size: number, slide: number): number {
  const windows = new Map<number, Map<number, number>>();
  let rows = 0;
  const emit = (upTo: number): void => {
    for (const [end, sums] of [...windows].toSorted(([a], [b]) => a - b)) {
      if (end > upTo) return;
      for (const [key, total] of sums) rows += consume(key, total);
      windows.delete(end);
    }
  };
  for (let n = 0, now = -1; n < records; n++) {
    const { key, amount, time } = sale(n);
    if (time > now) emit(time);
    now = time;
    for (let start = Math.floor(time / slide) * slide; start > time - size; start -= slide) {
      const sums = windows.get(start + size) ?? new Map<number, number>();
      if (sums.size === 0) windows.set(start + size, sums);
      sums.set(key, (sums.get(key) ?? 0) + amount);
    }
  }
  emit(Number.POSITIVE_INFINITY);
  return rows;
}

function session(records: number): number {
  const open = new Map<number, { sum: number; last: number }>();
  let rows = 0;
  for (let n = 0; n < records; n++) {
    const { key, amount, time } = sale(n);
    const one = open.get(key);
    if (one === undefined || time - one.last > SECOND) {
      if (one !== undefined) rows += consume(key, one.sum);
      open.set(key, { sum: amount, last: time });
    } else {
      one.sum += amount;
      one.last = time;
    }
  }
  for (const [key, { sum }] of open) rows += consume(key, sum);
  return rows;
}

function join(records: number): number {
  let lefts = new Map<number, Sale[]>();
  let rights = new Map<number, Sale[]>();
  let rows = 0;
  let end = SECOND;
  const emit = (): void => {
    for (const [key, rightsOfKey] of rights)
      for (const left of lefts.get(key) ?? [])
        for (const right of rightsOfKey) rows += consume(left.amount, right.amount);
    [lefts, rights] = [new Map(), new Map()];
  };
  const put = (map: Map<number, Sale[]>, one: Sale): void => {
    const list = map.get(one.key);
    if (list === undefined) map.set(one.key, [one]);
    else list.push(one);
  };
  for (let n = 0; n < records; n++) {
    const one = sale(n);
    if (one.time >= end) {
      emit();
      end = Math.floor(one.time / SECOND) * SECOND + SECOND;
    }
    put(lefts, one);
    if (one.amount === 0) put(rights, one);
  }
  emit();
  return rows;
}

let kept = 0;
function consume(a: number, b: number): number {
  kept = (kept + Math.imul(a, 31) + b) | 0;
  return 1;
}

export const naive = {
  tumbling: (records: number) => fixed(records, SECOND, SECOND),
  sliding: (records: number) => fixed(records, SECOND, SLIDE),
  session,
  join,
} as const;
