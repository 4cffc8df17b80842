// State that is larger than the heap of its process: on disk it is all there, in memory it is too much. And state
// that is larger than what the disk takes.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../harness/temporary-directory.ts';

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

test('a disk that takes no more of it is the machine’s fault, and named with what to do', {
  timeout: 60_000,
}, () => {
  const full = fileURLToPath(new URL('./full-disk-main.ts', import.meta.url));
  const directory = temporaryDirectory();
  // 4 MB a file; a write beyond it is an error, as on a full disk, and no signal.
  const script = 'trap "" XFSZ; ulimit -f 4096; exec "$@"';
  const command = [process.execPath, '--no-warnings', full, directory];
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', ...command], { encoding: 'utf8' });
  expect(stdout).toMatch(/^the machine: keyed state cannot be written to .*sluice-state-/);
  expect(stdout).toContain(directory);
  expect(stdout).toMatch(/free some space there.*state\.backend\.lmdb\.localdir/);
});
