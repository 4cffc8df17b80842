// The machine's files as the FileSystem that the engine uses.

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemFileSystem as files } from '../../engine/core/system-file-system.ts';
import { temporaryDirectory } from '../harness/temporary-directory.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a file is written whole, replaced whole, and for its owner only', async () => {
  const path = join(temporaryDirectory(), 'a');
  await files.writeFile(path, bytes('longer than the next'));
  await files.writeFile(path, bytes('short'));
  expect(readFileSync(path, 'utf8')).toBe('short');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(Buffer.from(await files.readFile(path)).toString()).toBe('short');
});

test('a file is written in pieces, each of which is asked for when all but the last are written', async () => {
  const path = join(temporaryDirectory(), 'a');
  const found: number[] = [];
  async function* pieces() {
    for (const text of ['one', 'two', 'three']) {
      found.push(statSync(path).size);
      yield bytes(text);
    }
  }
  await files.writeFile(path, pieces());
  expect(found).toHaveLength(3);
  expect(found[2]).toBeGreaterThanOrEqual('one'.length);
  expect(readFileSync(path, 'utf8')).toBe('onetwothree');
});

test('a directory is made with those above it; one that is there stays', async () => {
  const root = temporaryDirectory();
  const deep = join(root, 'a/b/c');
  await files.makeDirectory(deep);
  await files.makeDirectory(deep);
  expect(statSync(deep).mode & 0o777).toBe(0o700);
  await files.syncDirectory(deep);
  expect(await files.list(root)).toEqual(['a']);
});

test('a copy is a second name where there can be one; what is there is not written over', async () => {
  const root = temporaryDirectory();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => join(root, name)) as [string, string, string];
  await files.writeFile(a, bytes('one'));
  await files.copy(a, b);
  expect((await files.stat(b))?.identity).toBe((await files.stat(a))?.identity);
  await files.writeFile(c, bytes('another'));
  await expect(files.copy(a, c)).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(c, 'utf8')).toBe('another');
  // A device takes no second name, and gives its bytes.
  await files.copy('/dev/null', join(root, 'd'));
  expect(readFileSync(join(root, 'd'), 'utf8')).toBe('');
});

test('a link is refused where a name is taken; the content has one identity under both', async () => {
  const root = temporaryDirectory();
  const [a, b] = [join(root, 'a'), join(root, 'b')];
  await files.writeFile(a, bytes('x'));
  await files.link(a, b);
  await expect(files.link(a, b)).rejects.toMatchObject({ code: 'EEXIST' });
  expect((await files.stat(a))?.identity).toBe((await files.stat(b))?.identity);
  await files.remove(a);
  expect(await files.list(root)).toEqual(['b']);
});

test('what is not there is told as such', async () => {
  const root = temporaryDirectory();
  const missing = join(root, 'missing');
  writeFileSync(join(root, 'file'), '');
  expect(await files.list(missing)).toEqual([]);
  expect(await files.exists(missing)).toBe(false);
  expect(await files.stat(missing)).toBeUndefined();
  expect(await files.stat(join(root, 'file/below'))).toBeUndefined();
  await files.remove(missing);
  await expect(files.readFile(missing)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a file that replaces another is another', async () => {
  const root = temporaryDirectory();
  const path = join(root, 'a');
  await files.writeFile(path, bytes('1'));
  const first = await files.stat(path);
  await files.writeFile(join(root, 'b'), bytes('2'));
  await files.rename(join(root, 'b'), path);
  const second = await files.stat(path);
  expect(second?.identity).not.toBe(first?.identity);
  expect([first?.kind, second?.sizeBytes]).toEqual(['file', 1]);
});

test('a directory that cannot be made is refused, however deep, and also where the one above takes none', async () => {
  for (const path of ['/proc/nope', '/proc/nope/deeper', '/dev/null/below'])
    await expect(files.makeDirectory(path)).rejects.toThrow(/mkdir/);
});
