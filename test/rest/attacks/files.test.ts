// Attacks A5 to A8 and A16: files that are asked for, uploaded, or named by their content.
//
// Each fails with its protection off, which was tried: A5 with a log directory that reads what is not listed,
// and with one that follows links (stat for lstat); A6 with the client's name as that of the file, and with its
// odd characters; A8 with what goes wrong in a form thrown on, a fault of ours then; A16 without the comparison
// in BlobCache, and without the fence in JobMaster. A7 holds because nothing unpacks anything.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { BlobKey } from '../../../engine/core/ids.ts';
import { SeededRandom } from '../../../engine/core/random.ts';
import { systemFileSystem } from '../../../engine/core/system-file-system.ts';
import { logDirectory } from '../../../engine/entrypoint/log-directory.ts';
import { jarRoutes } from '../../../engine/rest/handlers/jars.ts';
import { logRoutes } from '../../../engine/rest/handlers/logs.ts';
import { UploadedBundles } from '../../../engine/rest/uploaded-bundles.ts';
import { BlobCache } from '../../../engine/runtime/taskexecutor/blob-cache.ts';
import { testContext } from '../context.ts';
import { type Answer, startEndpoint, type TestEndpoint } from '../endpoint.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-attack-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
});

describe('A5: a log that is none', () => {
  const names = [
    ...['..%2fsecret', '..%252fsecret', '%2e%2e/secret', '%2e%2e%2fsecret', '..%5csecret'],
    ...['..', '.', '%00', 'jobmanager.log%00', '%2fetc%2fpasswd', '/etc/passwd', 'link.log'],
    ...[
      'folder',
      'folder%2ffile',
      'folder/file',
      'jobmanager.log/..%2f..%2fsecret',
      '....//secret',
    ],
    ...['file:%2f%2f%2fetc%2fpasswd', 'jobmanager.log%20', 'JOBMANAGER.LOG', '%u2216secret'],
  ];

  async function logs(): Promise<TestEndpoint> {
    const directory = join(root, 'logs');
    mkdirSync(join(directory, 'folder'), { recursive: true });
    writeFileSync(join(root, 'secret'), 'hush');
    writeFileSync(join(directory, 'folder', 'file'), 'hush');
    writeFileSync(join(directory, 'jobmanager.log'), 'a line');
    symlinkSync(join(root, 'secret'), join(directory, 'link.log'));
    return startEndpoint(logRoutes(testContext({ logs: logDirectory(directory) })));
  }

  test.each(names)('%s is not found', async (name) => {
    const door = await logs();
    const { status, text } = await door.ask(`/jobmanager/logs/${name}`);
    expect([status, text.includes('hush')]).toEqual([expect.toSatisfy(isNo), false]);
  });

  test('a link is not listed; a log is, and is given out', async () => {
    const door = await logs();
    const listed = JSON.parse((await door.ask('/jobmanager/logs')).text) as {
      readonly logs: readonly { readonly name: string }[];
    };
    expect(listed.logs.map(({ name }) => name)).toEqual(['jobmanager.log']);
    expect((await door.ask('/jobmanager/logs/jobmanager.log')).text).toBe('a line');
  });
});

const isNo = (status: number): boolean => status === 404 || status === 400;

const BOUNDARY = 'b0undary';
const HEADERS = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
const part = (disposition: string, content: string | Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);

async function uploads(): Promise<{
  readonly door: TestEndpoint;
  readonly stored: () => readonly string[];
  readonly send: (body: Uint8Array) => Promise<Answer>;
}> {
  const directory = join(root, 'uploads');
  const bundles = new UploadedBundles(systemFileSystem, new SeededRandom(7), directory);
  const door = await startEndpoint(jarRoutes(testContext({ uploads: bundles })));
  return {
    door,
    stored: () => (readdirSync(root).length === 0 ? [] : readdirSync(directory)),
    send: (body) => door.ask('/jars/upload', { method: 'POST', headers: HEADERS, body }),
  };
}

