// Each query as somebody would write it who has one thread, all events in order and no need to recover: one
// loop with arrays and maps. What an engine cannot do better is measured against this.

import { systemClock } from '../../../engine/core/system-clock.ts';
import { dayOf, euros, minuteOf } from '../../../notebooks/nexmark/columns.ts';
import type { Auction, Bid, Person } from '../../../notebooks/nexmark/generator.ts';
import { type Emit, type Loop, type Next, q15, q16, q17, startOf } from './day-loops.ts';

const SIZE = 10_000;
const SLIDE = 2_000;

const overBids =
  (onBid: (bid: Bid, emit: Emit) => void): Loop =>
  (next, emit) => {
    for (let event = next(); event !== undefined; event = next())
      if (event.type === 'bid') onBid(event, emit);
  };

function listIn<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

const STATES = new Set(['OR', 'ID', 'CA']);

function q3(next: Next, emit: Emit): void {
  const sellers = new Map<number, Person>();
  const waiting = new Map<number, number[]>();
  for (let event = next(); event !== undefined; event = next()) {
    if (event.type === 'auction' && event.category === 10) {
      const person = sellers.get(event.seller);
      if (person === undefined) listIn(waiting, event.seller, event.id);
      else emit([person.name, person.city, person.state, event.id]);
    } else if (event.type === 'person' && STATES.has(event.state)) {
      sellers.set(event.id, event);
      for (const id of waiting.get(event.id) ?? []) emit([event.name, event.city, event.state, id]);
      waiting.delete(event.id);
    }
  }
}

interface Sale {
  readonly auction: Auction;
  best: Bid | undefined;
}

function offer(sale: Sale, bid: Bid): void {
  const { auction, best } = sale;
  if (bid.dateTime < auction.dateTime || bid.dateTime > auction.expires) return;
  if (best === undefined || bid.price > best.price) sale.best = bid;
  else if (bid.price === best.price && bid.dateTime < best.dateTime) sale.best = bid;
}

function sales(next: Next): ReadonlyMap<number, Sale> {
  const found = new Map<number, Sale>();
  const early = new Map<number, Bid[]>();
  for (let event = next(); event !== undefined; event = next()) {
    if (event.type === 'auction') {
      const sale: Sale = { auction: event, best: undefined };
      found.set(event.id, sale);
      for (const bid of early.get(event.id) ?? []) offer(sale, bid);
      early.delete(event.id);
    } else if (event.type === 'bid') {
      const sale = found.get(event.auction);
      if (sale === undefined) listIn(early, event.auction, event);
      else offer(sale, event);
    }
  }
  return found;
}

function q4(next: Next, emit: Emit): void {
  const categories = new Map<number, { sum: number; count: number }>();
  for (const { auction, best } of sales(next).values()) {
    if (best === undefined) continue;
    const total = categories.get(auction.category) ?? { sum: 0, count: 0 };
    total.sum += best.price;
    total.count++;
    categories.set(auction.category, total);
  }
  for (const [category, { sum, count }] of categories) emit([category, Math.floor(sum / count)]);
}

/** Counts of the last slices, added up: a slice that begins brings its own, one that leaves takes its. */
class SlidingCounts {
  readonly #total = new Map<number, number>();
  readonly #slices: Map<number, number>[] = [];
  #slice = new Map<number, number>();

