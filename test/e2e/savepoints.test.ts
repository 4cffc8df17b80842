// Savepoints by verb, between real processes: taken, stopped with, gone on from, and removed.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Place, type Started, until } from './harness/tool.ts';

const COUNTS = `import { env } from 'sluice';
// %% Counts
env.generate((n) => ({ key: n % 3, seen: 1 }), { count: 3_000, ratePerSecond: 500 })
  .keyBy((row) => row.key)
  .reduce((a, b) => ({ key: a.key, seen: a.seen + b.seen }))
  .print();
`;
const CHECKPOINTED = ['-Dexecution.checkpointing.interval=100ms'];

async function clusterOf(place: Place): Promise<{ cluster: Started; address: string }> {
  const cluster = place.start('cluster', '--rest-port', '0', '--slots', '4', '--quiet');
  const [, address = ''] = await cluster.until(
    /^sluice cluster ready: http:\/\/(127\.0\.0\.1:\d+)$/m,
  );
  return { cluster, address };
}

const seenIn = (out: string): number[] =>
  [...out.matchAll(/"?seen"?: ?(\d+)/g)].map(([, seen]) => Number(seen));

test('a job is stopped with a savepoint and goes on at another parallelism: no row is lost or doubled', async () => {
  const place = new Place();
  place.write('counts.ts', COUNTS);
  const { cluster, address } = await clusterOf(place);
  const first = place.start('run', 'counts.ts', '-m', address, '--json', ...CHECKPOINTED);
  await first.until(/"seen":40\b/);
  const [, id = ''] = /: ([0-9a-f]{32}) : Counts/.exec((await place.run('list')).out) ?? [];

  const taken = await place.run('savepoint', id, 'taken');
  expect(taken).toMatchObject({ code: 0, err: '' });
  expect(taken.out).toMatch(
    new RegExp(
      `^Triggering savepoint for job ${id}\\.\nWaiting for response\\.\\.\\.\nSavepoint completed\\. Path: file:/.*/taken/savepoint-${id.slice(0, 6)}-[0-9a-f]{12}\nYou can resume your program from this savepoint with the run command\\.\n$`,
    ),
  );
  const stopped = await place.run('stop', id, '--savepointPath', 'stopped');
  expect(stopped).toMatchObject({ code: 0, err: '' });
  const [, path = ''] =
    /^Suspending job "[0-9a-f]{32}" with a CANONICAL savepoint\.\nTriggering stop-with-savepoint for job [0-9a-f]{32}\.\nWaiting for response\.\.\.\nSavepoint completed\. Path: (file:\/.*)\n$/.exec(
      stopped.out,
    ) ?? [];
  const ended = await first.ended();
  expect(ended.code).toBe(0);

  const second = await place.run(
    ...['run', 'counts.ts', '-m', address, '--json', '-p', '3', '--fromSavepoint', path],
    ...CHECKPOINTED,
  );
  expect(second.code).toBe(0);
  const seen = [...seenIn(ended.out), ...seenIn(second.out)].sort((a, b) => a - b);
  expect(seenIn(second.out).length).toBeGreaterThan(0);
  expect(seen).toEqual(Array.from({ length: 3_000 }, (_, i) => Math.floor(i / 3) + 1));

  const disposed = await place.run('savepoint', '--dispose', path);
  expect(disposed).toMatchObject({
    code: 0,
    out: `Disposing savepoint '${path}'.\nWaiting for response...\nSavepoint '${path}' disposed.\n`,
  });
  expect(existsSync(new URL(path))).toBe(false);
  const again = await place.run('savepoint', '--dispose', path);
  expect(again.code).toBe(1);
  const gone = await place.run('run', 'counts.ts', '-m', address, '--fromSavepoint', path);
  expect(gone).toMatchObject({ code: 1, out: '' });
  expect(gone.err).toContain(`there is no savepoint at ${new URL(path).pathname}`);
  const detached = await place.run(
    ...['run', 'counts.ts', '-m', address, '--detached', '--fromSavepoint', path],
  );
  expect(detached.code).toBe(1);
  expect(detached.err).toContain(`there is no savepoint at ${new URL(path).pathname}`);
  const [kept = ''] = readdirSync(join(new URL(path).pathname, '../../taken'));
  expect(kept).toMatch(/^savepoint-/);
  const own = join(new URL(path).pathname, '../../taken', kept);
  const claiming = ['run', 'counts.ts', '-m', address, '--fromSavepoint', own, '--claimMode'];
  const claimed = await place.run(...claiming, 'claim', '--detached', ...CHECKPOINTED);
  expect([claimed.code, claimed.err]).toEqual([0, '']);
  await until(() => !existsSync(own));
  expect(await place.run(...claiming, 'maybe')).toMatchObject({ code: 2 });
  cluster.kill('SIGTERM');
  await cluster.ended();
  expect(await place.leftovers()).toEqual([]);
});

test('where no folder is named, and for a job that is not there, a verb says so', async () => {
  const place = new Place();
  place.write('counts.ts', COUNTS);
  const { cluster, address } = await clusterOf(place);
  const unknown = '0'.repeat(32);
  const nowhere = await place.run('stop', unknown, '-m', address);
  expect(nowhere.code).not.toBe(0);
  expect(nowhere.err).toContain('execution.checkpointing.savepoint-dir');
  const none = await place.run('savepoint', unknown, 'sp', '-m', address);
  expect(none.code).not.toBe(0);
  expect(none.err).toContain(`Could not find Flink job (${unknown})`);
  cluster.kill('SIGTERM');
  await cluster.ended();
});
