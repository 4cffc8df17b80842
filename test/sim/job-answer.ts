// What must come of a job, by plain loops over its records: no operator, no watermark, no parallelism. It shares
// nothing with the engine, so that what is wrong there is not wrong here.

import { BATCH, isLeft, type JobShape, recordOf, type SimRecord } from './job-shape.ts';
import { problemOf } from './rows.ts';

export interface Row {
  readonly key: number;
  readonly n: number;
}

/** All rows, those of a key in the order in which they come if they have one. */
export const answerOf = (shape: JobShape): readonly Row[] =>
  answerTo(
    shape,
    Array.from({ length: shape.count }, (_, i) => i),
  );

/** Of those that the source has made by then. */
function answerTo(shape: JobShape, made: readonly number[]): readonly Row[] {
  const records = recordsOf(shape, made);
  return [...Map.groupBy(records, ({ key }) => key)].flatMap(([key, own]) =>
    rowsOf(shape, own).map((n) => ({ key, n })),
  );
}

function recordsOf({ disorderMs, copies }: JobShape, made: readonly number[]): SimRecord[] {
  const records: SimRecord[] = [];
  for (const i of made) {
    const row = recordOf(i, disorderMs);
    for (let c = 0; c < copies; c++) records.push({ ...row, n: row.n * copies + c });
  }
  return records;
}

/**
 * What is wrong with the rows of a job whose sources ended when they were told to: of each split some first records
 * count, whole, with all that they come to.
 */
export function drainedProblem(
  shape: JobShape,
  splits: number,
  rows: readonly Row[],
  isOrdered: boolean,
): string | undefined {
  for (let split = 0; split < splits; split++) {
    const own = rows.filter(({ key }) => key % splits === split);
    const problem = drainedSplitProblem(shape, splits, split, own, isOrdered);
    if (problem !== undefined) return `of split ${split} of ${splits}: ${problem}`;
  }
  return undefined;
}

/** The sum of all rows grows with the records, but for a record that adds nothing to it: either may be the last. */
function drainedSplitProblem(
  shape: JobShape,
  splits: number,
  split: number,
  rows: readonly Row[],
  isOrdered: boolean,
): string | undefined {
  const answer = (records: number): readonly Row[] =>
    answerTo(
      shape,
      Array.from({ length: records }, (_, i) => split + i * splits),
    );
  const total = sumOf(rows);
  let [low, high] = [0, Math.ceil((shape.count - split) / splits)];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sumOf(answer(middle)) < total) low = middle + 1;
    else high = middle;
  }
  const problem = problemOf(rows, answer(low), isOrdered, true);
  return problem === undefined ? problem : problemOf(rows, answer(low + 1), isOrdered, true);
}

const sumOf = (rows: readonly Pick<Row, 'n'>[]): number => rows.reduce((sum, { n }) => sum + n, 0);

/** Of one key. */
function rowsOf(shape: JobShape, own: readonly SimRecord[]): number[] {
  const { kind, sizeMs, slideMs } = shape;
  switch (kind) {
    case 'reduce':
      return runningSums(own);
    case 'batches':
      return batchSums(own);
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

/** What is too little for another batch says nothing. */
const batchSums = (own: readonly SimRecord[]): number[] =>
  Array.from({ length: Math.floor(own.length / BATCH) }, (_, i) =>
    sumOf(own.slice(i * BATCH, (i + 1) * BATCH)),
  );

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
