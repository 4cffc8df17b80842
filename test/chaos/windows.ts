// %% sums over windows
// The job of `npm run chaos`: what it writes can be told by arithmetic, see answer.ts.
import { env, files, tumbling, watermarks } from 'sluice';

const records = env.param('records', 1_000_000);
const rate = env.param('rate', 50_000);
const out = env.param('out', 'out');

env
  .generate((n) => ({ key: n % 50, n, count: 1 }), { count: records, ratePerSecond: rate })
  .withWatermarks(watermarks.monotonous(), ({ n }) => n)
  .rebalance()
  .map(({ key, n, count }) => ({ key, window: n - (n % 5_000), sum: n, count }))
  .keyBy(({ key }) => key)
  .window(tumbling({ size: 5_000 }))
  .reduce(({ key, window, sum, count }, b) => ({
    key,
    window,
    sum: sum + b.sum,
    count: count + b.count,
  }))
  .sinkTo(files(out));
