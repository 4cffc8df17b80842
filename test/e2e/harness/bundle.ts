// Bundles a test program with esbuild as the product's build does: one file, React in production mode,
// without Ink's bridge to developer tools.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const withoutDevtools: esbuild.Plugin = {
  name: 'without-devtools',
  setup(build) {
    build.onLoad({ filter: /ink[/\\]build[/\\]devtools\.js$/ }, () => ({ contents: '' }));
  },
};

/** Path of the bundle, under the repository's git-ignored `.cache`. `entry` is relative to its root. */
export async function bundle(entry: string, name: string): Promise<string> {
  const outfile = join(root, '.cache', `${name}.mjs`);
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    plugins: [withoutDevtools],
    logLevel: 'warning',
  });
  return outfile;
}
