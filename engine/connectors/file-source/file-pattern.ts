// Names of files with `*` (within a name), `**` (any folders), `?`, `{a,b}` and `[a-z]`. A pattern becomes
// steps, one a path segment: folders whose names are plain are entered without being listed. A name that
// begins with a dot matches only where the pattern has the dot too.

import { resolve } from 'node:path';
import type { FileStatus, FileSystem } from '../../core/file-system.ts';
import { limits } from '../../core/limits.ts';

export interface FoundFile {
  /** Relative if the pattern is. */
  readonly path: string;
  readonly status: FileStatus;
}

type Step = string | RegExp | typeof ANY_FOLDERS;

const ANY_FOLDERS = Symbol('**');
const MAGIC = /[*?[{]/;
const VISIBLE = /^[^.]/;
/** Of `{a,b}{c,d}…`: each doubles them. */
const ALTERNATIVES_MAX = 1_024;

export const isPattern = (text: string): boolean => MAGIC.test(text);

/** The regular files that match, sorted by path. `directory` is where relative patterns begin. */
export async function findFiles(
  pattern: string,
  directory: string,
  fileSystem: FileSystem,
): Promise<FoundFile[]> {
  const walk = new Walk(directory, fileSystem);
  for (const plain of expandBraces(pattern)) {
    const segments = plain.split('/').filter((segment) => segment !== '' && segment !== '.');
    if (segments.at(-1) === '**') segments.push('*');
    await walk.follow(plain.startsWith('/') ? '/' : '', segments.map(stepOf), 0, []);
  }
  return walk.found();
}

/** The regular files in a folder and those below; without those that begin with a dot or an underscore. */
export async function filesBelow(
  path: string,
  directory: string,
  fileSystem: FileSystem,
): Promise<FoundFile[]> {
  const root = path.replace(/(?<=.)\/+$/, '');
  const walk = new Walk(directory, fileSystem);
  await walk.follow(root, [ANY_FOLDERS, VISIBLE], 0, []);
  return walk.found().filter((file) => !file.path.slice(root.length).includes('/_'));
}

class Walk {
  readonly #directory: string;
  readonly #fileSystem: FileSystem;
  readonly #found = new Map<string, FileStatus>();

  constructor(directory: string, fileSystem: FileSystem) {
    this.#directory = directory;
    this.#fileSystem = fileSystem;
  }

  found(): FoundFile[] {
    const files = [...this.#found].map(([path, status]) => ({ path, status }));
    return files.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** @param above Identities of the folders entered by `**`, so that a link to one of them ends. */
  async follow(
    path: string,
    steps: readonly Step[],
    at: number,
    above: readonly string[],
  ): Promise<void> {
    const step = steps[at];
    if (step === undefined) return this.#take(path);
    if (typeof step === 'string') return this.follow(joined(path, step), steps, at + 1, above);
    const folder = await this.#stat(path);
    if (folder?.kind !== 'directory' || above.includes(folder.identity)) return;
    if (step === ANY_FOLDERS) await this.follow(path, steps, at + 1, []);
    const names = await this.#fileSystem.list(resolve(this.#directory, path));
    for (const name of names) {
      const child = joined(path, name);
      if (step !== ANY_FOLDERS && step.test(name)) await this.follow(child, steps, at + 1, []);
      if (step === ANY_FOLDERS && VISIBLE.test(name))
        await this.follow(child, steps, at, [...above, folder.identity]);
    }
  }

  async #take(path: string): Promise<void> {
    const status = await this.#stat(path);
    if (status?.kind !== 'file') return;
    this.#found.set(path, status);
    if (this.#found.size > limits.filesListedMax) {
      throw new Error(
        `more than ${limits.filesListedMax} files match; name fewer, or put them into fewer files`,
      );
    }
  }

  #stat(path: string): Promise<FileStatus | undefined> {
    return this.#fileSystem.stat(resolve(this.#directory, path));
  }
}

const joined = (path: string, name: string): string =>
  path === '' || path.endsWith('/') ? `${path}${name}` : `${path}/${name}`;

function stepOf(segment: string): Step {
  if (segment === '**') return ANY_FOLDERS;
  if (!MAGIC.test(segment)) return segment;
  const hidden = segment.startsWith('.') ? '' : '(?!\\.)';
  const source = segment.replace(/\*+|\?|\[([!^]?)([^\]]+)\]|[\\^$.|+(){}[\]]/g, translate);
  return new RegExp(`^${hidden}${source}$`, 's');
}

function translate(part: string, not: string | undefined, characters: string | undefined): string {
  if (part.startsWith('*')) return '.*';
  if (part === '?') return '.';
  if (characters === undefined) return `\\${part}`;
  return `[${not === '' ? '' : '^'}${characters.replace(/[\\\]^]/g, '\\$&')}]`;
}

/** `a{b,c{d,e}}` is ab, acd, ace. Braces without a comma, or unclosed, are plain characters. */
function expandBraces(pattern: string): readonly string[] {
  const plain: string[] = [];
  const open = [pattern];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const alternatives = expandInnermost(text);
    if (alternatives === undefined) plain.push(text);
    else open.push(...alternatives);
    if (plain.length + open.length > ALTERNATIVES_MAX)
      throw new Error(`the pattern ${pattern} has more than ${ALTERNATIVES_MAX} alternatives`);
  }
  return plain;
}

/** One pair of braces that holds no other, replaced by each of its alternatives. */
function expandInnermost(pattern: string): string[] | undefined {
  const match = /\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (match === null) return undefined;
  const [whole, inside = ''] = match;
  const before = pattern.slice(0, match.index);
  const behind = pattern.slice(match.index + whole.length);
  return inside.split(',').map((alternative) => `${before}${alternative}${behind}`);
}
