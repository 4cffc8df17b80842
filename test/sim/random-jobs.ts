// Jobs as a seed draws them, each with the rows that it must print: those of the failure tests, and joins of
// two keyed inputs in windows, from one source or from two of which one may be slow.

import { below, type Random } from '../../engine/core/random.ts';
import type { TestProgram } from '../harness/test-jobs.ts';
import { byKey, expectedRows, stories } from '../runtime/programs.ts';

export interface SimulatedJob {
  readonly name: string;
  readonly program: TestProgram;
  readonly isOrdered: boolean;
  readonly wanted: ReturnType<typeof byKey>;
}

interface JoinShape {
  readonly count: number;
  /** Records a second; undefined: as fast as they are taken. */
  readonly leftRate: number | undefined;
  readonly rightRate: number | undefined;
  readonly hasOneSource: boolean;
  readonly sizeMs: number;
}

const KEYS = 12;
const record = (i: number): { key: number; n: number } => ({ key: i % KEYS, n: i });

/** How many records of each side meet in a window, as `left × 1000 + right`. */
const joins =
  ({ count, leftRate, rightRate, hasOneSource, sizeMs }: JoinShape): TestProgram =>
  ({ env, watermarks, tumbling }) => {
    const source = (rate: number | undefined) =>
      env
        .generate(record, { count, ...(rate === undefined ? {} : { ratePerSecond: rate }) })
        .withWatermarks(watermarks.boundedOutOfOrderness(4), (row) => row.n);
    const left = source(leftRate);
    const right = hasOneSource ? left : source(rightRate);
    left
      .filter((row) => isLeft(row.n))
      .coGroup(right.filter((row) => !isLeft(row.n)))
      .where((row) => row.key)
      .equalTo((row) => row.key)
      .window(tumbling({ size: sizeMs }))
      .apply((lefts, rights) =>
        [lefts[0] ?? rights[0]].flatMap((row) =>
          row === undefined ? [] : [{ key: row.key, n: lefts.length * 1_000 + rights.length }],
        ),
      )
      .print('rows');
  };

const isLeft = (n: number): boolean => n % 7 < 3;

/** The same by plain loops. */
function joined({ count, sizeMs }: JoinShape): ReturnType<typeof byKey> {
  const meetings = new Map<string, { readonly key: number; n: number }>();
  for (let i = 0; i < count; i++) {
    const { key, n } = record(i);
    const id = `${Math.floor(n / sizeMs)} ${key}`;
    const meeting = meetings.get(id) ?? { key, n: 0 };
    meeting.n += isLeft(n) ? 1_000 : 1;
    meetings.set(id, meeting);
  }
  return byKey([...meetings.values()], false);
}

const RATES = [undefined, 500, 2_000] as const;

function randomJoin(random: Random): SimulatedJob {
  const shape: JoinShape = {
    count: 20 + below(random, 300),
    leftRate: RATES[below(random, RATES.length)],
    rightRate: RATES[below(random, RATES.length)],
    hasOneSource: below(random, 2) === 0,
    sizeMs: 10 + below(random, 200),
  };
  const name = `join ${JSON.stringify(shape)}`;
  return { name, program: joins(shape), isOrdered: false, wanted: joined(shape) };
}

const NAMES = ['running sums', 'sums over windows', 'pairs'];

const fixed: readonly SimulatedJob[] = stories.map((story, i) => ({
  name: NAMES[i] ?? 'story',
  ...story,
  wanted: expectedRows(story),
}));

export function randomJob(random: Random): SimulatedJob {
  return fixed[below(random, 2 * fixed.length)] ?? randomJoin(random);
}
