// %% two hundred thousand keys of a kilobyte each
import { discard, env } from 'sluice';

env
  .generate((n) => ({ key: n % 200_000, text: String(n).padEnd(1_000, 'x') }), {
    ratePerSecond: 40_000,
  })
  .keyBy(({ key }) => key)
  .reduce((_, next) => next)
  .sinkTo(discard());
