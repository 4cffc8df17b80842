// %% q13: bids with a value from a table
import { bids } from './events.ts';

// The table does not change: what a cell declares is there wherever its functions run.
const table = new Map(Array.from({ length: 10_000 }, (_, i) => [i, String(i)] as const));

bids()
  .flatMap(({ auction, bidder, price, dateTime }) => {
    const found = table.get(auction % 10_000);
    return found === undefined ? [] : [[auction, bidder, price, dateTime, found]];
  })
  .print();
