// Two processes of one cluster on one directory: the one that leads is killed or stopped, the other goes on with
// its jobs, and whoever asks finds it. Every row comes once.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Place, type Started, until } from './harness/tool.ts';

/** Running sums: each row depends on all before it. Some six seconds. */
const SUMS = `import { env, files } from 'sluice';
// %% Sums
const sums = env.generate((i) => ({ key: i % 4, n: 1 }), { count: 1200, ratePerSecond: 200 })
  .keyBy((row) => row.key)
  .reduce((a, b) => ({ key: a.key, n: a.n + b.n }));
sums.map((row) => row.key * 1000 + row.n).print();
sums.map((row) => String(row.key * 1000 + row.n)).sinkTo(files('out'));
`;

const FOREVER = `import { env } from 'sluice';
// %% Forever
env.generate((i) => i, { ratePerSecond: 100 }).print();
`;

const WANTED = [0, 1, 2, 3].flatMap((key) =>
  Array.from({ length: 300 }, (_, i) => key * 1000 + i + 1),
);

const byNumber = (a: number, b: number): number => a - b;

const numbers = (text: string): readonly number[] =>
  text
    .trim()
    .split('\n')
    .map((line) => Number(line.replaceAll('"', '')))
    .sort(byNumber);

/** What stands in the visible files of the sink. */
function written(place: Place): readonly number[] {
  const folder = join(place.folder, 'out');
  const files = readdirSync(folder).filter((name) => !name.startsWith('.'));
  return numbers(files.map((name) => readFileSync(join(folder, name), 'utf8')).join(''));
}

const start = (place: Place, ...more: readonly string[]): Started =>
  place.start(
    ...['cluster', '--rest-port', '0', '--slots', '2', '-Dhigh-availability.type=filesystem'],
    `-Dhigh-availability.storageDir=${join(place.folder, 'ha')}`,
    '-Dexecution.checkpointing.interval=200 ms',
    ...more,
  );

const isUp = (cluster: Started, role: string): Promise<unknown> =>
  cluster.until(new RegExp(`^sluice cluster ${role}: http`, 'm'));

/** The first leads, the second stands by. */
async function two(place: Place): Promise<readonly [Started, Started]> {
  const leader = start(place);
  await isUp(leader, 'ready');
  const standby = start(place);
  await isUp(standby, 'standby');
  return [leader, standby];
}

test('when the leader is killed the other goes on with its job, and every row comes once', async () => {
  const place = new Place();
  place.write('sums.ts', SUMS);
  const [leader, standby] = await two(place);
  const run = place.start('run', 'sums.ts', '-m', join(place.folder, 'ha/default'));
  await run.until(/^\d+$/m);
  leader.kill('SIGKILL');
  await until(() => standby.err.includes('leads under epoch 2'), 15_000);
  const { code, out } = await run.ended();
  expect(code).toBe(0);
  expect(numbers(out)).toEqual(WANTED);
  expect(written(place)).toEqual(WANTED);
  standby.kill('SIGTERM');
  await standby.ended();
  expect(await place.leftovers()).toEqual([]);
});

test('a leader that was stopped changes nothing when it goes on', async () => {
  const place = new Place();
  place.write('sums.ts', SUMS);
  const [leader, standby] = await two(place);
  const run = place.start('run', 'sums.ts');
  await run.until(/^\d+$/m);
  process.kill(leader.pid, 'SIGSTOP');
  await until(() => standby.err.includes('leads under epoch 2'), 15_000);
  process.kill(leader.pid, 'SIGCONT');
  await until(() => leader.err.includes('epoch 1 is over'), 15_000);
  const { code, out } = await run.ended();
  expect(code).toBe(0);
  expect(numbers(out)).toEqual(WANTED);
  expect(written(place)).toEqual(WANTED);
  for (const one of [leader, standby]) {
    one.kill('SIGTERM');
    await one.ended();
  }
  expect(await place.leftovers()).toEqual([]);
});

test('a cluster of one that is started again goes on with its jobs, and verbs find them', async () => {
  const place = new Place();
  place.write('forever.ts', FOREVER);
  const first = start(place);
  await isUp(first, 'ready');
  const { out } = await place.run(
    'run',
    'forever.ts',
    '--detached',
    '-m',
    join(place.folder, 'ha/default'),
  );
  const [, id = ''] = /JobID ([0-9a-f]{32})/.exec(out) ?? [];
  first.kill('SIGKILL');
  await first.ended();
  const again = start(place);
  await isUp(again, 'ready');
  expect((await place.run('list')).out).toContain(`: ${id} : Forever (`);
  expect((await place.run('cancel', id)).code).toBe(0);
  again.kill('SIGTERM');
  await again.ended();
  expect(again.err).toContain('leads under epoch');
  expect(again.err).not.toContain('another JobManager leads');
  const last = start(place);
  await isUp(last, 'ready');
  expect((await place.run('list')).out).toContain('No running jobs.\nNo scheduled jobs.\n');
  expect((await place.run('list', '--all')).out).toContain(`: ${id} : Forever (CANCELED)`);
  last.kill('SIGTERM');
  await last.ended();
  expect(await place.leftovers()).toEqual([]);
});

test.each([
  ['no directory', ['-Dhigh-availability.type=filesystem'], /set high-availability.storageDir/],
  [
    'one that cannot be made',
    ['-Dhigh-availability.type=filesystem', '-Dhigh-availability.storageDir=/proc/ha'],
    /high-availability.storageDir \/proc\/ha\/default cannot be used: /,
  ],
])('high availability with %s is refused, with what to do', async (_, flags, message) => {
  const place = new Place();
  const { code, err } = await place.run('cluster', '--rest-port', '0', ...flags);
  expect(code).not.toBe(0);
  expect(err).toMatch(message);
  expect(await place.leftovers()).toEqual([]);
});
