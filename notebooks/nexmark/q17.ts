// %% q17: prices of an auction and day
import { days, env, tumbling } from 'sluice';
import { dayOf } from './columns.ts';
import { bids } from './events.ts';

// What a subtask has of an auction travels as one row.
env.configure({ 'pipeline.pre-aggregation': 'all' });

bids()
  .map(({ auction, price }) => ({ auction, price }))
  .keyBy(({ auction }) => auction)
  .window(tumbling({ size: days(1) }))
  .aggregate(
    {
      create: () => ({ bids: 0, low: 0, middle: 0, high: 0, min: Infinity, max: 0, sum: 0 }),
      add(prices, { price }) {
        prices.bids++;
        if (price < 10_000) prices.low++;
        else if (price < 1_000_000) prices.middle++;
        else prices.high++;
        prices.min = Math.min(prices.min, price);
        prices.max = Math.max(prices.max, price);
        prices.sum += price;
        return prices;
      },
      merge(prices, others) {
        prices.bids += others.bids;
        prices.low += others.low;
        prices.middle += others.middle;
        prices.high += others.high;
        prices.min = Math.min(prices.min, others.min);
        prices.max = Math.max(prices.max, others.max);
        prices.sum += others.sum;
        return prices;
      },
    },
    (auction, { start }, { bids: number, low, middle, high, min, max, sum }) => [
      ...[auction, dayOf(start), number, low, middle, high],
      ...[min, max, Math.trunc(sum / number), sum],
    ],
  )
  .print();
