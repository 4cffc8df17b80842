// State that is larger than the heap of its process: on disk it is all there, in memory it is too much.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('./large-state-main.ts', import.meta.url));

const run = (backend: string) =>
  spawnSync(process.execPath, ['--no-warnings', '--max-old-space-size=32', main, backend], {
    encoding: 'utf8',
  });

test('state on disk may be larger than the heap', { timeout: 60_000 }, () => {
  expect(run('lmdb')).toMatchObject({ status: 0, stdout: '0 of 60000 wrong\n' });
  // Else the heap was large enough.
  expect(run('hashmap').stderr).toContain('heap out of memory');
});
