// What the type checker takes from this installation, wherever the notebook is: TypeScript itself (the user's
// folder may have a version without an API), the types of sluice, and those of Node where the folder has none.
// For built code, which stands in `.dist/`; a checkout has the sources beside it, and they are the truer types.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as TypeScript from 'typescript';

const require = createRequire(import.meta.url);
const dist = dirname(fileURLToPath(import.meta.url));

/** What ts-node is to load, an absolute path. */
export const typescriptPath = require.resolve('typescript');

/** The same module as ts-node's. Required: an import would read through its 9 MB for names to export. */
export const typescript: typeof TypeScript = require(typescriptPath);

/** The file that `import 'sluice'` means. */
export function sluiceTypes(): string {
  const sources = join(dist, '../engine/index.ts');
  return existsSync(sources) ? sources : join(dist, 'types/engine/index.d.ts');
}

/** The folder that all of sluice's types are in, with a slash behind it. */
export const sluiceTypesFolder = (): string => `${dirname(sluiceTypes())}/`;

/** For `types` of a notebook's options: the folder's own `@types/node`, else the one that came with sluice. */
export function nodeTypes(folder: string): string {
  try {
    createRequire(join(folder, 'notebook.ts')).resolve('@types/node/package.json');
    return 'node';
  } catch {
    return dirname(require.resolve('@types/node/package.json'));
  }
}