  add(auction: number): void {
    addTo(this.#slice, auction, 1);
  }

  /** Ends a slice, and with it a window. */
  close(emit: Emit): void {
    for (const [auction, count] of this.#slice) addTo(this.#total, auction, count);
    if (this.#slices.push(this.#slice) > SIZE / SLIDE)
      for (const [auction, count] of this.#slices.shift() ?? [])
        addTo(this.#total, auction, -count);
    this.#slice = new Map();
    let most = 0;
    for (const count of this.#total.values()) if (count > most) most = count;
    for (const [auction, count] of this.#total) if (count === most) emit([auction, count]);
  }
}

function addTo(counts: Map<number, number>, key: number, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

function q5(next: Next, emit: Emit): void {
  const counts = new SlidingCounts();
  let end = Infinity;
  for (let event = next(); event !== undefined; event = next()) {
    if (event.type !== 'bid') continue;
    if (end === Infinity) end = startOf(event.dateTime, SLIDE) + SLIDE;
    for (; event.dateTime >= end; end += SLIDE) counts.close(emit);
    counts.add(event.auction);
  }
  for (let i = 0; i < SIZE / SLIDE; i++) counts.close(emit);
}

function q7(next: Next, emit: Emit): void {
  let best: Bid[] = [];
  let before: Bid[] = [];
  let end = 0;
  const row = (b: Bid): void => emit([b.auction, b.price, b.bidder, b.dateTime, b.extra]);
  for (let event = next(); event !== undefined; event = next()) {
    if (event.type !== 'bid') continue;
    if (event.dateTime >= end) {
      best.forEach(row);
      before = best;
      best = [];
      end = startOf(event.dateTime, SIZE) + SIZE;
    }
    if (event.dateTime === end - SIZE && event.price === before[0]?.price) row(event);
    const price = best[0]?.price ?? 0;
    if (event.price > price) best = [event];
    else if (event.price === price) best.push(event);
  }
  best.forEach(row);
}

function q8(next: Next, emit: Emit): void {
  let persons: Person[] = [];
  let sellers = new Set<number>();
  let end = 0;
  const close = (): void => {
    for (const { id, name } of persons) if (sellers.has(id)) emit([id, name, end - SIZE]);
    persons = [];
    sellers = new Set();
  };
  for (let event = next(); event !== undefined; event = next()) {
    if (event.type === 'bid') continue;
    if (event.dateTime >= end) {
      close();
      end = startOf(event.dateTime, SIZE) + SIZE;
    }
    if (event.type === 'person') persons.push(event);
    else sellers.add(event.seller);
  }
  close();
}

function q9(next: Next, emit: Emit): void {
  for (const { auction: a, best: b } of sales(next).values()) {
    if (b === undefined) continue;
    emit([
      ...[a.id, a.itemName, a.description, a.initialBid, a.reserve, a.dateTime, a.expires],
      ...[a.seller, a.category, a.extra, b.auction, b.bidder, b.price, b.dateTime, b.extra],
    ]);
  }
}

function q11(next: Next, emit: Emit): void {
  const open = new Map<number, { count: number; start: number; end: number }>();
  for (let event = next(); event !== undefined; event = next()) {
    if (event.type !== 'bid') continue;
    const { bidder, dateTime } = event;
    const session = open.get(bidder);
    if (session !== undefined && dateTime <= session.end) {
      session.count++;
      session.end = dateTime + SIZE;
      continue;
    }
    if (session !== undefined) emit([bidder, session.count, session.start, session.end]);
    open.set(bidder, { count: 1, start: dateTime, end: dateTime + SIZE });
  }
  for (const [bidder, { count, start, end }] of open) emit([bidder, count, start, end]);
}

/** Events between two looks at the clock. */
const PER_LOOK = 1_000;

function q12(next: Next, emit: Emit): void {
  let counts = new Map<number, number>();
  let [end, seen] = [0, 0];
  const fire = (): void => {
    for (const [bidder, count] of counts) emit([bidder, count, end - SIZE, end]);
    counts = new Map();
  };
  for (let event = next(); event !== undefined; event = next()) {
    if (seen++ % PER_LOOK === 0 && systemClock.now() >= end) {
      fire();
      end = startOf(systemClock.now(), SIZE) + SIZE;
    }
    if (event.type === 'bid') counts.set(event.bidder, (counts.get(event.bidder) ?? 0) + 1);
  }
  fire();
}

function q18(next: Next, emit: Emit): void {
  const last = new Map<number, Bid>();
  for (let event = next(); event !== undefined; event = next())
    if (event.type === 'bid') last.set(event.bidder * 2 ** 26 + event.auction, event);
  for (const b of last.values())
    emit([b.auction, b.bidder, b.price, b.channel, b.url, b.dateTime, b.extra]);
}

function q19(next: Next, emit: Emit): void {
  const auctions = new Map<number, Bid[]>();
  for (let event = next(); event !== undefined; event = next()) {
    if (event.type !== 'bid') continue;
    const best = auctions.get(event.auction);
    if (best === undefined) {
      auctions.set(event.auction, [event]);
      continue;
    }
    let at = best.length;
    while (at > 0 && (best[at - 1] as Bid).price < event.price) at--;
    if (at === 10) continue;
    best.splice(at, 0, event);
    if (best.length > 10) best.pop();
  }
  for (const best of auctions.values())
    for (const [i, b] of best.entries())
      emit([b.auction, b.bidder, b.price, b.channel, b.url, b.dateTime, b.extra, i + 1]);
}

class Joined {
  /** Null: of another category. */
  readonly #auctions = new Map<number, Auction | null>();
  readonly #waiting = new Map<number, Bid[]>();
  readonly #emit: Emit;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  onAuction(auction: Auction): void {
    const isWanted = auction.category === 10;
    this.#auctions.set(auction.id, isWanted ? auction : null);
    if (isWanted) for (const bid of this.#waiting.get(auction.id) ?? []) this.#row(bid, auction);
    this.#waiting.delete(auction.id);
  }

  onBid(bid: Bid): void {
    const auction = this.#auctions.get(bid.auction);
    if (auction === undefined) listIn(this.#waiting, bid.auction, bid);
    else if (auction !== null) this.#row(bid, auction);
  }

  #row(b: Bid, a: Auction): void {
    this.#emit([
      ...[b.auction, b.bidder, b.price, b.channel, b.url, b.dateTime, b.extra, a.itemName],
      ...[a.description, a.initialBid, a.reserve, a.dateTime, a.expires, a.seller, a.category],
      a.extra,
    ]);
  }
}

function q20(next: Next, emit: Emit): void {
  const joined = new Joined(emit);
  for (let event = next(); event !== undefined; event = next()) {
    if (event.type === 'auction') joined.onAuction(event);
    else if (event.type === 'bid') joined.onBid(event);
  }
}

const CHANNELS = new Map(['apple', 'google', 'facebook', 'baidu'].map((name, i) => [name, `${i}`]));

export const loops: Readonly<Record<string, Loop>> = {
  q0: overBids((b, emit) => emit([b.auction, b.bidder, b.price, b.dateTime, b.extra])),
  q1: overBids((b, emit) => emit([b.auction, b.bidder, euros(b.price), b.dateTime, b.extra])),
  q2: overBids((b, emit) => {
    if (b.auction % 123 === 0) emit([b.auction, b.price]);
  }),
  q3,
  q4,
  q5,
  q7,
  q8,
  q9,
  q10: overBids(({ auction, bidder, price, dateTime, extra }, emit) =>
    emit([auction, bidder, price, dateTime, extra, dayOf(dateTime), minuteOf(dateTime)]),
  ),
  q11,
  q12,
  q13: overBids((b, emit) =>
    emit([b.auction, b.bidder, b.price, b.dateTime, String(b.auction % 10_000)]),
  ),
  q14: overBids((b, emit) => {
    const thousandths = b.price * 908;
    if (thousandths <= 1e9 || thousandths >= 5e10) return;
    const hour = new Date(b.dateTime).getUTCHours();
    const type = hour >= 8 && hour <= 18 ? 'day' : hour <= 6 || hour >= 20 ? 'night' : 'other';
    let letters = 0;
    for (let i = 0; i < b.extra.length; i++) if (b.extra.charCodeAt(i) === 99) letters++;
    emit([b.auction, b.bidder, euros(b.price), `${type}Time`, b.dateTime, b.extra, letters]);
  }),
  q15,
  q16,
  q17,
  q18,
  q19,
  q20,
  q21: overBids((b, emit) => {
    let id = CHANNELS.get(b.channel.toLowerCase());
    const at = b.url.indexOf('&channel_id=');
    if (id === undefined && at >= 0) id = b.url.slice(at + '&channel_id='.length);
    if (id !== undefined) emit([b.auction, b.bidder, b.price, b.channel, id]);
  }),
  q22: overBids((b, emit) => {
    const parts = b.url.split('/');
    emit([b.auction, b.bidder, b.price, b.channel, parts[3], parts[4], parts[5]]);
  }),
};
