// %% q18: last bid of a person for an auction
import { env, global, triggers } from 'sluice';
import { bids } from './events.ts';

// Of the bids that follow one another only the last travels.
env.configure({ 'pipeline.pre-aggregation': 'all' });

// One window for everything, which fires at the end of the input.
bids()
  .keyBy(({ bidder, auction }) => [bidder, auction])
  .window(global())
  .trigger(triggers.eventTime())
  .reduce((last, bid) => (bid.dateTime >= last.dateTime ? bid : last))
  .map((b) => [b.auction, b.bidder, b.price, b.channel, b.url, b.dateTime, b.extra])
  .print();
