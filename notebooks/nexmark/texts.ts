// The texts of Nexmark's events: names and cities, random words, channels with their addresses, and a pool of
// a million letters that the `extra` fields are cut out of.

import type { SplittableRandom } from './random.ts';

export const STATES = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY'] as const;
export const CITIES = [
  ...['Phoenix', 'Los Angeles', 'San Francisco', 'Boise', 'Portland'],
  ...['Bend', 'Redmond', 'Seattle', 'Kent', 'Cheyenne'],
] as const;
export const FIRST_NAMES = [
  ...['Peter', 'Paul', 'Luke', 'John', 'Saul', 'Vicky'],
  ...['Kate', 'Julie', 'Sarah', 'Deiter', 'Walter'],
] as const;
export const LAST_NAMES = [
  ...['Shultz', 'Abrams', 'Spencer', 'White', 'Bartels'],
  ...['Walton', 'Smith', 'Jones', 'Noris'],
] as const;

const LETTER_A = 97;
const BLANK = 32;
const UNDERSCORE = 95;
const page = Buffer.alloc(256);

/** 3 to `maxLength - 1` letters, one in thirteen of them `special`; blanks at the ends are dropped. */
export function nextString(random: SplittableRandom, maxLength: number, special = BLANK): string {
  return page.toString('latin1', 0, putWord(random, 0, maxLength, special));
}

/** Two of them. A call into Node costs as much as ten letters: both are made with one. */
export function nextStrings(
  random: SplittableRandom,
  first: number,
  second: number,
): readonly [string, string] {
  const middle = putWord(random, 0, first, BLANK);
  const both = page.toString('latin1', 0, putWord(random, middle, second, BLANK));
  return [both.slice(0, middle), both.slice(middle)];
}

/** Returns where it ends on the page. */
function putWord(
  random: SplittableRandom,
  start: number,
  maxLength: number,
  special: number,
): number {
  let end = start;
  for (let left = 3 + random.nextInt(maxLength - 3); left > 0; left--) {
    const letter = random.nextInt(13) === 0 ? special : LETTER_A + random.nextInt(26);
    page[end] = letter;
    if (letter !== BLANK || end > start) end++;
  }
  while (end > start && page[end - 1] === BLANK) end--;
  return end;
}

/** `0000 0000 0000 0000`, any digits. */
export function nextCreditCard(random: SplittableRandom): string {
  const four = (): string => FOUR_DIGITS[random.nextInt(10_000)] as string;
  return `${four()} ${four()} ${four()} ${four()}`;
}

const FOUR_DIGITS = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(4, '0'));

export const POOL_LENGTH = 1 << 20;

/** Letters, and what stands before them in ASCII: six characters of each number drawn. */
export function textPool(random: SplittableRandom): string {
  const pool = Buffer.alloc(POOL_LENGTH);
  for (let i = 0, drawn = 0; i < POOL_LENGTH; i++) {
    if (i % 6 === 0) drawn = random.nextInt32();
    pool[i] = LETTER_A + (drawn % 26);
    drawn = Math.trunc(drawn / 26);
  }
  return pool.toString('latin1');
}

export interface Channel {
  readonly name: string;
  readonly url: string;
}

export interface Channels {
  readonly hot: readonly Channel[];
  readonly all: readonly Channel[];
}

export function channels(random: SplittableRandom): Channels {
  const part = (): string => nextString(random, 5, UNDERSCORE);
  const url = (): string =>
    `https://www.nexmark.com/${part()}/${part()}/${part()}/item.htm?query=1`;
  const hot = ['Google', 'Facebook', 'Baidu', 'Apple'].map((name) => ({ name, url: url() }));
  const all = Array.from({ length: 10_000 }, (_, i) => {
    const base = url();
    const hasId = random.nextInt(10) > 0;
    return { name: `channel-${i}`, url: hasId ? `${base}&channel_id=${channelId(i)}` : base };
  });
  return { hot, all };
}

/** The bits of the number in reverse, without the sign; of 2^31, which has no positive, with it. */
function channelId(number: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = (reversed << 1) | ((number >>> bit) & 1);
  return Math.abs(reversed) | 0;
}
