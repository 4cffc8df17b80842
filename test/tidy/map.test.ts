// The map and the style page speak of files that are there.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { filesOfCheckout, ROOT } from './source-files.ts';

const pages = filesOfCheckout().filter((path) =>
  /^(?:README|(?:engine|cli|test)\/[A-Z]+)\.md$/.test(path),
);

test.each(pages)('every path that %s names exists', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, path = '']) => path);
  const named = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]*\.(?:ts|tsx|cjs|md|json))`/g)].map(
    ([, path = '']) => path,
  );
  const missing = [...links, ...named].filter(
    (path) => !existsSync(join(ROOT, dirname(page), path)) && !existsSync(join(ROOT, path)),
  );
  expect(missing).toEqual([]);
});

test('the map has every folder of the engine', () => {
  const map = readFileSync(join(ROOT, 'engine/README.md'), 'utf8');
  const folders = new Set(
    filesOfCheckout()
      .filter((path) => /^engine\/[^/]+\//.test(path))
      .map((path) => path.split('/')[1]),
  );
  expect([...folders].filter((folder) => !map.includes(`\`${folder}\``))).toEqual([]);
});
