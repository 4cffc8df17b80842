// What each query of notebooks/nexmark asks, answered by plain loops over the events in memory: nothing of an
// operator, a window or a state in here. Rows are in the columns of the queries, in any order.

import type { Auction, Bid, Event, Person } from '../../../notebooks/nexmark/generator.ts';

type Row = readonly unknown[];
type Answer = (events: Events) => readonly Row[];

export class Events {
  readonly persons: readonly Person[];
  readonly auctions: readonly Auction[];
  readonly bids: readonly Bid[];

  constructor(events: readonly Event[]) {
    this.persons = events.filter((event) => event.type === 'person');
    this.auctions = events.filter((event) => event.type === 'auction');
    this.bids = events.filter((event) => event.type === 'bid');
  }
}

const SECOND = 1_000;
const EXTRA_COLUMNS = (b: Bid): Row => [b.channel, b.url, b.dateTime, b.extra];

const date = (ms: number): string => new Date(ms).toISOString().split('T')[0] ?? '';
const time = (ms: number): string => new Date(ms).toISOString().split('T')[1]?.slice(0, 5) ?? '';
const below = (ms: number, size: number): number => ms - (ms % size);
const most = (numbers: readonly number[]): number =>
  numbers.reduce((a, b) => Math.max(a, b), -Infinity);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** 0.908 times the price, written digit by digit. */
