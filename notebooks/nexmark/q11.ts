// %% q11: bids of a person in one sitting
import { count, seconds, session } from 'sluice';
import { bids } from './events.ts';

bids()
  .map(({ bidder }) => bidder)
  .keyBy((bidder) => bidder)
  .window(session({ gap: seconds(10) }))
  .aggregate(count(), (bidder, { start, end }, number) => [bidder, number, start, end])
  .print();
