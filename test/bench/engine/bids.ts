// Cheap records, computed from their number alone by 32-bit arithmetic that is the same in every language:
// ten bids a millisecond, half of them on a hundred auctions that change every ten seconds, half on any; and
// auctions that open, one before each fifteen bids.

export interface Bid {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly time: number;
}

export interface Opened {
  readonly id: number;
  readonly seller: number;
  readonly time: number;
}

export const AUCTIONS = 100_000;
const PEOPLE = 50_000;
const BASE_TIME = 1_600_000_000_000;

export function hashOf(i: number): number {
  return mix((i + 0x9e3779b9) | 0);
}

export function auctionOf(i: number, hash: number): number {
  const spread = hash >>> 1;
  return (hash & 1) === 0 ? spread % AUCTIONS : Math.floor(i / 100_000) * 100 + (spread % 100);
}

export const priceOf = (hash: number): number => 1 + ((mix(hash ^ 0x85ebca6b) >>> 4) % 1_000_000);

export function bid(i: number): Bid {
  const hash = hashOf(i);
  return {
    auction: auctionOf(i, hash),
    bidder: (mix(hash ^ 0x85ebca6b) >>> 12) % PEOPLE,
    price: priceOf(hash),
    time: BASE_TIME + Math.floor(i / 10),
  };
}

export function opened(j: number): Opened {
  const hash = mix(j ^ 0xc2b2ae35);
  return {
    id: (hash >>> 1) % AUCTIONS,
    seller: (hash >>> 8) % PEOPLE,
    time: BASE_TIME + Math.floor((j * 15) / 10),
  };
}

/** Bits that look as if drawn. */
function mix(number: number): number {
  let x = number;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return x ^ (x >>> 16);
}
