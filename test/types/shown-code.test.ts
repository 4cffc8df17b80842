// Code that we show to users is right: the sample of the README, every notebook that comes along, and what
// `sluice init` writes.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { NotebookParser } from '../../cli/compiler/parse-notebook.ts';
import { temporaryDirectory } from '../harness/temporary-directory.ts';
import { openService } from './checked-notebooks.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const samples = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
const notebooks = readdirSync(join(root, 'notebooks'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(root, 'notebooks', file));

const service = openService();

/** In that folder. What the worker knows, it knows of a notebook's name: all are checked under one. */
async function problems(
  text: string,
  folder = join(root, 'notebooks'),
): Promise<readonly string[]> {
  const notebook = new NotebookParser().parse(join(folder, 'shown.ts'), text);
  const types = (await service.check(notebook)) ?? [];
  return [...notebook.cells.flatMap((cell) => cell.problems), ...types].map(
    ({ line, message }) => `${line} ${message}`,
  );
}

test('the samples of the README', async () => {
  expect(samples.length).toBeGreaterThan(0);
  for (const sample of samples) expect(await problems(sample)).toEqual([]);
});

test.each(notebooks)('%s', async (path) => {
  expect(await problems(readFileSync(path, 'utf8'), dirname(path))).toEqual([]);
});

test('the notebook that sluice init writes', async () => {
  const folder = temporaryDirectory();
  execFileSync(process.execPath, [join(root, '.dist/cli.js'), 'init'], { cwd: folder });
  expect(await problems(readFileSync(join(folder, 'notebook.ts'), 'utf8'))).toEqual([]);
});
