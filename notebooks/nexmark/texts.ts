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
const word = Buffer.alloc(128);

/** 3 to `maxLength - 1` letters, one in thirteen of them `special`; blanks at the ends are dropped. */
export function nextString(random: SplittableRandom, maxLength: number, special = ' '): string {
  const length = 3 + random.nextInt(maxLength - 3);
  for (let i = 0; i < length; i++)
    word[i] = random.nextInt(13) === 0 ? special.charCodeAt(0) : LETTER_A + random.nextInt(26);
  return word.toString('latin1', 0, length).trim();
}

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
  const part = (): string => nextString(random, 5, '_');
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
