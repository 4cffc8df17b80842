// The modules that exist only for a bundle: its entry, one for each cell, and those that stay outside it
// (sluice and Node's own), which become calls of `__require`. Everything else is a file, and esbuild's
// business; but a file that asks where it is (import.meta, __dirname) gets an answer that bundling keeps true.

import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OnLoadResult, Plugin, PluginBuild } from 'esbuild';
import {
  cellModule,
  cellSpecifier,
  HERE,
  hereSpecifier,
  RESULT,
  startModule,
} from './cell-module.ts';
import type { Notebook } from './notebook.ts';
import type { Selection } from './select-statements.ts';

export interface BundleRequest {
  readonly notebook: Notebook;
  readonly selection: Selection;
}

const START = 'sluice:start';

/** @param asking Files, absolute, that ask where they are. */
export function bundlePlugin(request: BundleRequest, asking: ReadonlySet<string>): Plugin {
  return {
    name: 'notebook',
    setup(build) {
      provide(build, /^sluice:start$/, 'start', () => ({ contents: startModule() }));
      provide(build, /^cell:\d+$/, 'cell', (path) => cellAt(path, request));
      provide(build, /^here:/, 'here', (path) => ({ contents: hereModule(path) }));
      provide(build, OUTSIDE, 'library', (path) => ({
        contents: `module.exports = __require(${JSON.stringify(path)});`,
      }));
      if (asking.size > 0) {
        build.onLoad({ filter: anyOf(asking), namespace: 'file' }, ({ path }) => tellWhere(path));
      }
    },
  };
}

function anyOf(texts: Iterable<string>, more = ''): RegExp {
  const alternatives = Array.from(texts, (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^(?:${alternatives.join('|')}${more})$`);
}

/** What Node brings along, with or without prefix, and sluice. */
const OUTSIDE = anyOf(['sluice', ...builtinModules], '|node:.*');

function provide(
  build: PluginBuild,
  filter: RegExp,
  namespace: string,
  load: (path: string) => OnLoadResult,
): void {
  build.onResolve({ filter }, ({ path }) => ({ path, namespace }));
  build.onLoad({ filter: /.*/, namespace }, ({ path }) => load(path));
}

/** The variable, outside all modules, that the bundle returns. */
export const RETURNED = '__sluice_returned';

/** Imports the cells in file order, whatever they import of each other: so they are evaluated. */
export function entryModule({ selection: { cells } }: BundleRequest): string {
  const specifiers = cells.map(({ cell }) => cellSpecifier(cell.index));
  if (cells[0]?.cell.firstLine === 1) specifiers.unshift(START);
  const imports = specifiers.map((specifier) => `import "${specifier}";`);
  const hasResult = cells.at(-1)?.cell.lastExpression !== undefined;
  const result = `import { ${RESULT} } from "${specifiers.at(-1)}"; ${RETURNED} = ${RESULT};`;
  return [...imports, ...(hasResult ? [result] : [])].join('\n');
}

function cellAt(specifier: string, { notebook, selection }: BundleRequest): OnLoadResult {
  const selected = selection.cells.find(({ cell }) => cellSpecifier(cell.index) === specifier);
  if (selected === undefined) return { errors: [{ text: `there is no ${specifier}` }] };
  const contents = cellModule(selected, selected === selection.cells.at(-1), notebook.path);
  return { contents, loader: 'ts', resolveDir: dirname(notebook.path) };
}

function hereModule(specifier: string): string {
  const path = specifier.slice(hereSpecifier('').length);
  return `export default ${hereOf(path)};`;
}

const hereOf = (path: string): string =>
  JSON.stringify({ url: pathToFileURL(path).href, filename: path, dirname: dirname(path) });

/** Only an ES module has import.meta, and may import; what else asks may be CommonJS, and may not. */
async function tellWhere(path: string): Promise<OnLoadResult> {
  const text = await readFile(path, 'utf8');
  const contents = /\bimport\.meta\b/.test(text)
    ? `${text}\nimport ${HERE} from ${JSON.stringify(hereSpecifier(path))};`
    : `var ${HERE} = ${hereOf(path)};${text}`;
  return { contents, loader: 'default', resolveDir: dirname(path) };
}
