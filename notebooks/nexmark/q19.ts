// %% q19: ten highest bids for an auction
import { global, topN, triggers } from 'sluice';
import { bids } from './events.ts';
import type { Bid } from './generator.ts';

// One window for everything, which fires at the end of the input.
bids()
  .keyBy(({ auction }) => auction)
  .window(global())
  .trigger(triggers.eventTime())
  .aggregate(topN(10, ({ price }) => price))
  .flatMap((best) => best.map((bid, i) => row(bid, i + 1)))
  .print();

const row = (b: Bid, rank: number) => [
  ...[b.auction, b.bidder, b.price, b.channel, b.url, b.dateTime, b.extra],
  rank,
];
