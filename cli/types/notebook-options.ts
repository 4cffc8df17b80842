// How a notebook is checked: as its folder's tsconfig.json says, as far as that is a matter of taste
// (strictness, libraries, paths), and as sluice compiles and runs it where it is a matter of fact.

import { dirname, resolve } from 'node:path';
import { type CreateOptions, create, type Service } from 'ts-node';
import type { CompilerOptions } from 'typescript';
import { nodeTypes, sluiceTypes, typescriptPath } from './installation.ts';

/** What Node 24 has, where no tsconfig.json says otherwise; no DOM: its globals would hide misspelt names. */
const LIBRARIES = ['es2024', 'esnext.collection', 'esnext.disposable', 'esnext.iterator'];

/** Facts: how esbuild reads a cell, and what there is at run time. */
const FORCED = {
  module: 'esnext',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  target: 'es2024',
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  // A cell's names are there for other cells, and for the reader.
  noUnusedLocals: false,
  noUnusedParameters: false,
  // With it, each check would look at the options and all other files once more.
  noEmitOnError: false,
};

/** Also what a tsconfig.json may say to ts-node is overruled: here it checks, and does nothing else. */
const CHECK_ONLY = {
  pretty: false,
  logError: false,
  transpileOnly: false,
  swc: false,
  compilerHost: false,
  files: false,
  emit: false,
} satisfies CreateOptions;

/**
 * A checker for a notebook.
 * @param more Hooks and the like, for ts-node.
 * @throws TSError when the folder's tsconfig.json is wrong and `more` does not say to skip it.
 */
export function createChecker(path: string, more: CreateOptions): Service {
  const folder = dirname(path);
  const base = { ...CHECK_ONLY, cwd: folder, compiler: typescriptPath, ...more };
  const { options, hasConfig } = configured(create({ ...base, compilerOptions: FORCED }));
  const compilerOptions = {
    ...FORCED,
    ...(hasConfig ? {} : { lib: LIBRARIES }),
    strict: options.strict ?? true,
    allowJs: options.allowJs ?? true,
    types: [...(options.types ?? []).filter((name) => name !== 'node'), nodeTypes(folder)],
    paths: { ...absolutePaths(options, folder), sluice: [sluiceTypes()] },
  };
  return create({ ...base, compilerOptions });
}

interface Configured {
  readonly options: CompilerOptions;
  readonly hasConfig: boolean;
}

/** What the folder says: ts-node puts its own defaults in where there is no tsconfig.json. */
function configured({ config }: Service): Configured {
  const hasConfig = config.options['configFilePath'] !== undefined;
  return { options: hasConfig ? config.options : {}, hasConfig };
}

/** Paths are relative to the file that declares them, which may be one that tsconfig.json extends. */
function absolutePaths(
  { paths = {}, baseUrl, pathsBasePath }: CompilerOptions,
  folder: string,
): Record<string, string[]> {
  const base = baseUrl ?? (typeof pathsBasePath === 'string' ? pathsBasePath : folder);
  return Object.fromEntries(
    Object.entries(paths).map(([name, targets]) => [name, targets.map((t) => resolve(base, t))]),
  );
}
