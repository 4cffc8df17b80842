// npm run bench -- GROUP [--json]: measures, each figure beside a baseline of the same run, for machines are
// shared and noisy: what counts is the ratio.

import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { latency } from './latency.ts';
import { type Group, table } from './report.ts';

const GROUPS: Readonly<Record<string, () => Promise<Group>>> = { latency };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
});
const [name = ''] = positionals;
const group = Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined;
if (group === undefined) {
  process.stderr.write(
    `npm run bench -- GROUP [--json]; groups: ${Object.keys(GROUPS).join(', ')}\n`,
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
process.stdout.write(
  values.json
    ? `${JSON.stringify({ group: name, machine, ...measured }, null, 2)}\n`
    : table(name, machine, measured),
);
