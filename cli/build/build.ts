// Makes `.dist/`: one esbuild bundle for the cli and for each process and worker entry, with shared
// chunks, and with `--types` the declarations of the public API. Files appear whole (written beside, then
// renamed), so that a process that starts meanwhile reads either the old build or the new one.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { isStale } from './stale.cjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, '.dist');

/** Output name → source. engine/entrypoint/entries.ts finds them again by these names. */
const ENTRIES: Readonly<Record<string, string>> = {
  cli: 'cli/main.ts',
  index: 'engine/index.ts',
  jobmanager: 'engine/entrypoint/jobmanager-main.ts',
  taskmanager: 'engine/entrypoint/taskmanager-main.ts',
  slot: 'engine/entrypoint/slot-main.ts',
  program: 'engine/entrypoint/program-main.ts',
  'program-worker': 'engine/entrypoint/program-worker-main.ts',
  types: 'cli/types/types-main.ts',
};

/** Loaded from node_modules at run time: they hold binaries, or are large and rarely needed. */
const EXTERNAL = ['esbuild', 'typescript', 'ts-node'];

/** Ink's bridge to React's developer tools is never wanted, and would be bundled whole. */
const withoutDevtools: esbuild.Plugin = {
  name: 'without-devtools',
  setup(build) {
    build.onLoad({ filter: /ink[/\\]build[/\\]devtools\.js$/ }, () => ({ contents: '' }));
  },
};

async function buildBundles(): Promise<void> {
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: dist,
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    chunkNames: 'chunk-[hash]',
    external: EXTERNAL,
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    plugins: [withoutDevtools],
    logLevel: 'warning',
  });
  mkdirSync(dist, { recursive: true });
  for (const file of result.outputFiles) {
    const temporary = `${file.path}.${process.pid}`;
    writeFileSync(temporary, file.contents);
    renameSync(temporary, file.path);
  }
  removeOthers(new Set(result.outputFiles.map((file) => basename(file.path))));
}

function removeOthers(kept: ReadonlySet<string>): void {
  for (const name of readdirSync(dist)) {
    if (/\.js(\.map)?$/.test(name) && !kept.has(name)) rmSync(join(dist, name), { force: true });
  }
}

function buildTypes(): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const out = join(dist, 'types');
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', out];
  rmSync(out, { recursive: true, force: true });
  execFileSync(process.execPath, [tsc, '-p', join(root, 'cli/build/tsconfig.json'), ...options], {
    cwd: root,
    stdio: 'inherit',
  });
}

/** Builds; its stamp carries the time at which it began, so that an edit meanwhile counts as newer. */
async function main(): Promise<void> {
  const began = new Date();
  if (process.argv.includes('--if-stale') && !isStale(root)) return;
  await buildBundles();
  if (process.argv.includes('--types')) buildTypes();
  const stamp = join(dist, '.stamp');
  writeFileSync(stamp, '');
  utimesSync(stamp, began, began);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main();
}
