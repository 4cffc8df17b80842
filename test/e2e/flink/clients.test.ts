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
      const { address, folder, submit } = await sluiceCluster.open();
      const [stopped, canceled] = [await submit(), await submit()];
      const [host = '', port = ''] = address.split(':');
      const out = await runJava('ClientStory.java', home, [host, port, stopped, canceled, folder]);
      const said = Object.fromEntries(
        out
          .split('\n')
          .filter((line) => line.includes(': '))
          .map((line) => line.split(/: (.*)/, 2)),
      ) as Readonly<Record<string, string>>;
      expect(said).toMatchObject({
        jobs: '2',
        status: 'RUNNING',
        details: 'Endless 2',
        accumulators: '{}',
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
