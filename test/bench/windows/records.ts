// What the windows are measured with: 10,000 keys, a hundred records a millisecond, each with an amount. For
// sessions a key has a record in every 100 ms but in each fourth second, so that they come to an end.

export interface Sale {
  readonly key: number;
  readonly amount: number;
  readonly time: number;
}

export const KEYS = 10_000;
const RECORDS_PER_MS = 100;

export function sale(n: number): Sale {
  const time = timeOf(n);
  return { key: keyOf(n), amount: n & 1_023, time };
}

/** With a gap of more than a second after every three. */
export function timeOf(n: number): number {
  const ms = Math.floor(n / RECORDS_PER_MS);
  return ms + Math.floor(ms / 3_000) * 1_500;
}

/** All keys in some order, then again. */
export const keyOf = (n: number): number => ((n % KEYS) * 7_919) % KEYS;
