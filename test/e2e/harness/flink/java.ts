// Java programs of the tests: compiled against the jars of a distribution, as a jar or to be run at once.

import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const sources = fileURLToPath(new URL('../../fixtures', import.meta.url));

/** Path of the jar; its main class is named in it. */
export async function jarOf(source: string, home: string, folder: string): Promise<string> {
  const name = basename(source, '.java');
  const classes = join(folder, `classes-${name}`);
  mkdirSync(classes, { recursive: true });
  await run('javac', [
    ...['-nowarn', '-d', classes, '-cp', join(home, 'lib', '*')],
    join(sources, source),
  ]);
  const jar = join(folder, `${name}.jar`);
  await run('jar', ['--create', '--file', jar, '--main-class', name, '-C', classes, '.']);
  return jar;
}

/** Standard output of a program that is compiled as it starts. */
export async function runJava(
  source: string,
  home: string,
  args: readonly string[],
): Promise<string> {
  const { stdout } = await run(
    'java',
    ['-cp', join(home, 'lib', '*'), join(sources, source), ...args],
    { timeout: 120_000 },
  );
  return stdout;
}
