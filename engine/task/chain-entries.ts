// Where records enter a chain, as text of its generated code (chain-code.ts): rows of a batch, a record that
// another chain hands over, and records that a source makes from their numbers. Each is a loop, or the body of
// somebody's loop, with the key taken and the chain's way written out.
//
// The `try` around each record costs nothing (13.7 against 13.2 ns for a record of four fields, where a field
// that remembers the record costs 18.5, since then it has to exist): V8 finds the record among its registers
// when something is thrown.

import type { StreamOperator } from '../operators/stream-operator.ts';

/** Of an input edge. */
export interface ChainEntry {
  /** Of the head. */
  readonly input: 0 | 1;
  /** Where the head keeps state by key: the record's is taken and set. */
  readonly keyed?: {
    readonly key: (value: unknown) => unknown;
    readonly state: { setCurrentKey(key: unknown): void };
    /** @throws BadKey naming the record. */
    check(key: unknown, value: unknown): void;
  };
}

/** Feeds rows from `from` up to `to`, until one pauses the chain, or another way is better. Returns the row behind the last one fed. */
export type FeedRows = (
  values: readonly unknown[],
  times: Float64Array,
  from: number,
  to: number,
) => number;

/**
 * Makes the records of numbers `first`, `first + stride`, … and feeds each, until one pauses the chain, there were
 * `count`, or another way is better. Returns how many. `highest[0]` becomes the highest event time, if one is higher.
 */
type MakeRecords = (
  make: (index: number) => unknown,
  highest: Float64Array,
  first: number,
  stride: number,
  count: number,
) => number;

/**
 * Feeds what `reader` gives, until a record pauses the chain or there were `count`. Returns how many, `~` how many at
 * the reader's end. `highest` as with MakeRecords.
 */
type PullRecords = (reader: { next(): unknown }, highest: Float64Array, count: number) => number;

/** Ways in that are loops. */
export interface ChainLoops {
  /** By input edge. */
  readonly rows: readonly FeedRows[];
  /** Behind a source that gives its records their event time. */
  readonly made: MakeRecords | undefined;
  readonly pulled: PullRecords | undefined;
}

interface EntryParts {
  readonly entries: readonly ChainEntry[];
  readonly head: StreamOperator;
  /** The text that feeds `value`, whose key stands in `key` and is set by `setKey`, to an input of the head. */
  feed(input: 0 | 1, setKey: string): string;
  /** The text that hands on `value` as the head's output, and does not count it. */
  handOn(): string;
  /** Where the records are counted that the head makes. */
  readonly made: string;
  /** Whether a loop may feed another record. */
  readonly goesOn: string;
  /** The text by which the head is at work. */
  readonly atHead: string;
}

interface EntryTexts {
  /** What the text of a chain begins with. */
  readonly head: string;
  /** Members of an object: ways in that are loops. */
  readonly loops: string;
  /** By input edge: the text that feeds `value` at `time`. */
  readonly hand: readonly string[];
}

export function entryTexts(parts: EntryParts): EntryTexts {
  const { entries } = parts;
  const bodies = entries.map((entry, i) => bodyOf(entry, i, parts));
  // One that is called is at work again after what it emits.
  const back = parts.head.inline === undefined ? '' : parts.atHead;
  const isSource = parts.head.eventTime !== undefined;
  return {
    head: entries.map((entry, i) => constantsOf(entry, i)).join('\n'),
    loops: `
  rows: [${bodies.map((body) => rowsText(body, back, parts)).join(',\n')}],
  made: ${isSource ? madeText(parts) : 'undefined'},
  pulled: ${isSource ? pulledText(parts) : 'undefined'},`,
    hand: bodies.map((body) => handText(body, back)),
  };
}

function constantsOf({ keyed }: ChainEntry, edge: number): string {
  if (keyed === undefined) return '';
  return `const { key: k${edge}, state: s${edge}, check: c${edge} } = E[${edge}].keyed;`;
}

function bodyOf({ input, keyed }: ChainEntry, edge: number, parts: EntryParts): string {
  if (keyed === undefined) return parts.feed(input, '');
  return `const key = k${edge}(value);
    if (typeof key !== 'string' && typeof key !== 'number') c${edge}(key, value);
    ${parts.feed(input, `s${edge}.setCurrentKey(key);`)}`;
}

const rowsText = (body: string, back: string, { goesOn }: EntryParts): string =>
  `(values, times, from, to) => {
    let row = from;
    do {
      const value = values[row];
      T[0] = times[row++];
      try { ${body} } catch (error) { lost(error, value); }
    } while (row < to && ${goesOn});
    ${back}
    return row;
  }`;

const handText = (body: string, back: string): string => `
    T[0] = time;
    try { ${body} } catch (error) { lost(error, value); }
    ${back}`;

const madeText = (parts: EntryParts): string => `(make, highest, first, stride, count) => {
    let n = first, left = count;
    do {
      ${parts.atHead}
      const value = make(n);
      ${emitText(parts)}
      n += stride;
      left--;
    } while (left > 0 && ${parts.goesOn});
    ${parts.made} += count - left;
    ${parts.atHead}
    return count - left;
  }`;

const pulledText = (parts: EntryParts): string => `(reader, highest, count) => {
    let left = count, value;
    do {
      ${parts.atHead}
      value = reader.next();
      if (value === undefined) break;
      ${emitText(parts)}
      left--;
    } while (left > 0 && ${parts.goesOn});
    ${parts.made} += count - left;
    ${parts.atHead}
    return value === undefined ? ~(count - left) : count - left;
  }`;

/** Gives `value` its event time, and hands it on. */
function emitText({ handOn, head }: EntryParts): string {
  const stamped =
    head.eventTime?.of === undefined
      ? 'const time = NaN;'
      : `const time = stamp.of(value, NaN);
        if (typeof time !== 'number' || time !== time) stamp.refuse(time);
        if (time > highest[0]) highest[0] = time;`;
  return `try {
        ${stamped}
        T[0] = time;
        ${handOn()}
      } catch (error) { lost(error, value); }`;
}
