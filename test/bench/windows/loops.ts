// The same windows as loops that know their keys: typed arrays, nothing allocated. Each returns its number of rows.

import { KEYS, keyOf, timeOf } from './records.ts';

const SECOND = 1_000;
const SLIDE = 200;
const SLICES = SECOND / SLIDE;

const amountOf = (n: number): number => n & 1_023;

/** Sums and counts of the last slices, round robin; with one slice a window, of the window. */
function fixed(records: number, slide: number, slices: number): number {
  const sums = new Float64Array(KEYS * slices);
  const counts = new Int32Array(KEYS * slices);
  let rows = 0;
  const emit = (): void => {
    for (let key = 0; key < KEYS; key++) {
      let [sum, count] = [0, 0];
      for (let i = 0; i < slices; i++) {
        sum += sums[i * KEYS + key] as number;
        count += counts[i * KEYS + key] as number;
      }
      if (count > 0) rows += consume(key, sum);
    }
  };
  let slice = 0;
  const next = (): void => {
    emit();
    slice++;
    const at = (slice % slices) * KEYS;
    sums.fill(0, at, at + KEYS);
    counts.fill(0, at, at + KEYS);
  };
  for (let n = 0; n < records; n++) {
    for (const own = Math.floor(timeOf(n) / slide); slice < own; ) next();
    const at = (slice % slices) * KEYS + keyOf(n);
    (sums[at] as number) += amountOf(n);
    (counts[at] as number)++;
  }
  for (let i = 0; i < slices; i++) next();
  return rows;
}

function session(records: number): number {
  const sums = new Float64Array(KEYS);
  const lasts = new Float64Array(KEYS).fill(Number.NEGATIVE_INFINITY);
  let rows = 0;
  for (let n = 0; n < records; n++) {
    const [key, time] = [keyOf(n), timeOf(n)];
    if (time - (lasts[key] as number) > SECOND) {
      if (lasts[key] !== Number.NEGATIVE_INFINITY) rows += consume(key, sums[key] as number);
      sums[key] = 0;
    }
    (sums[key] as number) += amountOf(n);
    lasts[key] = time;
  }
  for (let key = 0; key < KEYS; key++)
    if (lasts[key] !== Number.NEGATIVE_INFINITY) rows += consume(key, sums[key] as number);
  return rows;
}

/** The few of the right side as chains by key; the left side's records of the second are gone through at its end. */
function join(records: number): number {
  const heads = new Int32Array(KEYS).fill(-1);
  const nexts = new Int32Array(100_000);
  const rights = new Int32Array(100_000);
  let [rows, from, count, end] = [0, 0, 0, SECOND];
  const emit = (to: number): void => {
    for (let n = from; n < to; n++)
      for (let at = heads[keyOf(n)] as number; at >= 0; at = nexts[at] as number)
        rows += consume(amountOf(n), amountOf(rights[at] as number));
    for (let i = 0; i < count; i++) heads[keyOf(rights[i] as number)] = -1;
    [from, count] = [to, 0];
  };
  for (let n = 0; n < records; n++) {
    const time = timeOf(n);
    if (time >= end) {
      emit(n);
      end = Math.floor(time / SECOND) * SECOND + SECOND;
    }
    if (amountOf(n) !== 0) continue;
    const key = keyOf(n);
    nexts[count] = heads[key] as number;
    rights[count] = n;
    heads[key] = count++;
  }
  emit(records);
  return rows;
}

let kept = 0;
function consume(a: number, b: number): number {
  kept = (kept + Math.imul(a, 31) + b) | 0;
  return 1;
}

export const loops = {
  tumbling: (records: number) => fixed(records, SECOND, 1),
  sliding: (records: number) => fixed(records, SLIDE, SLICES),
  session,
  join,
} as const;
