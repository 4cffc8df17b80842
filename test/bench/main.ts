// npm run bench -- GROUP [NAME…] [--json]: measures, each figure beside a baseline of the same run, for machines are
// shared and noisy: what counts is the ratio.

import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { FLINK_VERSION, fetchFlink, flinkHome } from '../e2e/harness/flink/distribution.ts';
import { checkpoint } from './checkpoint/checkpoint.ts';
import { engine } from './engine/engine.ts';
import { exchange } from './exchange/exchange.ts';
import { person } from './latency/person.ts';
import { records } from './latency/records.ts';
import { metrics } from './metrics/metrics.ts';
import { nexmark } from './nexmark/nexmark.ts';
import { type Group, table } from './report.ts';
import { nonsense, rest } from './rest/rest.ts';
import { record } from './results.ts';
import { state } from './state/state.ts';
import { windows } from './windows/windows.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    events: { type: 'string' },
    rate: { type: 'string' },
    parallelism: { type: 'string', short: 'p', default: '1' },
    runs: { type: 'string', default: '1' },
    flink: { type: 'string' },
    seconds: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
});
const [name = '', ...names] = positionals;
const throughput = {
  names,
  events: numberOf(values.events),
  rate: numberOf(values.rate),
  parallelism: Number(values.parallelism),
  runs: Number(values.runs),
  flinkHome: values.flink,
};

const GROUPS: Readonly<Record<string, () => Promise<Group>>> = {
  latency: async () =>
    names.includes('records')
      ? { grids: [await records(throughput.events)] }
      : { cases: await person() },
  checkpoint: async () => ({ cases: await checkpoint(names) }),
  nexmark: async () => ({ rates: await nexmark(throughput) }),
  rest: () => rest(numberOf(values.seconds)),
  fuzz: () => nonsense(numberOf(values.events)),
  engine: async () => ({ rates: await engine(throughput) }),
  exchange: async () => ({ grids: await exchange(throughput.events) }),
  windows: async () => ({ grids: await windows(throughput) }),
  metrics: async () => ({ grids: await metrics(throughput) }),
  state: async () => ({ cases: await state() }),
};
if (name === 'setup-flink') {
  await fetchFlink(FLINK_VERSION);
  process.stdout.write(`npm run bench -- nexmark --flink ${flinkHome(FLINK_VERSION)}\n`);
  process.exit(0);
}
const group = Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined;
if (group === undefined) {
  process.stderr.write(
    'npm run bench -- GROUP [NAME…] [--json] [--events N] [--rate N] [-p N] [--runs N] [--seconds N]; ' +
      '[--flink DIR] [--record]; setup-flink fetches what DIR may be; ' +
      `groups: ${Object.keys(GROUPS).join(', ')}\n`,
  );
  process.exit(2);
}
const measured = await group();
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryBytes: totalmem(),
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
};
const text = table(name, machine, measured);
process.stdout.write(
  values.json ? `${JSON.stringify({ group: name, machine, ...measured }, null, 2)}\n` : text,
);
if (values.record) {
  const command = process.argv.slice(2).join(' ');
  record({ group: name, command, date: new Date(), table: text });
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
