// Windows of all kinds in a real slot, source, exchange and firing included, beside the same by hand: as one would
// write it down at first (a Map of accumulators for each window, all windows of an element), and as a loop with
// typed arrays that knows its keys. CPU of the process for each record.

import type { TestProgram } from '../../harness/test-jobs.ts';
import { SlotHarness } from '../../task/slot-harness.ts';
import type { Grid } from '../report.ts';
import type { ThroughputSettings } from '../throughput.ts';
import { loops } from './loops.ts';
import { naive } from './naive.ts';
import { sale } from './records.ts';

/** Enough that the start of V8 does not count. */
const RECORDS = 8_000_000;
const ROUNDS = 2;

type Kind = keyof typeof loops;

export async function windows({
  names,
  events = RECORDS,
}: ThroughputSettings): Promise<readonly Grid[]> {
  const kinds = (Object.keys(loops) as Kind[]).filter(
    (kind) => names.length === 0 || names.includes(kind),
  );
  const rows = [];
  for (const kind of kinds) {
    const best = { ours: Infinity, naive: Infinity, loop: Infinity };
    let counts: readonly number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const loop = await measured(events, () => loops[kind](events));
      const plain = await measured(events, () => naive[kind](events));
      const ours = await measured(events, () => runInSlot(kind, events));
      best.loop = Math.min(best.loop, loop.ns);
      best.naive = Math.min(best.naive, plain.ns);
      best.ours = Math.min(best.ours, ours.ns);
      counts = [ours.rows, plain.rows, loop.rows];
    }
    const [rowsOfOurs = 0] = counts;
    if (counts.some((count) => count !== rowsOfOurs))
      throw new Error(`${kind}: ${counts.join(', ')} rows`);
    rows.push({
      name: kind,
      values: [best.ours, best.naive, best.loop, best.loop / best.ours, rowsOfOurs],
    });
  }
  return [{ head: ['CPU ns/record', 'sluice', 'naive', 'loop', 'loop/sluice', 'rows'], rows }];
}

async function measured(records: number, run: () => number | Promise<number>) {
  const before = process.cpuUsage();
  const rows = await run();
  const { user, system } = process.cpuUsage(before);
  return { rows, ns: ((user + system) * 1_000) / records };
}

async function runInSlot(kind: Kind, records: number): Promise<number> {
  let rows = 0;
  const harness = new SlotHarness(programOf(kind, records, () => rows++));
  harness.deploy();
  for (const i of harness.deployments.keys()) await harness.end(i);
  harness.runtime.close();
  return rows;
}

function programOf(kind: Kind, records: number, count: () => void): TestProgram {
  return ({ env, discard, watermarks, tumbling, sliding, session, seconds, sum }) => {
    const sales = () =>
      env
        .generate(sale, { count: records })
        .withWatermarks(watermarks.monotonous(), ({ time }) => time);
    const counted = (value: unknown): boolean => {
      count();
      return value !== undefined;
    };
    const keyed = sales().keyBy(({ key }) => key);
    const amount = sum(({ amount: own }: ReturnType<typeof sale>) => own);
    switch (kind) {
      case 'tumbling':
        return void keyed
          .window(tumbling({ size: seconds(1) }))
          .aggregate(amount)
          .filter(counted)
          .sinkTo(discard());
      case 'sliding':
        return void keyed
          .window(sliding({ size: seconds(1), slide: 200 }))
          .aggregate(amount)
          .filter(counted)
          .sinkTo(discard());
      case 'session':
        return void keyed
          .window(session({ gap: seconds(1) }))
          .aggregate(amount)
          .filter(counted)
          .sinkTo(discard());
      case 'join':
        return void sales()
          .join(sales().filter(({ amount: own }) => own === 0))
          .where(({ key }) => key)
          .equalTo(({ key }) => key)
          .window(tumbling({ size: seconds(1) }))
          .apply((a, b) => a.amount + b.amount)
          .filter(counted)
          .sinkTo(discard());
    }
  };
}
