// %% q12: bids of a person in ten seconds of our time
import { count, seconds, tumbling } from 'sluice';
import { bids } from './events.ts';

// By the clock on the wall: what comes out depends on how fast this runs.
bids()
  .keyBy(({ bidder }) => bidder)
  .window(tumbling({ size: seconds(10), time: 'processing' }))
  .aggregate(count(), (bidder, { start, end }, number) => [bidder, number, start, end])
  .print();
