// Flink's web dashboard, where the user has one: the files of `flink-dist-*.jar`, of a Flink that has such a
// jar, or of a folder into which they were unpacked. What is served is the list that was made at the start,
// so no path leads out of it.

import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { SluiceError } from '../core/errors.ts';
import type { WebFiles } from '../rest/web-files.ts';
import { zipContent, zipEntries } from './zip-archive.ts';

/** Where they lie in a jar. */
const IN_JAR = 'web/';

/** @throws SluiceError, reason `no-dashboard`. */
export async function openDashboard(path: string): Promise<WebFiles> {
  const files = await filesAt(path).catch((error: unknown) => {
    throw new SluiceError('no-dashboard', `no dashboard at ${path}: ${(error as Error).message}`);
  });
  if (files.has('index.html')) return files;
  throw new SluiceError(
    'no-dashboard',
    `no dashboard at ${path}: it takes a Flink's folder, its lib/flink-dist-*.jar, or a folder with an index.html`,
  );
}

async function filesAt(path: string): Promise<WebFiles> {
  if (!(await stat(path)).isDirectory()) return filesInJar(path);
  const libraries = await readdir(join(path, 'lib')).catch(() => []);
  const jar = libraries.find((name) => /^flink-dist-.*\.jar$/.test(name));
  return jar === undefined ? filesInFolder(path) : filesInJar(join(path, 'lib', jar));
}

/** The jar stays open for as long as the cluster lives. */
async function filesInJar(path: string): Promise<WebFiles> {
  const file = await open(path);
  const entries = await zipEntries(file, (name) => name.startsWith(IN_JAR));
  return new Map(
    entries.map((entry) => [entry.name.slice(IN_JAR.length), () => zipContent(file, entry)]),
  );
}

async function filesInFolder(path: string): Promise<WebFiles> {
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [relative(path, file).split(sep).join('/'), () => readFile(file)];
    }),
  );
}
