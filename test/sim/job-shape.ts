// What a simulated job is: data, drawn from a seed, of which one file makes a program for the cluster and
// another computes by plain loops what must come of it. Its records have times that jump back and forth a little.

import { below, type Random } from '../../engine/core/random.ts';

const KINDS = [
  'reduce',
  'batches',
  'tumbling',
  'sliding',
  'session',
  'timers',
  'coGroup',
  'intervalJoin',
] as const;

export interface JobShape {
  readonly kind: (typeof KINDS)[number];
  readonly count: number;
  /** Records a second, of all subtasks together; undefined: as fast as they are taken. */
  readonly ratePerSecond: number | undefined;
  /** By how much a record's time may be behind that of one before it. */
  readonly disorderMs: number;
  /** A shuffle without keys in front of the keyed operator. */
  readonly isSpread: boolean;
  /** Every record becomes so many on the way. */
  readonly copies: number;
  readonly hasOneSource: boolean;
  /** Looks at the clock for each record: it takes time, and what comes behind has to wait. */
  readonly looks: number;
  /** A few rows of a source of their own, long before the others end. */
  readonly hasEarly: boolean;
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly sink: 'print' | 'files' | 'both';
  readonly rollBytes: number;
}

export interface SimRecord {
  readonly key: number;
  readonly n: number;
  readonly t: number;
}

const KEYS = 12;

/** Each key is of one split, whatever the parallelism up to 4. In bursts of 60 with pauses between. */
export const recordOf = (i: number, disorderMs: number): SimRecord => ({
  key: i % KEYS,
  n: i,
  t: i + Math.floor(i / 60) * 40 - ((i * 7919) % (disorderMs + 1)),
});

/** What comes of a key's records is of the order in which they come. */
export const isOrdered = ({ kind }: Pick<JobShape, 'kind'>): boolean =>
  kind === 'reduce' || kind === 'batches';

/** So many records of a key make one of its batches. */
export const BATCH = 3;

export const isLeft = ({ n }: SimRecord): boolean => n % 7 < 3;

export const EARLY = 5;

const RATES = [undefined, 300, 400, 400, 600, 600, 900] as const;
/** Of all records of a source: 1.5 virtual seconds. */
const LOOKS_MAX = 150_000;
const SINKS = ['print', 'files', 'files', 'both'] as const;

export function randomShape(random: Random): JobShape {
  const kind = KINDS[below(random, KINDS.length)] ?? 'reduce';
  const slideMs = 10 + below(random, 40);
  // Pairs grow with the square of it.
  const copiesMax = kind === 'intervalJoin' ? 2 : 40;
  const looks = [0, 0, 0, 20, 60][below(random, 5)] ?? 0;
  // Where records take time there are many of them, so that batches are full.
  const copies =
    [1, looks > 0 ? Math.min(copiesMax, 12) : 1, 1, 2, copiesMax][below(random, 5)] ?? 1;
  const drawnRate = RATES[below(random, RATES.length)];
  const rate = looks > 0 && below(random, 2) === 0 ? undefined : drawnRate;
  const count = Math.ceil((200 + below(random, 300)) / (copies > 2 ? 3 : 1));
  return {
    kind,
    count,
    ratePerSecond: rate === undefined || copies <= 2 ? rate : rate / 3,
    disorderMs: below(random, 2) * below(random, 20),
    isSpread: !isOrdered({ kind }) && below(random, 2) === 0,
    copies,
    hasOneSource: below(random, 2) === 0,
    // Longer than that at work, one process would use up the time of all.
    looks: Math.min(looks, Math.floor(LOOKS_MAX / (count * copies))),
    sizeMs: slideMs * (1 + below(random, 3)),
    slideMs,
    sink: SINKS[below(random, SINKS.length)] ?? 'files',
    rollBytes: [60, 1_000, 1 << 20][below(random, 3)] ?? 60,
    hasEarly: below(random, 4) === 0,
  };
}