function euros(price: number): string {
  const digits = String(price * 908).padStart(4, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

const RANKS: readonly ((price: number) => boolean)[] = [
  () => true,
  (price) => price < 10_000,
  (price) => price >= 10_000 && price < 1_000_000,
  (price) => price >= 1_000_000,
];

const ranked = (bids: readonly Bid[]): readonly (readonly Bid[])[] =>
  RANKS.map((isOfRank) => bids.filter(({ price }) => isOfRank(price)));

const different = (values: readonly unknown[]): number => new Set(values).size;

/** Numbers of bids, bidders and auctions, of each: all and by rank. */
function statistics(bids: readonly Bid[]): Row {
  const groups = ranked(bids);
  return [
    ...groups.map((group) => group.length),
    ...groups.map((group) => different(group.map(({ bidder }) => bidder))),
    ...groups.map((group) => different(group.map(({ auction }) => auction))),
  ];
}

const groupsOf = <T>(values: readonly T[], key: (value: T) => unknown): readonly T[][] => [
  ...Map.groupBy(values, key).values(),
];

/** Auctions with their best bid. */
function winners({ auctions, bids }: Events): readonly (readonly [Auction, Bid])[] {
  const byAuction = Map.groupBy(bids, ({ auction }) => auction);
  return auctions.flatMap((auction) => {
    const valid = (byAuction.get(auction.id) ?? []).filter(
      (bid) => bid.dateTime >= auction.dateTime && bid.dateTime <= auction.expires,
    );
    // The sort is stable: of equal ones the first.
    const [best] = valid.toSorted((a, b) => b.price - a.price || a.dateTime - b.dateTime);
    return best === undefined ? [] : [[auction, best] as const];
  });
}

function hotItems({ bids }: Events): readonly Row[] {
  const windows = new Map<number, Map<number, number>>();
  for (const { auction, dateTime } of bids) {
    const last = below(dateTime, 2 * SECOND);
    for (let start = last; start > dateTime - 10 * SECOND; start -= 2 * SECOND) {
      const counts = windows.get(start) ?? new Map<number, number>();
      windows.set(start, counts.set(auction, (counts.get(auction) ?? 0) + 1));
    }
  }
  return [...windows.values()].flatMap((counts) => {
    const top = most([...counts.values()]);
    return [...counts].filter(([, count]) => count === top);
  });
}

function highestBids({ bids }: Events): readonly Row[] {
  const windows = Map.groupBy(bids, ({ dateTime }) => below(dateTime, 10 * SECOND));
  return [...windows].flatMap(([start, own]) => {
    const top = most(own.map(({ price }) => price));
    const next = windows.get(start + 10 * SECOND) ?? [];
    const atEnd = next.filter(({ dateTime }) => dateTime === start + 10 * SECOND);
    return [...own, ...atEnd]
      .filter(({ price }) => price === top)
      .map((b) => [b.auction, b.price, b.bidder, b.dateTime, b.extra]);
  });
}

function newSellers({ persons, auctions }: Events): readonly Row[] {
  const windowOf = ({ dateTime }: Person | Auction): number => below(dateTime, 10 * SECOND);
  const sold = new Set(auctions.map((auction) => `${auction.seller} ${windowOf(auction)}`));
  return persons
    .filter((person) => sold.has(`${person.id} ${windowOf(person)}`))
    .map((person) => [person.id, person.name, windowOf(person)]);
}

function sessions({ bids }: Events): readonly Row[] {
  return groupsOf(bids, ({ bidder }) => bidder).flatMap((own) => {
    const found: [number, number, number, number][] = [];
    for (const { bidder, dateTime } of own.toSorted((a, b) => a.dateTime - b.dateTime)) {
      const last = found.at(-1);
      if (last === undefined || dateTime > last[3])
        found.push([bidder, 1, dateTime, dateTime + 10 * SECOND]);
      else {
        last[1]++;
        last[3] = dateTime + 10 * SECOND;
      }
    }
    return found;
  });
}

function timeType(ms: number): string {
  const hour = Number(time(ms).slice(0, 2));
  if (hour === 7 || hour === 19) return 'otherTime';
  return hour > 7 && hour < 19 ? 'dayTime' : 'nightTime';
}

function channelId({ channel, url }: Bid): string | null {
  const hot = ['apple', 'google', 'facebook', 'baidu'].indexOf(channel.toLowerCase());
  return hot >= 0 ? String(hot) : new URL(url).searchParams.get('channel_id');
}

/** Query 12 has no answer: it goes by the clock. */
export const answers: Readonly<Record<string, Answer>> = {
  q0: ({ bids }) => bids.map((b) => [b.auction, b.bidder, b.price, b.dateTime, b.extra]),
  q1: ({ bids }) => bids.map((b) => [b.auction, b.bidder, euros(b.price), b.dateTime, b.extra]),
  q2: ({ bids }) =>
    bids.filter(({ auction }) => auction % 123 === 0).map((b) => [b.auction, b.price]),
  q3: ({ persons, auctions }) =>
    persons
      .filter(({ state }) => state === 'OR' || state === 'ID' || state === 'CA')
      .flatMap(({ id, name, city, state }) =>
        auctions
          .filter(({ seller, category }) => seller === id && category === 10)
          .map((auction) => [name, city, state, auction.id]),
      ),
  q4: (events) =>
    groupsOf(winners(events), ([{ category }]) => category).map((won) => [
      won[0]?.[0].category,
      Math.floor(sum(won.map(([, { price }]) => price)) / won.length),
    ]),
  q5: hotItems,
  q7: highestBids,
  q8: newSellers,
  q9: (events) =>
    winners(events).map(([a, b]) => [
      ...[a.id, a.itemName, a.description, a.initialBid, a.reserve],
      ...[a.dateTime, a.expires, a.seller, a.category, a.extra],
      ...[b.auction, b.bidder, b.price, b.dateTime, b.extra],
    ]),
  q10: ({ bids }) =>
    bids.map((b) => [
      ...[b.auction, b.bidder, b.price, b.dateTime, b.extra],
      ...[date(b.dateTime), time(b.dateTime)],
    ]),
  q11: sessions,
  q13: ({ bids }) =>
    bids.map((b) => [b.auction, b.bidder, b.price, b.dateTime, `${b.auction % 10_000}`]),
  q14: ({ bids }) =>
    bids
      .filter(({ price }) => Number(euros(price)) > 1e6 && Number(euros(price)) < 5e7)
      .map((b) => [
        ...[b.auction, b.bidder, euros(b.price), timeType(b.dateTime), b.dateTime, b.extra],
        [...b.extra].filter((letter) => letter === 'c').length,
      ]),
  q15: ({ bids }) =>
    groupsOf(bids, ({ dateTime }) => date(dateTime)).map((own) => [
      date(own[0]?.dateTime ?? 0),
      ...statistics(own),
    ]),
  q16: ({ bids }) =>
    groupsOf(bids, (b) => `${b.channel} ${date(b.dateTime)}`).map((own) => [
      own[0]?.channel,
      date(own[0]?.dateTime ?? 0),
      time(most(own.map(({ dateTime }) => dateTime))),
      ...statistics(own),
    ]),
  q17: ({ bids }) =>
    groupsOf(bids, (b) => `${b.auction} ${date(b.dateTime)}`).map((own) => {
      const prices = own.map(({ price }) => price);
      return [
        ...[own[0]?.auction, date(own[0]?.dateTime ?? 0), ...ranked(own).map((g) => g.length)],
        ...[-most(prices.map((price) => -price)), most(prices)],
        ...[Math.floor(sum(prices) / own.length), sum(prices)],
      ];
    }),
  q18: ({ bids }) =>
    groupsOf(bids, (b) => `${b.bidder} ${b.auction}`).map((own) => {
      const b = own.reduce((last, bid) => (bid.dateTime < last.dateTime ? last : bid));
      return [b.auction, b.bidder, b.price, ...EXTRA_COLUMNS(b)];
    }),
  q19: ({ bids }) =>
    groupsOf(bids, ({ auction }) => auction).flatMap((own) =>
      own
        .toSorted((a, b) => b.price - a.price)
        .slice(0, 10)
        .map((b, i) => [b.auction, b.bidder, b.price, ...EXTRA_COLUMNS(b), i + 1]),
    ),
  q20: ({ auctions, bids }) => {
    const wanted = new Map(auctions.map((a) => [a.id, a]));
    return bids.flatMap((b) => {
      const a = wanted.get(b.auction);
      if (a?.category !== 10) return [];
      return [
        [
          ...[b.auction, b.bidder, b.price, ...EXTRA_COLUMNS(b), a.itemName, a.description],
          ...[a.initialBid, a.reserve, a.dateTime, a.expires, a.seller, a.category, a.extra],
        ],
      ];
    });
  },
  q21: ({ bids }) =>
    bids
      .map((b) => [b.auction, b.bidder, b.price, b.channel, channelId(b)])
      .filter(([, , , , id]) => id !== null),
  q22: ({ bids }) =>
    bids.map((b) => [b.auction, b.bidder, b.price, b.channel, ...b.url.split('/').slice(3, 6)]),
};

/** The rows as they are compared: one JSON array a line, sorted. */
export const canonical = (rows: readonly unknown[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
