// A real Apache Flink to test against, assembled from the two packages in which Python users get it: one holds
// the jars, the other the scripts and their configuration. It is kept in the user's cache, outside any clone,
// one folder per version, and appears there whole or not at all.

import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const FLINK_VERSION = '2.2.0';

/** All that are met where everything is tested, else the newest alone. */
export const FLINK_VERSIONS: readonly string[] =
  process.env['SLUICE_TEST_FULL'] === '1'
    ? ['1.20.3', '2.0.1', '2.1.1', FLINK_VERSION]
    : [FLINK_VERSION];

/** Where the jars and scripts of a version stand once they have been fetched. */
export function flinkHome(version: string): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'sluice', `flink-${version}`);
}

/** Downloads about 315 MB, unless it is there. Needs python3 with pip, and tar. */
export async function fetchFlink(version: string): Promise<void> {
  const home = flinkHome(version);
  if (existsSync(home)) return;
  const cache = join(home, '..');
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    await assemble(version, work);
    renameSync(join(work, 'flink'), home);
  } catch (error) {
    // Somebody else was quicker: theirs is as good.
    if (!existsSync(home)) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function assemble(version: string, work: string): Promise<void> {
  // The libraries come as source only, the scripts in wheels for each Python: any of them will do.
  const jars = ['--no-binary', ':all:', `apache-flink-libraries==${version}`];
  const scripts = [
    '--only-binary',
    ':all:',
    '--python-version',
    '3.11',
    `apache-flink==${version}`,
  ];
  for (const wanted of [jars, scripts]) {
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', work];
    await run('python3', [...pip, ...wanted]);
  }
  const find = (pattern: RegExp): string => {
    const name = readdirSync(work).find((candidate) => pattern.test(candidate));
    if (name === undefined) throw new Error(`no ${pattern} of Flink ${version} came from pip`);
    return join(work, name);
  };
  await run('tar', ['-xzf', find(/libraries.*\.tar\.gz$/), '-C', work]);
  await run('python3', ['-m', 'zipfile', '-e', find(/\.whl$/), work]);
  const home = join(work, 'flink');
  renameSync(join(find(/libraries-[\d.]+$/), 'deps'), home);
  // What the scripts of the libraries lack, those of the wheel have.
  for (const folder of ['bin', 'conf']) {
    cpSync(join(work, 'pyflink', folder), join(home, folder), { recursive: true });
  }
  mkdirSync(join(home, 'log'), { recursive: true });
  for (const script of readdirSync(join(home, 'bin'))) chmodSync(join(home, 'bin', script), 0o755);
}
