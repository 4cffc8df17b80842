// %% q5: hot items
import { count, env, seconds, sliding, tumbling } from 'sluice';
import { bids } from './events.ts';

interface Hot {
  readonly auction: number;
  readonly bids: number;
}

// Each subtask sends how many bids it has had, and of those windows the hottest.
env.configure({ 'pipeline.pre-aggregation': 'all' });

// What a window gives belongs to the time at which it ends: the counts of one window meet in the next one.
bids()
  .map(({ auction }) => auction)
  .keyBy((auction) => auction)
  .window(sliding({ size: seconds(10), slide: seconds(2) }))
  .aggregate(count(), (auction, _, number): Hot => ({ auction, bids: number }))
  .windowAll(tumbling({ size: seconds(2) }))
  .aggregate({
    create: (): Hot[] => [],
    add(hottest, one) {
      const most = hottest[0]?.bids ?? 0;
      if (one.bids > most) return [one];
      if (one.bids === most) hottest.push(one);
      return hottest;
    },
    merge(a, b) {
      const [most, other] = [a[0]?.bids ?? 0, b[0]?.bids ?? 0];
      if (most === other) return [...a, ...b];
      return most > other ? a : b;
    },
  })
  .flatMap((hottest) => hottest.map((one) => [one.auction, one.bids]))
  .print();
