// %% q22: folders of addresses
import { bids } from './events.ts';

bids()
  .map(({ auction, bidder, price, channel, url }) => {
    const folders = url.split('/').slice(3, 6);
    return [auction, bidder, price, channel, ...folders];
  })
  .print();
