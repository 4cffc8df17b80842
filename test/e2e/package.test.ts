// What npm would publish, unpacked into an empty folder as an install leaves it: the package has all it needs;
// and npm and npx, which pass signals on to nobody, leave nothing behind when they are ended.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from './harness/temporary-folder.ts';
import { kill, Place } from './harness/tool.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const FOREVER = `import { env } from 'sluice';
// %% Forever
env.generate((i) => i, { ratePerSecond: 100 }).print();
`;

const packed = temporaryFolder();

beforeAll(() => {
  // The build is there already, and as new as the sources.
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', packed], {
    cwd: root,
    stdio: 'ignore',
  });
});

/** The tarball's files at node_modules/sluice, its dependencies beside it, its bin where npx looks. */
function install(place: Place): void {
  const modules = join(place.folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  const [tarball = ''] = readdirSync(packed);
  execFileSync('tar', ['-xzf', join(packed, tarball), '-C', modules]);
  execFileSync('mv', [join(modules, 'package'), join(modules, 'sluice')]);
  const own = dirname(realpathSync(join(root, 'node_modules/esbuild')));
  for (const name of readdirSync(own).filter((one) => !one.startsWith('.')))
    symlinkSync(join(own, name), join(modules, name));
  const bin = join(modules, 'sluice/cli/launcher.cjs');
  chmodSync(bin, 0o755);
  symlinkSync(bin, join(modules, '.bin/sluice'));
  place.write(
    'package.json',
    '{ "private": true, "scripts": { "start": "sluice run forever.ts" } }\n',
  );
  place.write('forever.ts', FOREVER);
}

test('npx sluice demo prints its rows and a summary with the files of the package alone', async () => {
  const place = new Place();
  install(place);
  const { code, out, err } = await place.command(['npx', '--offline', 'sluice', 'demo']).ended();
  expect(err).not.toMatch(/error|warning/);
  expect(code).toBe(0);
  const [rows = '', summary = ''] = out.split('\n\n');
  expect(rows.split('\n').length).toBeGreaterThanOrEqual(20);
  expect(rows.split('\n').length).toBeLessThanOrEqual(50);
  expect(summary).toMatch(/^Mean delay by airport: FINISHED in /);
  expect(await place.leftovers()).toEqual([]);
});

describe('nothing is left when', () => {
  test.each([
    ['SIGTERM', 'npx', ['npx', '--offline', 'sluice', 'run', 'forever.ts']],
    ['SIGKILL', 'npx', ['npx', '--offline', 'sluice', 'run', 'forever.ts']],
    ['SIGTERM', 'npm', ['npm', 'start', '--silent']],
    ['SIGKILL', 'npm', ['npm', 'start', '--silent']],
  ] as const)('%s ends %s', async (signal, _, command) => {
    const place = new Place();
    install(place);
    const run = place.command(command);
    await run.rows(1);
    kill(run.pid, signal);
    expect(await place.leftovers()).toEqual([]);
  });
});
