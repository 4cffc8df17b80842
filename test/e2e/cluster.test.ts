// `sluice cluster` and the verbs that work on it from elsewhere: run, list, checkpoint, cancel; beside another
// cluster, after one that was killed, and for one job alone.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Place, type Started } from './harness/tool.ts';

const FOREVER = `import { env } from 'sluice';
// %% Forever
env.generate((i) => i, { ratePerSecond: 100 }).print();
`;

const ENDS = `import { env } from 'sluice';
// %% Ends
env.fromSequence(1, 3).map((n) => { if (n > Number(env.param('max', '9'))) throw new Error('too much'); return n; }).print();
`;

/** Resolves with `host:port` when it is ready. */
async function ready(cluster: Started): Promise<string> {
  const [, address = ''] = await cluster.until(
    /^sluice cluster ready: http:\/\/(127\.0\.0\.1:\d+)$/m,
  );
  return address;
}

test('a cluster serves verbs of other terminals, and SIGTERM ends it with all that it runs', async () => {
  const place = new Place();
  place.write('forever.ts', FOREVER);
  place.write('ends.ts', ENDS);
  const cluster = place.start('cluster', '--rest-port', '0', '--taskmanagers', '2', '--slots', '2');
  const address = await ready(cluster);
  expect(place.taskManagers()).toHaveLength(2);
  expect((await place.run('list')).out).toBe(
    'Waiting for response...\nNo running jobs.\nNo scheduled jobs.\n',
  );

  expect(await place.run('run', 'ends.ts', '-m', address)).toMatchObject({
    code: 0,
    out: '1\n2\n3\n',
  });
  const submitted = await place.run('run', 'forever.ts', '-m', address, '--detached');
  const [, id = ''] =
    /^Job has been submitted with JobID ([0-9a-f]{32})$/m.exec(submitted.out) ?? [];
  expect((await place.run('list')).out).toMatch(new RegExp(`: ${id} : Forever \\(RUNNING\\)`));
  expect((await place.run('checkpoint', id)).out).toContain(
    `Checkpoint 1 for job ${id} completed.`,
  );
  expect(await place.run('cancel', id)).toMatchObject({
    code: 0,
    out: `Cancelling job ${id}.\nCancelled job ${id}.\n`,
  });
  expect((await place.run('list', '--all')).out).toMatch(
    new RegExp(`: ${id} : Forever \\(CANCELED\\)`),
  );

  await place.run('run', 'forever.ts', '-m', address, '--detached');
  cluster.kill('SIGTERM');
  expect(await cluster.ended()).toMatchObject({ code: 143 });
  expect(await place.leftovers()).toEqual([]);
});

test('two clusters stand beside one another, and a verb asks which is meant', async () => {
  const place = new Place();
  const first = place.start('cluster', '--rest-port', '0', '--quiet');
  const second = place.start('cluster', '--rest-port', '0', '--quiet');
  const addresses = [await ready(first), await ready(second)];
  const asked = await place.run('list');
  expect(asked.code).toBe(2);
  for (const address of addresses) expect(asked.err).toContain(`--jobmanager ${address}`);
  expect(await place.run('list', '-m', addresses[0] ?? '')).toMatchObject({ code: 0 });
  const port = addresses[0]?.split(':')[1] ?? '';
  const third = await place.run('cluster', '--rest-port', port);
  expect(third).toMatchObject({ code: 1, out: '' });
  expect(third.err).toContain(`port ${port} is in use (127.0.0.1:${port}): choose another`);
  first.kill('SIGINT');
  expect(await first.ended()).toMatchObject({ code: 130 });
  second.kill('SIGKILL');
  await second.ended();
  expect(await place.leftovers()).toEqual([]);
});

test('of a cluster that has died nothing is found', async () => {
  const place = new Place();
  const { pid } = place.start('--version').child;
  expect((await place.run('list')).code).toBe(3);
  const stale = join(place.runtime, 'sluice', `cluster-${pid}-1.json`);
  writeFileSync(stale, JSON.stringify({ url: 'http://127.0.0.1:1', pid, kind: 'standalone' }));
  const { code, err } = await place.run('list');
  expect(code).toBe(3);
  expect(err).toContain('no cluster is up');
  expect(place.clusters()).toEqual([]);
});

test.each([
  ['9', 0, '1\n2\n3\n'],
  ['2', 1, ''],
])('with --job it ends with its job, and with its exit code', async (max, code, rows) => {
  const place = new Place();
  place.write('ends.ts', ENDS.replace("'9'", `'${max}'`));
  const cluster = await place.run('cluster', '--rest-port', '0', '--quiet', '--job', 'ends.ts');
  expect(cluster.code).toBe(code);
  expect(cluster.out.split('\n').slice(1).join('\n')).toBe(rows);
  expect(cluster.err).toMatch(/^Ends: (FINISHED|FAILED) in/m);
  expect(await place.leftovers()).toEqual([]);
});
