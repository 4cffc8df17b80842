// %% q4: mean of the winning prices of a category
import { global, mean, triggers } from 'sluice';
import { auctions, bids } from './events.ts';
import { winningBids } from './winning-bids.ts';

// One window for everything, which fires at the end of the input.
winningBids(
  auctions().map(({ id, category, dateTime, expires }) => ({ id, category, dateTime, expires })),
  bids().map(({ auction, price, dateTime }) => ({ auction, price, dateTime })),
)
  .keyBy(({ auction }) => auction.category)
  .window(global())
  .trigger(triggers.eventTime())
  .aggregate(
    mean(({ bid }) => bid.price),
    (category, _, price) => [category, Math.trunc(price)],
  )
  .print();
