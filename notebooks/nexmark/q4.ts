// %% q4: mean of the winning prices of a category
import { global, mean, triggers } from 'sluice';
import { winningBids } from './winning-bids.ts';

// One window for everything, which fires at the end of the input.
winningBids()
  .keyBy(({ auction }) => auction.category)
  .window(global())
  .trigger(triggers.eventTime())
  .aggregate(
    mean(({ bid }) => bid.price),
    (category, _, price) => [category, Math.trunc(price)],
  )
  .print();
