// Flink's own clients on a sluice: its command line and its Java client, as its distribution has them.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { sluiceCluster } from '../harness/flink/clusters.ts';
import { FLINK_VERSION, flinkHome } from '../harness/flink/distribution.ts';
import { runJava } from '../harness/flink/java.ts';
import { describeWith, flink, jdk } from '../harness/flink/needs.ts';
import { BRIEF_JVM } from '../harness/flink/real-flink.ts';

const LONG_MS = 240_000;

const home = flinkHome(FLINK_VERSION);
const env = { ...process.env, JVM_ARGS: BRIEF_JVM };
const run = promisify(execFile);

/** A job that ends, and has counted. */
const COUNTING = `import { env } from 'sluice';
// %% Counting
env.fromSequence(1, 100).process({
  open(ctx) {
    this.seen = ctx.accumulators.counter('seen');
    this.average = ctx.accumulators.average('average');
    this.largest = ctx.accumulators.maximum('largest');
    this.rest = ctx.accumulators.histogram('mod 3');
  },
  process(n, ctx, out) {
    this.seen.add();
    for (const each of [this.average, this.largest]) each.add(n);
    this.rest.add(n % 3);
  },
}).print();
`;

interface JobsAnswer {
  readonly jobs: readonly { readonly id: string }[];
}

const COUNTED = '{average=50.5, largest=100.0, mod 3={0=33, 1=34, 2=33}, seen=100}';

describeWith([flink(), jdk])("Flink's own clients work on a sluice", () => {
  test(
    'its command line lists, saves, checkpoints, stops and cancels',
    async () => {
      const { address, folder, submit } = await sluiceCluster.open();
      const [stopped, canceled] = [await submit(), await submit()];
      const flinkSays = async (verb: string, ...args: readonly string[]): Promise<string> =>
        (await run(join(home, 'bin/flink'), [verb, '-m', address, ...args], { env })).stdout;

      expect(await flinkSays('list')).toContain(`${stopped} : Endless (RUNNING)`);
      const saved = await flinkSays('savepoint', stopped, folder);
      const [, path = ''] = /^Savepoint completed\. Path: (.+)$/m.exec(saved) ?? [];
      expect(path).toContain(folder);
      expect(await flinkSays('savepoint', '--dispose', path)).toContain('disposed');
      expect(await flinkSays('checkpoint', stopped)).toMatch(/Checkpoint.* for job .* completed/);
      expect(await flinkSays('stop', '--savepointPath', folder, stopped)).toMatch(
        /^Savepoint completed\. Path: .+$/m,
      );
      expect(await flinkSays('cancel', canceled)).toContain(`Cancelled job ${canceled}.`);
      const all = await flinkSays('list', '--all');
      expect(all).toContain(`${stopped} : Endless (FINISHED)`);
      expect(all).toMatch(new RegExp(`${canceled} : Endless \\(CANCEL`));
    },
    LONG_MS,
  );

  test(
    'its Java client understands every answer',
    async () => {
      const { address, folder, place, submit } = await sluiceCluster.open();
      await place.run('run', place.write('counting.ts', COUNTING), '-m', address);
      const { jobs } = (await (await fetch(`http://${address}/jobs`)).json()) as JobsAnswer;
      const counted = jobs[0]?.id ?? '';
      const [stopped, canceled] = [await submit(), await submit()];
      const [host = '', port = ''] = address.split(':');
      const about = [stopped, canceled, folder, counted];
      const out = await runJava('ClientStory.java', home, [host, port, ...about]);
      const said = Object.fromEntries(
        out
          .split('\n')
          .filter((line) => line.includes(': '))
          .map((line) => line.split(/: (.*)/, 2)),
      ) as Readonly<Record<string, string>>;
      expect(said).toMatchObject({
        jobs: '3',
        status: 'RUNNING',
        details: 'Endless 2',
        accumulators: '{}',
        counted: COUNTED,
        'counted result': COUNTED,
        resources: 'updated',
        checkpoint: 'true',
        result: 'SUCCEEDED',
        canceled: 'CANCELED',
      });
      for (const what of ['savepoint', 'disposed', 'stopped']) expect(said[what]).toContain(folder);
    },
    LONG_MS,
  );
});
