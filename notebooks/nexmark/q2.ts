// %% q2: bids for some auctions
import { bids } from './events.ts';

bids()
  .filter(({ auction }) => auction % 123 === 0)
  .map(({ auction, price }) => [auction, price])
  .print();
