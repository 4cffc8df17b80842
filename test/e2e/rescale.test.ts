// A job of real processes gets another parallelism over REST while it runs: nothing is lost or doubled, neither
// of the rows of the attached client nor in the files of a sink.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Place, until } from './harness/tool.ts';

const COUNTS = `import { env, files } from 'sluice';
// %% Counts
const counts = env.generate((n) => ({ key: n % 6, seen: 1 }), { count: 6_000, ratePerSecond: 600 })
  .keyBy((row) => row.key)
  .reduce((a, b) => ({ key: a.key, seen: a.seen + b.seen }));
counts.sinkTo(files('out'));
counts.print();
`;

interface Vertex {
  readonly parallelism: number;
  readonly status: string;
}

test('a job that is rescaled twice keeps every row, in order and once', async () => {
  const place = new Place();
  place.write('counts.ts', COUNTS);
  const cluster = place.start('cluster', '--rest-port', '0', '--slots', '4', '--quiet');
  const [, address = ''] = await cluster.until(/ready: http:\/\/(127\.0\.0\.1:\d+)$/m);
  const run = place.start(
    ...['run', 'counts.ts', '-m', address, '--json', '-p', '2'],
    '-Dexecution.checkpointing.interval=100ms',
  );
  await run.until(/"seen":40\b/);
  const [, id = ''] = /: ([0-9a-f]{32}) : Counts/.exec((await place.run('list')).out) ?? [];
  const job = `http://${address}/v1/jobs/${id}`;
  const vertices = async (): Promise<readonly Vertex[]> =>
    ((await (await fetch(job)).json()) as { readonly vertices: readonly Vertex[] }).vertices;

  for (const upper of [4, 1]) {
    const known = await (await fetch(`${job}/resource-requirements`)).text();
    const wanted = known.replaceAll(/"upperBound":\d+/g, `"upperBound":${upper}`);
    const answer = await fetch(`${job}/resource-requirements`, { method: 'PUT', body: wanted });
    expect([answer.status, await answer.text()]).toEqual([200, '{}']);
    let seen: readonly Vertex[] = [];
    const look = setInterval(() => void vertices().then((now) => (seen = now)), 50);
    const isThere = (): boolean =>
      seen.length > 0 &&
      seen.every(({ parallelism, status }) => parallelism === upper && status === 'RUNNING');
    await until(isThere)
      .catch(() => {
        throw new Error(`${upper}: ${JSON.stringify(seen)} ${run.err}`);
      })
      .finally(() => clearInterval(look));
  }

  const ended = await run.ended();
  expect([ended.code, ended.err]).toEqual([0, expect.not.stringMatching(/warn|error/i)]);
  const sorted = (rows: readonly string[]): readonly string[] =>
    rows.toSorted((a, b) => (a < b ? -1 : 1));
  const expected = sorted(
    Array.from({ length: 6_000 }, (_, n) => `${n % 6}:${Math.floor(n / 6) + 1}`),
  );
  const rowsIn = (text: string): string[] =>
    [...text.matchAll(/"key":(\d),"seen":(\d+)/g)].map(([, key, seen]) => `${key}:${seen}`);
  expect(sorted(rowsIn(ended.out))).toEqual(expected);
  const parts = globSync(join(place.folder, 'out', '*.ndjson'));
  const written = parts.flatMap((part) => rowsIn(readFileSync(part, 'utf8')));
  expect(sorted(written)).toEqual(expected);
  cluster.kill('SIGTERM');
  await cluster.ended();
  expect(await place.leftovers()).toEqual([]);
});
