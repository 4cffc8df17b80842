// The files of the checkout that are ours, with their text, for rules that a machine can check.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface SourceFile {
  /** From the root. */
  readonly path: string;
  readonly text: string;
}

/** What .gitignore names, and git's own folder. */
const IGNORED = /^(?:\.git|node_modules|\.dist|\.cache)$|\.(?:log|tgz)$/;

/** From the root, `/` between folders; whether or not this is a checkout of git. */
export function filesOfCheckout(folder = ''): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (IGNORED.test(entry.name)) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesOfCheckout(path) : [path];
  });
}

export function sourceFiles(pattern: RegExp): readonly SourceFile[] {
  return filesOfCheckout()
    .filter((path) => pattern.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

export interface Import {
  readonly from: string;
  /** From the root, or the name of a package. */
  readonly to: string;
  /** Gone when types are stripped. */
  readonly isType: boolean;
}

const IMPORT = /^(?:import|export)\s+(type\s)?[^;'"]*?(?:from\s+)?['"]([^'"]+)['"]/gm;

export function importsOf({ path, text }: SourceFile): readonly Import[] {
  return [...text.matchAll(IMPORT)].map(([, type, target = '']) => ({
    from: path,
    to: target.startsWith('.') ? join(path, '..', target) : target,
    isType: type !== undefined,
  }));
}
