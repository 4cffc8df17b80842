// The texts of Nexmark's events: names and cities, random words, channels with their addresses, and a pool of
// a million letters that the `extra` fields are cut out of.

import type { SplittableRandom } from './random.ts';

export const STATES = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY'] as const;
export const CITIES = [
  ...['Phoenix', 'Los Angeles', 'San Francisco', 'Boise', 'Portland'],
  ...['Bend', 'Redmond', 'Seattle', 'Kent', 'Cheyenne'],
] as const;
const FIRST_NAMES = [
  ...['Peter', 'Paul', 'Luke', 'John', 'Saul', 'Vicky'],
  ...['Kate', 'Julie', 'Sarah', 'Deiter', 'Walter'],
] as const;
const LAST_NAMES = [
  ...['Shultz', 'Abrams', 'Spencer', 'White', 'Bartels'],
  ...['Walton', 'Smith', 'Jones', 'Noris'],
] as const;
const NAMES = FIRST_NAMES.flatMap((first) => LAST_NAMES.map((last) => `${first} ${last}`));

export function nextName(random: SplittableRandom): string {
  const first = random.nextInt(FIRST_NAMES.length);
  return NAMES[first * LAST_NAMES.length + random.nextInt(LAST_NAMES.length)] as string;
}

const LETTER_A = 97;
const BLANK = 32;
const UNDERSCORE = 95;
const AT = 64;
const DIGIT_0 = 48;
const DOT_COM = Buffer.from('.com');
const page = Buffer.alloc(256);

/** 3 to `maxLength - 1` letters, one in thirteen of them `special`; blanks at the ends are dropped. */
function nextString(random: SplittableRandom, maxLength: number, special = BLANK): string {
  return page.toString('latin1', 0, putWord(random, 0, maxLength, special));
}

/** An auction's item and its description. */
export function nextDescription(random: SplittableRandom): readonly [string, string] {
  const middle = putWord(random, 0, 20, BLANK);
  return cut(middle, putWord(random, middle, 100, BLANK));
}

/** A person's e-mail address and credit card. */
export function nextAccount(random: SplittableRandom): readonly [string, string] {
  let end = putWord(random, 0, 7, BLANK);
  page[end++] = AT;
  end = putWord(random, end, 5, BLANK);
  for (const letter of DOT_COM) page[end++] = letter;
  const middle = end;
  for (let left = 4; left > 0; left--) {
    end = putFourDigits(random.nextInt(10_000), end);
    if (left > 1) page[end++] = BLANK;
  }
  return cut(middle, end);
}

/** Two texts in one go: a call into Node costs as much as ten letters. */
function cut(middle: number, end: number): readonly [string, string] {
  const both = page.toString('latin1', 0, end);
  return [both.slice(0, middle), both.slice(middle)];
}

function putFourDigits(number: number, start: number): number {
  let rest = number;
  for (let i = 3; i >= 0; i--) {
    page[start + i] = DIGIT_0 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return start + 4;
}

/** Returns where it ends on the page. */
function putWord(
  random: SplittableRandom,
  start: number,
  maxLength: number,
  special: number,
): number {
  const length = 3 + random.nextInt(maxLength - 3);
  let end: number;
  let drawn: number;
  do {
    random.lookAhead(2 * length);
    end = start;
    drawn = 0;
    for (let left = length; left > 0; left--) {
      const isSpecial = random.peekInt(drawn++, 13) === 0;
      const letter = isSpecial ? special : LETTER_A + random.peekInt(drawn++, 26);
      page[end] = letter;
      if (letter !== BLANK || end > start) end++;
    }
  } while (!random.take(drawn));
  while (end > start && page[end - 1] === BLANK) end--;
  return end;
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

export const HOT_CHANNELS = 4;
export const CHANNELS = 10_000;

/**
 * The name of each and its address, those that are hot first. They stand side by side: objects of their own,
 * drawn at random, would be a cache miss for every other bid, an eighth of the whole generator's time.
 */
export function channels(random: SplittableRandom): readonly string[] {
  const part = (): string => nextString(random, 5, UNDERSCORE);
  const url = (): string =>
    `https://www.nexmark.com/${part()}/${part()}/${part()}/item.htm?query=1`;
  const hot = ['Google', 'Facebook', 'Baidu', 'Apple'].flatMap((name) => [name, url()]);
  const others = Array.from({ length: CHANNELS }, (_, i) => {
    const base = url();
    const hasId = random.nextInt(10) > 0;
    return [`channel-${i}`, hasId ? `${base}&channel_id=${channelId(i)}` : base];
  });
  return [...hot, ...others.flat()];
}

/** The bits of the number in reverse, without the sign; of 2^31, which has no positive, with it. */
function channelId(number: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = (reversed << 1) | ((number >>> bit) & 1);
  return Math.abs(reversed) | 0;
}
