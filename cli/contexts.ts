// Clusters that the user has named, with how to get in: a file in the user's configuration folder, which only
// the user may read, since headers may hold secrets. A token stays in its own file.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { usageError } from './exit-codes.ts';

export interface Context {
  readonly url: string;
  /** Nothing is changed there: verbs and the screen refuse to. */
  readonly readOnly?: boolean;
  /** Absolute. */
  readonly tokenFile?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A file of certificates, absolute. */
  readonly ca?: string;
}

export interface Contexts {
  readonly current: string | undefined;
  readonly all: ReadonlyMap<string, Context>;
}

/** @throws CommandFailure when the file is there and cannot be read. */
export function readContexts(environment = process.env): Contexts {
  const file = contextsFile(environment);
  try {
    const { current, contexts } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly current?: string;
      readonly contexts?: Readonly<Record<string, Context>>;
    };
    return { current, all: new Map(Object.entries(contexts ?? {})) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { current: undefined, all: new Map() };
    throw usageError(`cannot read the contexts in ${file}: ${(error as Error).message}`);
  }
}

export function writeContexts({ current, all }: Contexts): void {
  const file = contextsFile(process.env);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ current, contexts: Object.fromEntries(all) }, undefined, 2);
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, `${text}\n`, { mode: 0o600 });
  renameSync(beside, file);
}

/** @throws CommandFailure when there is no such context. */
export function contextNamed(name: string): Context {
  const { all } = readContexts();
  const found = all.get(name);
  if (found !== undefined) return found;
  const known = all.size === 0 ? 'there are none' : `there are ${[...all.keys()].join(', ')}`;
  throw usageError(`there is no context ${JSON.stringify(name)}; ${known} (sluice context add)`);
}

function contextsFile({ XDG_CONFIG_HOME: home }: NodeJS.ProcessEnv): string {
  const root = home === undefined || home === '' ? join(homedir(), '.config') : home;
  return join(root, 'sluice', 'contexts.json');
}
