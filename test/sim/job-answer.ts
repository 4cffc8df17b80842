// What must come of a job, by plain loops over its records: no operator, no watermark, no parallelism. It shares
// nothing with the engine, so that what is wrong there is not wrong here.

import { isLeft, type JobShape, recordOf, type SimRecord } from './job-shape.ts';

export interface Row {
  readonly key: number;
  readonly n: number;
}

/** All rows, those of a key in the order in which they come if they have one. */
export function answerOf(shape: JobShape): readonly Row[] {
  const records = recordsOf(shape);
  return [...Map.groupBy(records, ({ key }) => key)].flatMap(([key, own]) =>
    rowsOf(shape, own).map((n) => ({ key, n })),
  );
}

function recordsOf({ count, disorderMs, copies }: JobShape): SimRecord[] {
  const records: SimRecord[] = [];
  for (let i = 0; i < count; i++) {
    const row = recordOf(i, disorderMs);
    for (let c = 0; c < copies; c++) records.push({ ...row, n: row.n * copies + c });
  }
  return records;
}

/** Of one key. */
function rowsOf(shape: JobShape, own: readonly SimRecord[]): number[] {
  const { kind, sizeMs, slideMs } = shape;
  switch (kind) {
    case 'reduce':
      return runningSums(own);
    case 'tumbling':
    case 'timers':
      return windowSums(own, (t) => [Math.floor(t / sizeMs)]);
    case 'sliding':
      return windowSums(own, (t) => slidesOf(t, sizeMs, slideMs));
    case 'session':
      return sessionSums(own, slideMs);
    case 'coGroup':
      return windowSums(own, (t) => [Math.floor(t / sizeMs)], ofBothSides);
    case 'intervalJoin':
      return pairs(own, slideMs);
  }
}

function runningSums(own: readonly SimRecord[]): number[] {
  let sum = 0;
  return own.map(({ n }) => {
    sum += n;
    return sum;
  });
}

function slidesOf(t: number, sizeMs: number, slideMs: number): number[] {
  const windows: number[] = [];
  for (let start = Math.floor(t / slideMs); start * slideMs > t - sizeMs; start--)
    windows.push(start);
  return windows;
}

const ofBothSides = (row: SimRecord): number => (isLeft(row) ? row.n * 10_000 : row.n);

function windowSums(
  own: readonly SimRecord[],
  windowsOf: (t: number) => readonly number[],
  numberOf: (row: SimRecord) => number = ({ n }) => n,
): number[] {
  const sums = new Map<number, number>();
  for (const row of own)
    for (const window of windowsOf(row.t))
      sums.set(window, (sums.get(window) ?? 0) + numberOf(row));
  return [...sums.values()];
}

function sessionSums(own: readonly SimRecord[], gapMs: number): number[] {
  const sums: number[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const { t, n } of own.toSorted((a, b) => a.t - b.t)) {
    // Windows that only touch are merged too.
    if (t > end) sums.push(0);
    sums.push((sums.pop() ?? 0) + n);
    end = t + gapMs;
  }
  return sums;
}

function pairs(own: readonly SimRecord[], apartMs: number): number[] {
  const rights = own.filter((row) => !isLeft(row));
  return own
    .filter(isLeft)
    .flatMap((left) =>
      rights
        .filter(({ t }) => Math.abs(t - left.t) <= apartMs)
        .map((right) => left.n * 10_000 + right.n),
    );
}
