// %% q1: prices in euros
import { euros } from './columns.ts';
import { bids } from './events.ts';

bids()
  .map((bid) => [bid.auction, bid.bidder, euros(bid.price), bid.dateTime, bid.extra])
  .print();
