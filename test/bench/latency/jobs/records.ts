// %% a hundred thousand records a second through one keyed exchange
import { env } from 'sluice';

// How long each was under way, in tenths of a millisecond by the machine's clock, which all threads share. A
// key says now and then what its subtask has seen since it said so last: the row is the distribution, from 0 to
// 100 ms in steps of 10 µs; what took longer counts as that.
const STEPS = 10_000;
const SAID_AFTER = 50_000;
const WARM_UP = 200_000;

const seen = new Uint32Array(STEPS + 1);
let count = 0;

const nowMs = () => {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1_000 + nanos / 1e6;
};

env
  .generate((n) => ({ n, key: n % 1_000, sentMs: nowMs() }), {
    count: WARM_UP + env.param('events', 1_000_000),
    ratePerSecond: env.param('rate', 100_000),
  })
  .keyBy(({ key }) => key)
  .reduce((_, record) => record)
  .flatMap(({ n, sentMs }) => {
    if (n < WARM_UP) return [];
    const took = Math.min(STEPS, Math.floor((nowMs() - sentMs) * 100));
    seen[took] = (seen[took] ?? 0) + 1;
    if (++count % SAID_AFTER !== 0) return [];
    const steps = [...seen.entries()].filter(([, times]) => times > 0);
    seen.fill(0);
    return [steps];
  })
  .print();
