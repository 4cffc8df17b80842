// The loops of the queries that group by day, and what all loops have in common.

import type { Bid, Event } from '../../../notebooks/nexmark/generator.ts';

/** Undefined at the end. */
export type Next = () => Event | undefined;
/** Rows go somewhere where they are not looked at, as with a sink that discards. */
export type Emit = (row: readonly unknown[]) => void;
export type Loop = (next: Next, emit: Emit) => void;

const DAY = 86_400_000;

const iso = (ms: number): string => new Date(ms).toISOString();
export const startOf = (ms: number, size: number): number => Math.floor(ms / size) * size;
const rankOf = (price: number): number => (price < 10_000 ? 0 : price < 1_000_000 ? 1 : 2);

class Statistics {
  readonly bids = [0, 0, 0, 0];
  readonly bidders = [new Set<number>(), new Set<number>(), new Set<number>(), new Set<number>()];
  readonly auctions = [new Set<number>(), new Set<number>(), new Set<number>(), new Set<number>()];
  latest = 0;

  add({ bidder, auction, price, dateTime }: Bid): void {
    this.latest = dateTime;
    for (const group of [0, 1 + rankOf(price)]) {
      (this.bids[group] as number)++;
      this.bidders[group]?.add(bidder);
      this.auctions[group]?.add(auction);
    }
  }

  get numbers(): readonly number[] {
    const sizes = (sets: readonly Set<number>[]): number[] => sets.map(({ size }) => size);
    return [...this.bids, ...sizes(this.bidders), ...sizes(this.auctions)];
  }
}

/** By day and what `key` gives, at the end of each day. */
function byDay<K, S>(
  next: Next,
  key: (bid: Bid) => K,
  create: () => S,
  add: (state: S, bid: Bid) => void,
  close: (key: K, day: string, state: S) => void,
): void {
  let groups = new Map<K, S>();
  let end = 0;
  const closeAll = (): void => {
    for (const [group, state] of groups) close(group, iso(end - DAY).slice(0, 10), state);
    groups = new Map();
  };
  for (let event = next(); event !== undefined; event = next()) {
    if (event.type !== 'bid') continue;
    if (event.dateTime >= end) {
      closeAll();
      end = startOf(event.dateTime, DAY) + DAY;
    }
    const group = key(event);
    let state = groups.get(group);
    if (state === undefined) {
      state = create();
      groups.set(group, state);
    }
    add(state, event);
  }
  closeAll();
}

export const q15: Loop = (next, emit) =>
  byDay(
    next,
    () => 0,
    () => new Statistics(),
    (state, bid) => state.add(bid),
    (_, day, { numbers }) => emit([day, ...numbers]),
  );

export const q16: Loop = (next, emit) =>
  byDay(
    next,
    ({ channel }) => channel,
    () => new Statistics(),
    (state, bid) => state.add(bid),
    (channel, day, { latest, numbers }) =>
      emit([channel, day, iso(latest).slice(11, 16), ...numbers]),
  );

export const q17: Loop = (next, emit) =>
  byDay(
    next,
    ({ auction }) => auction,
    () => ({ ranks: [0, 0, 0], min: Infinity, max: 0, sum: 0, count: 0 }),
    (state, { price }) => {
      (state.ranks[rankOf(price)] as number)++;
      state.min = Math.min(state.min, price);
      state.max = Math.max(state.max, price);
      state.sum += price;
      state.count++;
    },
    (auction, day, { ranks, min, max, sum, count }) =>
      emit([auction, day, count, ...ranks, min, max, Math.floor(sum / count), sum]),
  );
