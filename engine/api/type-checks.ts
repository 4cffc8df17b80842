// What tsc checks of a program beyond types of records: that a window over event time has it, and that
// keys are keys. A check is a type that an argument must have too: any, or a Problem, which no value has and
// whose text tsc quotes.

import type { Key } from '../core/key-hash.ts';

declare const problem: unique symbol;

/** Says why an argument is refused. */
export interface Problem<Text extends string> {
  readonly [problem]: Text;
}

/**
 * Whether a stream has event time, in its type: an editor shows `DataStream<Flight, 'event time'>`.
 * `DataStream<Flight>` may be either.
 */
export type TimeMark = 'event time' | 'no event time';

/** What a window needs of its stream. */
export type TimeNeed = 'event time' | 'nothing';

// Tables and not conditional types: of two streams, tsc can tell from a table that one is also the other.

/** The mark of what two streams make together: both must have event time. */
export type Together<A extends TimeMark, B extends TimeMark> = Marks[A][B];

interface Marks {
  readonly 'event time': {
    readonly 'event time': 'event time';
    readonly 'no event time': 'no event time';
  };
  readonly 'no event time': {
    readonly 'event time': 'no event time';
    readonly 'no event time': 'no event time';
  };
}

/** For what a key function gives; the rules are those of core/key-hash.ts. */
export type KeyCheck<K> = [K] extends [Key]
  ? unknown
  : [Exclude<K, null | undefined>] extends [Key]
    ? Problem<'keyBy needs a key for every record, and this one may be missing: give it a default, such as ?? 0'>
    : Problem<'keyBy needs a key that can be compared: a string, number, bigint, boolean, Date, or a tuple of these'>;

/** For the other side of a join or connect: keys meet only keys of their type. */
export type SameKey<A, B> = [Widened<A>] extends [Widened<B>]
  ? unknown
  : [Widened<B>] extends [Widened<A>]
    ? unknown
    : Problem<"both sides need keys of one type: 1 and '1' are two keys">;

type Widened<K> = K extends string
  ? string
  : K extends number
    ? number
    : K extends bigint
      ? bigint
      : K extends boolean
        ? boolean
        : K;
