// The jobs of this folder as one loop each, with typed arrays and nothing allocated: the most that one thread
// of JavaScript can do. A loop returns its number of rows.

import { AUCTIONS, auctionOf, hashOf, opened, priceOf } from './bids.ts';

const isKept = (price: number): boolean => (price & 7) !== 0;
const reduced = (price: number): number => Math.floor((price * 89) / 100);

/** Records of two and of ten seconds. */
const SLIDE = 20_000;
const SIZE = 100_000;

function filtered(records: number): number {
  let rows = 0;
  for (let i = 0; i < records; i++) {
    const hash = hashOf(i);
    const price = reduced(priceOf(hash));
    if (isKept(price)) consume(auctionOf(i, hash) ^ price, rows++);
  }
  return rows;
}

function running(records: number): number {
  const counts = new Int32Array(keysOf(records));
  const sums = new Float64Array(counts.length);
  let rows = 0;
  for (let i = 0; i < records; i++) {
    const hash = hashOf(i);
    const price = reduced(priceOf(hash));
    if (!isKept(price)) continue;
    const auction = auctionOf(i, hash);
    (counts[auction] as number)++;
    (sums[auction] as number) += price;
    consume(sums[auction] as number, rows++);
  }
  return rows;
}

function hot(records: number): number {
  const counts = new Int32Array(keysOf(records));
  const slices = Array.from({ length: SIZE / SLIDE }, () => new Int32Array(SLIDE));
  const lengths = slices.map(() => 0);
  let rows = 0;
  const last = Math.ceil(records / SLIDE) + slices.length - 1;
  for (let n = 0; n < last; n++) {
    const at = n % slices.length;
    const slice = slices[at] as Int32Array;
    for (let k = 0; k < (lengths[at] as number); k++) (counts[slice[k] as number] as number)--;
    const to = Math.min(records, (n + 1) * SLIDE);
    let length = 0;
    for (let i = n * SLIDE; i < to; i++) {
      const auction = auctionOf(i, hashOf(i));
      (counts[auction] as number)++;
      slice[length++] = auction;
    }
    lengths[at] = length;
    consume(greatest(counts), rows++);
  }
  return rows;
}

function greatest(counts: Int32Array): number {
  let most = 0;
  for (const count of counts) if (count > most) most = count;
  return most;
}

function highest(records: number): number {
  let rows = 0;
  for (let from = 0; from < records; from += SIZE) {
    const to = Math.min(records, from + SIZE);
    let [price, auction] = [0, 0];
    for (let i = from; i < to; i++) {
      const hash = hashOf(i);
      const other = priceOf(hash);
      if (other < price) continue;
      const its = auctionOf(i, hash);
      if (other > price || its < auction) [price, auction] = [other, its];
    }
    consume(price ^ auction, rows++);
  }
  return rows;
}

function joined(records: number): number {
  const heads = new Int32Array(keysOf(records)).fill(-1);
  const [next, ids, sellers] = [new Int32Array(8192), new Int32Array(8192), new Int32Array(8192)];
  const [auctions, prices] = [new Int32Array(SIZE), new Int32Array(SIZE)];
  let rows = 0;
  for (let from = 0; from < records; from += SIZE) {
    const count = Math.min(SIZE, records - from);
    let open = 0;
    for (let k = 0; k < count; k++) {
      const i = from + k;
      if (i % 15 === 0) {
        const { id, seller } = opened(i / 15);
        [ids[open], sellers[open], next[open]] = [id, seller, heads[id] as number];
        heads[id] = open++;
      }
      const hash = hashOf(i);
      auctions[k] = auctionOf(i, hash);
      prices[k] = priceOf(hash);
    }
    for (let k = 0; k < count; k++)
      for (let at = heads[auctions[k] as number] as number; at >= 0; at = next[at] as number)
        consume((prices[k] as number) ^ (sellers[at] as number), rows++);
    for (let at = 0; at < open; at++) heads[ids[at] as number] = -1;
  }
  return rows;
}

/** Hot auctions go beyond the others with time. */
const keysOf = (records: number): number =>
  Math.max(AUCTIONS, (Math.floor(records / SIZE) + 1) * 100);

/** So that no work is left out whose result nobody reads. */
let sum = 0;
function consume(value: number, row: number): void {
  sum = (sum + Math.imul(value, 31) + row) | 0;
}

export const loops = { filtered, running, hot, highest, joined } as const;
