// %% q0: all bids
import { bids } from './events.ts';

bids()
  .map((bid) => [bid.auction, bid.bidder, bid.price, bid.dateTime, bid.extra])
  .print();
