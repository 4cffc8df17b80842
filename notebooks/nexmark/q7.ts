// %% q7: highest bids
import { env, milliseconds, seconds, tumbling } from 'sluice';
import { bids } from './events.ts';
import type { Bid } from './generator.ts';

// Each subtask sends the best of its own bids.
env.configure({ 'pipeline.pre-aggregation': 'all' });

const size = seconds(10);

// Those with the highest price of their window.
const highest = bids()
  .windowAll(tumbling({ size }))
  .aggregate({
    create: (): Bid[] => [],
    add(best, bid) {
      const price = best[0]?.price ?? 0;
      if (bid.price > price) return [bid];
      if (bid.price === price) best.push(bid);
      return best;
    },
    merge(a, b) {
      const [most, other] = [a[0]?.price ?? 0, b[0]?.price ?? 0];
      if (most === other) return [...a, ...b];
      return most > other ? a : b;
    },
  });

// The query lets a bid at the very end of a window take part, which belongs to the window after it. A window's
// result has the time of its last millisecond: such a bid comes one later.
const atTheEnd = highest
  .keyBy(([best]) => best?.price ?? 0)
  .intervalJoin(
    bids()
      .filter(({ dateTime }) => dateTime % size === 0)
      .keyBy(({ price }) => price),
  )
  .between(milliseconds(1), milliseconds(1))
  .process((_, bid) => row(bid));

const row = (bid: Bid) => [bid.auction, bid.price, bid.bidder, bid.dateTime, bid.extra];

highest
  .flatMap((best) => best.map(row))
  .union(atTheEnd)
  .print();
