// %% q17: prices of an auction and day
import { days, env, tumbling } from 'sluice';
import { dayOf, rankOf } from './columns.ts';
import { bids } from './events.ts';

// What a subtask has of an auction travels as one row.
env.configure({ 'pipeline.pre-aggregation': 'all' });

bids()
  .map(({ auction, price }) => ({ auction, price }))
  .keyBy(({ auction }) => auction)
  .window(tumbling({ size: days(1) }))
  .aggregate(
    {
      create: () => ({
        bids: 0,
        ranks: [0, 0, 0] as [number, number, number],
        min: Infinity,
        max: 0,
        sum: 0,
      }),
      add(prices, { price }) {
        prices.bids++;
        prices.ranks[rankOf(price)]++;
        prices.min = Math.min(prices.min, price);
        prices.max = Math.max(prices.max, price);
        prices.sum += price;
        return prices;
      },
      merge: (a, b) => ({
        bids: a.bids + b.bids,
        ranks: [a.ranks[0] + b.ranks[0], a.ranks[1] + b.ranks[1], a.ranks[2] + b.ranks[2]],
        min: Math.min(a.min, b.min),
        max: Math.max(a.max, b.max),
        sum: a.sum + b.sum,
      }),
    },
    (auction, { start }, { bids: number, ranks, min, max, sum }) => [
      ...[auction, dayOf(start), number, ...ranks],
      ...[min, max, Math.trunc(sum / number), sum],
    ],
  )
  .print();
