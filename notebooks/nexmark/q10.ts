// %% q10: bids with their day and minute
import { dayOf, minuteOf } from './columns.ts';
import { bids } from './events.ts';

bids()
  .map(({ auction, bidder, price, dateTime, extra }) => {
    const [day, minute] = [dayOf(dateTime), minuteOf(dateTime)];
    return [auction, bidder, price, dateTime, extra, day, minute];
  })
  .print();
