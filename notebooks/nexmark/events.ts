// The events of Nexmark as streams: what the queries of this folder begin with.
//
//   npx sluice run notebooks/nexmark/q5.ts --set events=1000000 --set rate=10000
import { env, seconds, watermarks } from 'sluice';
import {
  type Auction,
  type Bid,
  EventGenerator,
  type Person,
  type Position,
  type Split,
  splitsOf,
} from './generator.ts';

// `rate` events make a second of event time; they come as fast as they are taken. The events of one split are
// the same whatever the parallelism. With several splits they are others, and can be made side by side.
const count = env.param('events', 100_000);
const rate = env.param('rate', 10_000);
const splits = env.param('splits', 1);

const events = env
  .fromSource({
    name: 'nexmark',
    splits: splitsOf(count, rate, splits),
    createReader: (split: Split, position?: Position) => new EventGenerator(split, position),
  })
  .withWatermarks(watermarks.boundedOutOfOrderness(seconds(4)), ({ dateTime }) => dateTime);

// Functions, so that a query has only those that it asks for.
export const persons = () => events.filter((event): event is Person => event.type === 'person');
export const auctions = () => events.filter((event): event is Auction => event.type === 'auction');
export const bids = () => events.filter((event): event is Bid => event.type === 'bid');
