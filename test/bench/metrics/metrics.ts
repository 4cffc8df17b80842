// npm run bench -- metrics: what the counters of operators cost, in a real slot with source, exchange and state. The
// same job runs with the code of its chains as it is, and with every line taken out of it that counts a record or
// says which operator is at work. CPU of the process for each record, the least of some rounds, in turns.

import type { TestProgram } from '../../harness/test-jobs.ts';
import { SlotHarness } from '../../task/slot-harness.ts';
import type { Grid } from '../report.ts';
import type { ThroughputSettings } from '../throughput.ts';
import { sale } from '../windows/records.ts';

const RECORDS = 2_000_000;
const ROUNDS = 6;

/** As chain-code.ts writes them. */
const COUNTERS = /M\[\d+\](?:\+\+| = -?\d+);/g;

const PROGRAMS: Readonly<Record<string, (records: number) => TestProgram>> = {
  'four operators':
    (records) =>
    ({ env, discard }) =>
      void env
        .generate(sale, { count: records })
        .map(({ key, amount, time }) => ({ key, amount: amount * 2, time }))
        .filter(({ amount }) => amount % 3 !== 0)
        .map(({ key, amount }) => ({ key, amount: amount + 1 }))
        .filter(({ amount }) => amount % 5 !== 0)
        .sinkTo(discard()),
  'keyed sums':
    (records) =>
    ({ env, discard, sum }) =>
      void env
        .generate(sale, { count: records })
        .map(({ key, amount }) => ({ key, amount: amount + 1 }))
        .keyBy(({ key }) => key)
        .aggregate(sum(({ amount }) => amount))
        .sinkTo(discard()),
  'tumbling windows':
    (records) =>
    ({ env, discard, sum, watermarks, tumbling, seconds }) =>
      void env
        .generate(sale, { count: records })
        .withWatermarks(watermarks.monotonous(), ({ time }) => time)
        .keyBy(({ key }) => key)
        .window(tumbling({ size: seconds(1) }))
        .aggregate(sum(({ amount }) => amount))
        .sinkTo(discard()),
};

export async function metrics({
  names,
  events = RECORDS,
}: ThroughputSettings): Promise<readonly Grid[]> {
  const rows = [];
  for (const [name, programOf] of Object.entries(PROGRAMS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const best = { counted: Infinity, bare: Infinity };
    for (let round = 0; round < ROUNDS; round++) {
      best.counted = Math.min(best.counted, await cpuOf(programOf(events), events));
      best.bare = Math.min(best.bare, await bare(() => cpuOf(programOf(events), events)));
    }
    const share = (best.counted / best.bare - 1) * 100;
    rows.push({ name, values: [best.counted, best.bare, share, 2] });
  }
  return [{ head: ['CPU ns/record', 'counted', 'bare', 'more, %', 'goal'], rows }];
}

/** The code that is made meanwhile counts nothing. */
async function bare<T>(run: () => Promise<T>): Promise<T> {
  const original = globalThis.Function;
  globalThis.Function = new Proxy(original, {
    construct: (made, texts: readonly string[]) =>
      Reflect.construct(
        made,
        texts.map((text) => text.replaceAll(COUNTERS, '')),
      ) as object,
  });
  try {
    return await run();
  } finally {
    globalThis.Function = original;
  }
}

async function cpuOf(program: TestProgram, records: number): Promise<number> {
  const harness = new SlotHarness(program);
  const before = process.cpuUsage();
  harness.deploy();
  for (const i of harness.deployments.keys()) await harness.end(i);
  const { user, system } = process.cpuUsage(before);
  harness.runtime.close();
  return ((user + system) * 1_000) / records;
}
