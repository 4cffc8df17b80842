// One run of esbuild over a cell's modules. Its process stays warm between runs and is let go by `stop`; no
// context is kept, because a context keeps its owner's process alive until it is disposed of, and saves but
// 1.2 ms of the 6.5 ms that a cell of a 200-line notebook takes (2 cores, Node 24).

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as esbuild from 'esbuild';
import { type BundleRequest, bundlePlugin, entryModule, RETURNED } from './bundle-plugin.ts';
import { HERE } from './cell-module.ts';

export interface Built {
  readonly code: string;
  /** Source map, JSON text, with esbuild's names of the sources. */
  readonly map: string;
  readonly warnings: readonly esbuild.Message[];
  /** Absolute paths of the files that went into it. */
  readonly files: readonly string[];
}

/**
 * Rejects with an esbuild.BuildFailure when the cell does not compile.
 * @param asking Files, absolute, known to ask where they are; those found to do so are added.
 */
export async function runEsbuild(request: BundleRequest, asking: Set<string>): Promise<Built> {
  const built = await build(request, asking);
  if (!built.code.includes(HERE)) return built;
  const known = asking.size;
  for (const file of built.files) if (await asksWhereItIs(file)) asking.add(file);
  return asking.size === known ? built : build(request, asking);
}

async function build(request: BundleRequest, asking: ReadonlySet<string>): Promise<Built> {
  const folder = dirname(request.notebook.path);
  const { outputFiles, warnings, metafile } = await esbuild.build({
    ...OPTIONS,
    stdin: { contents: entryModule(request), sourcefile: 'entry:' },
    absWorkingDir: folder,
    plugins: [bundlePlugin(request, asking)],
  });
  const textOf = (end: string): string =>
    outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  const files = Object.keys(metafile.inputs).filter((name) => !IS_VIRTUAL.test(name));
  return {
    code: textOf('.js'),
    map: textOf('.map'),
    warnings,
    files: files.map((file) => resolve(folder, file)),
  };
}

const OPTIONS = {
  outfile: 'bundle.js',
  write: false,
  metafile: true,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'silent',
  sourcemap: 'external',
  sourcesContent: false,
  // An import() that cannot be resolved here fails where it runs: no module is ever imported there.
  supported: { 'dynamic-import': false },
  define: { 'import.meta': HERE, __dirname: `${HERE}.dirname`, __filename: `${HERE}.filename` },
  banner: { js: `let ${RETURNED};` },
  footer: { js: `return ${RETURNED};` },
} satisfies esbuild.BuildOptions;

const IS_VIRTUAL = /^(?:entry|start|cell|library|here):/;

async function asksWhereItIs(file: string): Promise<boolean> {
  return /\bimport\.meta\b|\b__(?:dir|file)name\b/.test(await readFile(file, 'utf8'));
}
