import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../engine/core/limits.ts';
import { SeededRandom } from '../../engine/core/random.ts';
import { jarRoutes } from '../../engine/rest/handlers/jars.ts';
import { UploadedBundles } from '../../engine/rest/uploaded-bundles.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { MemoryFiles } from '../harness/memory-files.ts';
import { testContext } from './context.ts';
import { startEndpoint, type TestEndpoint } from './endpoint.ts';

const bytes = new TextEncoder().encode('content');

function setUp(): { readonly files: MemoryFiles; readonly uploads: UploadedBundles } {
  const files = new MemoryFiles();
  return { files, uploads: new UploadedBundles(files, new SeededRandom(3), '/uploads') };
}

describe('an uploaded bundle', () => {
  test('is there until it is removed', async () => {
    const { uploads } = setUp();
    const id = await uploads.add('job.jar', bytes);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}_job\.jar$/);
    expect((await uploads.list()).map(({ name }) => name)).toEqual(['job.jar']);
    expect(await uploads.read(id)).toEqual(bytes);
    expect(await uploads.remove(id)).toBe(true);
    expect([await uploads.remove(id), await uploads.read(id), await uploads.list()]).toEqual([
      false,
      undefined,
      [],
    ]);
  });

  test('is one of its own, also under the same name', async () => {
    const { uploads } = setUp();
    const ids = [await uploads.add('job.jar', bytes), await uploads.add('job.jar', bytes)];
    expect(new Set(ids).size).toBe(2);
  });

  test('stands in its folder, whatever it is called', async () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '../../../../tmp/x',
        '\\\\host\\share',
        'CON',
        '..',
        '',
        '/',
        'a\0b',
        'x'.repeat(4_000),
      ),
    );
    await fc.assert(
      fc.asyncProperty(name, async (called) => {
        const { files, uploads } = setUp();
        const id = await uploads.add(called, bytes);
        expect(files.paths).toEqual([`/uploads/${id}`]);
        expect(id).toMatch(/^[\w.-]{37,140}$/);
      }),
    );
  });

  test('is found by nothing but its id', async () => {
    const files = new MemoryFiles(new FakeClock());
    const { uploads } = { uploads: new UploadedBundles(files, new SeededRandom(3), '/uploads') };
    for (const id of ['../secret', '', '.', 'x.jar', `${'0'.repeat(36)}_../../x`])
      expect([await uploads.read(id), await uploads.remove(id)]).toEqual([undefined, false]);
    expect(files.operations).toEqual([]);
  });
});

describe('a form', () => {
  const post = (
    endpoint: TestEndpoint,
    type: string,
    body: string,
  ): ReturnType<typeof endpoint.ask> =>
    endpoint.ask('/jars/upload', { method: 'POST', headers: { 'content-type': type }, body });

  test.each([
    ['multipart/form-data', 'x'],
    ['multipart/form-data; boundary=', 'x'],
    ['multipart/form-data; boundary=b', ''],
    ['multipart/form-data; boundary=b', '--b'],
    [
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name=""; filename="a.jar"',
    ],
    [
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n',
    ],
    ['multipart/form-data; boundary=b', `--b\r\n${'x: y\r\n'.repeat(10_000)}\r\n--b--`],
    ['multipart/mixed; boundary=b', '--b--\r\n'],
  ])('of type %s that is none is refused: %j', async (type, body) => {
    const endpoint = await startEndpoint(jarRoutes(testContext()));
    expect((await post(endpoint, type, body)).status).toBe(400);
    expect(endpoint.log.lines).toEqual([]);
  });

  test('of any bytes disturbs nobody', async () => {
    const endpoint = await startEndpoint(jarRoutes(testContext()));
    const piece = fc.constantFrom(
      '--b',
      '--b--',
      '\r\n',
      'Content-Disposition: form-data; name="x"',
      '; filename="y.jar"',
      '\r\n\r\n',
      'data',
      '\0',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece), async (pieces) => {
        const { status } = await post(endpoint, 'multipart/form-data; boundary=b', pieces.join(''));
        expect([200, 400]).toContain(status);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
    expect(endpoint.log.lines).toEqual([]);
  });

  test('has one bundle of a bounded size', () => {
    const upload = jarRoutes(testContext()).find(({ path }) => path === '/jars/upload');
    expect(upload?.bodyBytesMax).toBe(limits.bundleBytesMax + limits.restBodyBytesMax);
  });
});
