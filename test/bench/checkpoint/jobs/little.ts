// %% a thousand keys
import { discard, env } from 'sluice';

env
  .generate((n) => ({ key: n % 1_000, seen: 1 }), { ratePerSecond: 5_000 })
  .keyBy(({ key }) => key)
  .reduce((a, b) => ({ key: a.key, seen: a.seen + b.seen }))
  .sinkTo(discard());
