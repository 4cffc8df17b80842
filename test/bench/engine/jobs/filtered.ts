// %% pass-through: map and filter
import { discard } from 'sluice';
import { bids } from './bids-stream.ts';

bids()
  .map(({ auction, bidder, price, time }) => ({
    auction,
    bidder,
    price: Math.floor((price * 89) / 100),
    time,
  }))
  .filter(({ price }) => (price & 7) !== 0)
  .sinkTo(discard());
