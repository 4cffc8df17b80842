import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { limits } from '../../engine/core/limits.ts';
import { logDirectory } from '../../engine/entrypoint/log-directory.ts';
import { temporaryDirectory } from '../harness/temporary-directory.ts';

function folder(): string {
  const root = temporaryDirectory();
  writeFileSync(join(root, 'secret'), 'secret');
  const logs = join(root, 'logs');
  mkdirSync(join(logs, 'folder'), { recursive: true });
  writeFileSync(join(logs, 'a.log'), 'line\n');
  symlinkSync(join(root, 'secret'), join(logs, 'link.log'));
  return logs;
}

const textOf = async (path: string, name: string): Promise<string | undefined> => {
  const bytes = await logDirectory(path).read(name);
  return bytes && Buffer.from(bytes).toString();
};

test('lists plain files, with their sizes', async () => {
  const files = await logDirectory(folder()).list();
  expect(files).toEqual([{ name: 'a.log', sizeBytes: 5, modifiedMs: expect.any(Number) }]);
});

test('gives out what is listed', async () => {
  expect(await textOf(folder(), 'a.log')).toBe('line\n');
});

test.each([
  '../secret',
  'folder/../../secret',
  '..\\secret',
  'link.log',
  'folder',
  '',
  '.',
  'a.log\0',
  '/etc/passwd',
])('%j is no log', async (name) => {
  expect(await textOf(folder(), name)).toBeUndefined();
});

test('of a long one the end is shown', async () => {
  const logs = folder();
  writeFileSync(join(logs, 'long.log'), `${'x'.repeat(limits.logBytesShownMax)}yyy`);
  const text = (await textOf(logs, 'long.log')) ?? '';
  expect([text.length, text.slice(-4)]).toEqual([limits.logBytesShownMax, 'xyyy']);
});

test('a folder that is not there has no logs', async () => {
  expect(await logDirectory('/nowhere').list()).toEqual([]);
});
