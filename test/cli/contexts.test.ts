// Contexts, as a user keeps them: named, chosen, shown without their secrets, and obeyed by every verb.

import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Place } from '../e2e/harness/tool.ts';

const ID = '0123456789abcdef0123456789abcdef';

/** A cluster without jobs that keeps what it was asked. */
async function startDoor(): Promise<{ url: string; asked: string[]; headers: () => unknown }> {
  const asked: string[] = [];
  let headers: unknown;
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    headers = incoming.headers;
    response.end('{"jobs":[]}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/flink/prod`, asked, headers: () => headers };
}

test('a context carries address, prefix, headers and token to the cluster', async () => {
  const place = new Place();
  const door = await startDoor();
  const token = place.write('token', 's3cr3t-token\n');
  const header = ['--header', 'X-Team: streams', '--header', 'Cookie: session=hush'];
  const added = await place.run(
    ...['context', 'add', 'prod', door.url, '--token-file', token],
    ...header,
  );
  expect(added).toMatchObject({ code: 0, out: 'Context prod added.\n', err: '' });
  expect(await place.run('list', '--context', 'prod')).toMatchObject({ code: 0 });
  expect(await place.run('list', '-m', 'prod')).toMatchObject({ code: 0 });
  expect(door.asked).toEqual(Array(2).fill('GET /flink/prod/v1/jobs/overview'));
  expect(door.headers()).toMatchObject({
    authorization: 'Bearer s3cr3t-token',
    'x-team': 'streams',
    cookie: 'session=hush',
  });
});

test('the current context is where verbs go that name no cluster', async () => {
  const place = new Place();
  const door = await startDoor();
  await place.run('context', 'add', 'prod', door.url);
  expect(await place.run('list')).toMatchObject({ code: 3 });
  expect(await place.run('context', 'use', 'prod')).toMatchObject({ code: 0 });
  expect(await place.run('list')).toMatchObject({ code: 0 });
  expect((await place.run('context', 'list')).out).toBe(`* prod  ${door.url}\n`);
  expect(await place.run('context', 'remove', 'prod')).toMatchObject({ code: 0 });
  expect(await place.run('list')).toMatchObject({ code: 3 });
});

test('a read-only context refuses what would change something, before anything is sent', async () => {
  const place = new Place();
  const door = await startDoor();
  await place.run('context', 'add', 'prod', door.url, '--read-only');
  await place.run('context', 'use', 'prod');
  const jar = place.write('job.jar', 'PK');
  const writes = [
    ['cancel', ID],
    ['cancel', ID, '--withSavepoint', '/tmp/x'],
    ['stop', ID],
    ['stop', ID, '--detached'],
    ['savepoint', ID],
    ['savepoint', ID, '--detached'],
    ['savepoint', '--dispose', '/tmp/x'],
    ['checkpoint', ID],
    ['run', jar, '--detached'],
  ];
  for (const verb of writes) {
    const { code, err } = await place.run(...verb);
    expect([verb.join(' '), code, err.includes('read-only')]).toEqual([verb.join(' '), 2, true]);
  }
  expect(door.asked).toEqual([]);
  expect(await place.run('list')).toMatchObject({ code: 0 });
}, 30_000);

test('what is shown of a context holds no secret, and its file is the user’s alone', async () => {
  const place = new Place();
  await place.run(
    'context',
    'add',
    'prod',
    'https://example.org',
    '--header',
    'Authorization: hush',
  );
  for (const args of [['show', 'prod'], ['show', 'prod', '--json'], ['list', '--json'], ['list']]) {
    const { code, out } = await place.run('context', ...args);
    expect([code, out.includes('hush'), out.includes('example.org')]).toEqual([0, false, true]);
  }
  const file = join(place.folder, '.config', 'sluice', 'contexts.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain('hush');
});

test.each([
  [['add', 'prod'], 'a name and an address'],
  [['add', '../x', 'localhost:1'], 'is no name for a context'],
  [['add', '__proto__', 'localhost:1'], 'is no name for a context'],
  [['add', 'prod', 'ftp://x'], 'takes host:port or a URL'],
  [['add', 'prod', 'https://me:hush@x'], 'no user or password'],
  [['add', 'prod', 'x:1', '--header', 'no colon'], "takes 'Name: value'"],
  [['add', 'prod', 'x:1', '--token-file', 'nowhere'], 'cannot read --token-file nowhere'],
  [['use', 'prod'], 'there is no context "prod"; there are none'],
  [['show'], 'no context is used'],
  [['forget'], 'context takes add, use, list, show or remove, not "forget"'],
])('context %j is refused: %s', async (args, why) => {
  const { code, out, err } = await new Place().run('context', ...args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(why);
  expect(err).not.toContain('hush');
});
