// %% a million keys, and for how long each record is on its way
import { appendFileSync } from 'node:fs';
import { discard, env } from 'sluice';

const KEYS = 1_000_000;
/** A line each quarter of a second, at 100,000 records a second of two subtasks. */
const RECORDS_PER_LINE = 12_500;

const out = env.param('out', '');
const latencies = new Float64Array(RECORDS_PER_LINE);
let seen = 0;

const nowMs = (): number => performance.timeOrigin + performance.now();

env
  // Each key comes back after 10 s; the factor has no divisor in common with their number.
  .generate((n) => ({ key: (n * 7_919) % KEYS, count: 1, at: nowMs() }), {
    ratePerSecond: 100_000,
  })
  .keyBy(({ key }) => key)
  .reduce((a, b) => ({ key: a.key, count: a.count + b.count, at: b.at }))
  .map(({ at }) => {
    latencies[seen++] = nowMs() - at;
    if (seen < RECORDS_PER_LINE) return seen;
    seen = 0;
    const sorted = latencies.toSorted();
    const [p50, p99] = [sorted[RECORDS_PER_LINE / 2], sorted[(RECORDS_PER_LINE * 99) / 100]];
    appendFileSync(out, `${nowMs()} ${p50} ${p99}\n`);
    return seen;
  })
  .sinkTo(discard());
