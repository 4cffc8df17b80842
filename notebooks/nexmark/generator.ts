// The events of Nexmark, an auction house: of fifty in a row one is a person who joins, three are auctions
// that open, and the others bids. Everything is as in the official generator, with its seeds fixed: the same
// splits always hold the same events.

import { priceAt } from './prices.ts';
import { SplittableRandom } from './random.ts';
import {
  CHANNELS,
  CITIES,
  channels,
  HOT_CHANNELS,
  nextAccount,
  nextDescription,
  nextName,
  POOL_LENGTH,
  STATES,
  textPool,
} from './texts.ts';

export interface Person {
  readonly type: 'person';
  readonly id: number;
  readonly name: string;
  readonly emailAddress: string;
  readonly creditCard: string;
  readonly city: string;
  readonly state: string;
  /** Epoch milliseconds, as all times. */
  readonly dateTime: number;
  readonly extra: string;
}

export interface Auction {
  readonly type: 'auction';
  readonly id: number;
  readonly itemName: string;
  readonly description: string;
  readonly initialBid: number;
  readonly reserve: number;
  readonly dateTime: number;
  readonly expires: number;
  readonly seller: number;
  readonly category: number;
  readonly extra: string;
}

export interface Bid {
  readonly type: 'bid';
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly dateTime: number;
  readonly extra: string;
}

export type Event = Person | Auction | Bid;

/** A part of the events, with a random stream and a timeline of its own. */
export interface Split {
  readonly firstEventId: number;
  readonly count: number;
  /** Event time between two events. */
  readonly delayUs: number;
}

export interface Position {
  readonly events: number;
  readonly random: bigint;
}

/** `rate`: events per second of event time, over all splits. */
export function splitsOf(events: number, rate: number, splits: number): readonly Split[] {
  const each = Math.floor(events / splits);
  return Array.from({ length: splits }, (_, i) => ({
    firstEventId: 1 + i * each,
    count: i < splits - 1 ? each : events - each * (splits - 1),
    delayUs: (1_000_000 / rate) * splits,
  }));
}

const BASE_TIME = Date.UTC(2015, 6, 15);
const FIRST_ID = 1000;
const AUCTIONS_IN_FLIGHT = 100;
/** So many events later, as many auctions have opened as are in flight. */
const EVENTS_IN_FLIGHT = Math.floor((AUCTIONS_IN_FLIGHT * 50) / 3);
const ACTIVE_PEOPLE = 1000;
/** Auctions and people may be named so many ids before there are any. */
const ID_LEAD = 10;
const HOT_BATCH = 100;
/** At most. */
const DRAWS_OF_BID = 9;
const IN_A_ROW = 50;

export class EventGenerator {
  readonly #split: Split;
  readonly #random: SplittableRandom;
  readonly #pool = textPool(new SplittableRandom(1n));
  readonly #channels = channels(new SplittableRandom(2n));
  #events: number;
  /** Of the last event: its place among fifty. */
  #place: number;
  /** The newest person and auction that there are when an event happens, and those that are hot then. */
  #lastPerson: number;
  #hotPerson: number;
  #lastAuction: number;
  #hotAuction: number;

  constructor(split: Split, position?: Position) {
    this.#split = split;
    this.#events = position?.events ?? 0;
    this.#random = new SplittableRandom(position?.random ?? 3n + BigInt(split.firstEventId));
    const id = split.firstEventId + this.#events;
    this.#place = id % IN_A_ROW;
    this.#lastPerson = lastPerson(id);
    this.#hotPerson = hot(this.#lastPerson);
    this.#lastAuction = lastAuction(id);
    this.#hotAuction = hot(this.#lastAuction);
  }

