// %% running count and sum of a key
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
  .keyBy(({ auction }) => auction)
  .aggregate(
    {
      create: () => ({ count: 0, sum: 0 }),
      add(total, { price }) {
        total.count++;
        total.sum += price;
        return total;
      },
    },
    (auction, { count, sum }) => ({ auction, count, sum }),
  )
  .sinkTo(discard());
