// %% pass-through: map and filter
import { discard } from 'sluice';
import { bids } from './bids-stream.ts';

bids()
  .map((bid) => ({ ...bid, price: Math.floor((bid.price * 89) / 100) }))
  .filter(({ price }) => (price & 7) !== 0)
  .sinkTo(discard());