describe('A6: the name of an upload', () => {
  test.each([
    'name="f"; filename="../../../../tmp/x.jar"',
    String.raw`name="f"; filename="..\..\x.jar"`,
    String.raw`name="f"; filename="\\server\share\x.jar"`,
    'name="f"; filename="/etc/cron.d/x.jar"',
    'name="f"; filename="CON.jar"',
    'name="f"; filename=".jar"',
    `name="f"; filename="${'x'.repeat(4_000)}.jar"`,
    `name="f"; filename*=UTF-8''..%2F..%2Fx.jar`,
    `name="f"; filename="a.jar"; filename*=UTF-8''..%2F..%2Fx.jar`,
    'name="f"; filename="\u001b]0;x\u0007.jar"',
    'name="f"; filename="a\u0000b.jar"',
    'name="../f"; filename="x.jar"',
  ])('%j is a label at most, behind a random name', async (disposition) => {
    const { door, send, stored } = await uploads();
    const { status } = await send(part(disposition, 'content'));
    expect([200, 400]).toContain(status);
    expect(stored()).toHaveLength(status === 200 ? 1 : 0);
    for (const name of stored()) expect(name).toMatch(/^[0-9a-f-]{36}_[\w.-]{1,100}$/);
    expect(readdirSync(root)).toEqual(status === 200 ? ['uploads'] : readdirSync(root));
    const { text } = await door.ask('/jars');
    expect(text).not.toMatch(/\.\.[/\\]|\u001b|\\u001b|\\u0000/);
  });
});

describe('A7: an archive', () => {
  const archives: readonly (readonly [string, Uint8Array])[] = [
    ['a bomb', gzipSync(Buffer.alloc(32 * 2 ** 20))],
    ['a zip that slips', Buffer.from('PK\u0003\u0004../../../../tmp/x')],
    ['a tar with a link', Buffer.alloc(1_024, 'link -> /etc/passwd\0')],
  ];

  test.each(archives)(
    '%s is a file of its own size, is never unpacked, and runs nowhere',
    async (_, content) => {
      const { door, send, stored } = await uploads();
      expect((await send(part('name="f"; filename="x.jar"', content))).status).toBe(200);
      const [id = ''] = stored();
      expect(statSync(join(root, 'uploads', id)).size).toBe(content.length);
      const run = await door.ask(`/jars/${id}/run`, { method: 'POST', body: '{}' });
      expect(run.status).toBe(500);
      expect(run.text).toContain('Error while opening jar file');
      expect([readdirSync(root), stored()]).toEqual([['uploads'], [id]]);
    },
  );
});

describe('A8: a form that is none', () => {
  const whole = part('name="f"; filename="x.jar"', 'content');

  test.each([
    ['no boundary', { 'content-type': 'multipart/form-data' }, whole],
    ['another boundary', { 'content-type': 'multipart/form-data; boundary=other' }, whole],
    [
      'a boundary of 10 kB',
      { 'content-type': `multipart/form-data; boundary=${'b'.repeat(10_000)}` },
      whole,
    ],
    ['an empty field name', HEADERS, part('name=""; filename="x.jar"', 'content')],
    ['no field name', HEADERS, part('filename="x.jar"', 'content')],
    ['no end', HEADERS, whole.subarray(0, -8)],
    ['nothing', HEADERS, Buffer.alloc(0)],
    ['parts in parts', { 'content-type': `multipart/mixed; boundary=${BOUNDARY}` }, whole],
  ])('%s: a plain no, or the one file that it is', async (_, headers, body) => {
    const { door, stored } = await uploads();
    const { status } = await door.ask('/jars/upload', { method: 'POST', headers, body });
    expect([200, 400]).toContain(status);
    expect(stored().length).toBeLessThanOrEqual(1);
  });

  test('whatever bytes change on the way, the answer is a no or a file, and the next form is taken', async () => {
    const { send } = await uploads();
    const change = fc.record({
      at: fc.nat(whole.length - 1),
      cut: fc.nat(8),
      bytes: fc.uint8Array({ maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const body = changes.reduce(
          (form, { at, cut, bytes }) =>
            Buffer.concat([form.subarray(0, at), bytes, form.subarray(at + cut)]),
          whole,
        );
        expect([200, 400]).toContain((await send(body)).status);
      }),
      { numRuns: 300 },
    );
    expect((await send(whole)).status).toBe(200);
  });

  test('one that its client leaves half way is forgotten', async () => {
    const { door, send, stored } = await uploads();
    const socket = door.socket();
    const head = `POST /jars/upload HTTP/1.1\r\nHost: 127.0.0.1:${door.port}\r\nContent-Type: ${HEADERS['content-type']}\r\nContent-Length: 100000\r\n\r\n`;
    await new Promise((done) => socket.write(head + whole.toString('latin1'), done));
    socket.destroy();
    expect((await send(whole)).status).toBe(200);
    expect(stored()).toHaveLength(1);
  });
});

describe('A16: a blob', () => {
  const key = 'aa'.repeat(32) as BlobKey;

  test('of other content than its key says is refused, and not kept', async () => {
    const cache = new BlobCache();
    const fetched = cache.fetch([key], () => Promise.resolve(Buffer.from('other')));
    await expect(fetched).rejects.toThrow(`blob ${key} has other content`);
    expect(cache.get(key)).toBeUndefined();
  });
});