  position(): Position {
    return { events: this.#events, random: this.#random.state };
  }

  /** Undefined at the end of the split. */
  next(): Event | undefined {
    if (this.#events === this.#split.count) return undefined;
    const number = ++this.#events;
    this.#place = this.#place === IN_A_ROW - 1 ? 0 : this.#place + 1;
    if (this.#place > 3) return this.#bid(number);
    return this.#place === 0 ? this.#person(number) : this.#auction(number);
  }

  #person(number: number): Person {
    const random = this.#random;
    this.#hotPerson = hot(++this.#lastPerson);
    const name = nextName(random);
    const [emailAddress, creditCard] = nextAccount(random);
    const city = pick(random, CITIES);
    const state = pick(random, STATES);
    const length =
      8 + name.length + emailAddress.length + creditCard.length + city.length + state.length;
    const extra = this.#extra(length, 200);
    return {
      type: 'person',
      id: this.#lastPerson + FIRST_ID,
      name,
      emailAddress,
      creditCard,
      city,
      state,
      dateTime: this.#timeOf(number),
      extra,
    };
  }

  #auction(number: number): Auction {
    const random = this.#random;
    this.#hotAuction = hot(++this.#lastAuction);
    const isHotSeller = random.nextInt(4) > 0;
    const seller = isHotSeller ? this.#hotPerson : somePerson(random, this.#lastPerson);
    const category = 10 + random.nextInt(5);
    const initialBid = nextPrice(random);
    const dateTime = this.#timeOf(number);
    const flightMs = this.#timeOf(number + EVENTS_IN_FLIGHT) - dateTime;
    const expires = dateTime + 1 + random.nextInt(Math.max(2 * flightMs, 1));
    const [itemName, description] = nextDescription(random);
    const reserve = initialBid + nextPrice(random);
    const extra = this.#extra(48 + itemName.length + description.length, 500);
    return {
      type: 'auction',
      id: this.#lastAuction + FIRST_ID,
      itemName,
      description,
      initialBid,
      reserve,
      dateTime,
      expires,
      seller: seller + FIRST_ID,
      category,
      extra,
    };
  }

  #bid(number: number): Bid {
    const random = this.#random;
    random.lookAhead(DRAWS_OF_BID);
    let drawn = 0;
    let auction = this.#hotAuction;
    if (random.peekInt(drawn++, 2) === 0) {
      const oldest = Math.max(this.#lastAuction - AUCTIONS_IN_FLIGHT, 0);
      auction = oldest + random.peekInt(drawn++, this.#lastAuction - oldest + 1 + ID_LEAD);
    }
    let bidder = this.#hotPerson + 1;
    if (random.peekInt(drawn++, 4) === 0) {
      const active = activePeople(this.#lastPerson);
      bidder = this.#lastPerson + 1 - active + random.peekInt(drawn++, active + ID_LEAD);
    }
    const share = random.peekDouble(drawn++);
    const isHotChannel = random.peekInt(drawn++, 2) > 0;
    const channel = isHotChannel
      ? random.peekInt(drawn++, HOT_CHANNELS)
      : HOT_CHANNELS + random.peekInt(drawn++, CHANNELS);
    // Here, since they are mostly not in the cache, and there is something to do while they come.
    const name = this.#channels[2 * channel] as string;
    const url = this.#channels[2 * channel + 1] as string;
    // What `#extra` would give for 32 of 100: 54 to 81 letters.
    const length = 54 + random.peekInt(drawn++, 28);
    const at = random.peekInt(drawn++, POOL_LENGTH - length);
    if (!random.take(drawn)) return this.#bid(number); // without the number that was unfit
    return {
      type: 'bid',
      auction: auction + FIRST_ID,
      // The official generator adds the first id twice: bidders are 1000 above the people that they are.
      bidder: bidder + 2 * FIRST_ID,
      price: priceAt(share),
      channel: name,
      url,
      dateTime: this.#timeOf(number),
      extra: this.#pool.slice(at, at + length),
    };
  }

  #timeOf(number: number): number {
    return BASE_TIME + Math.floor(Math.trunc(number * this.#split.delayUs) / 1000);
  }

  /** Fills an event up to about its average size: a fifth less or more. */
  #extra(size: number, averageSize: number): string {
    if (size > averageSize) return '';
    const missing = averageSize - size;
    const delta = roundHalfUp(missing * 0.2);
    const length = missing - delta + (delta === 0 ? 0 : this.#random.nextInt(2 * delta));
    const at = this.#random.nextInt(POOL_LENGTH - length);
    return this.#pool.slice(at, at + length);
  }
}

const lastPerson = (id: number): number => Math.floor(id / 50);

function lastAuction(id: number): number {
  const fifties = Math.floor(id / 50);
  const kind = id % 50;
  if (kind === 0) return (fifties - 1) * 3 + 2;
  return fifties * 3 + (kind < 4 ? kind - 1 : 2);
}

/** One of the people or auctions of the newest full hundred. */
const hot = (newest: number): number => Math.floor(newest / HOT_BATCH) * HOT_BATCH;

function somePerson(random: SplittableRandom, newest: number): number {
  const active = activePeople(newest);
  return newest + 1 - active + random.nextInt(active + ID_LEAD);
}

const activePeople = (newest: number): number => Math.min(newest + 1, ACTIVE_PEOPLE);

const pick = <T>(random: SplittableRandom, all: readonly T[]): T =>
  all[random.nextInt(all.length)] as T;

const nextPrice = (random: SplittableRandom): number => priceAt(random.nextDouble());

const roundHalfUp = (value: number): number => Math.floor(value + 0.5);
