// What may come next on the command line: verbs, flags, their values, contexts, and the ids of jobs, for
// which the cluster is asked. Whatever goes wrong on the way, there is only nothing to offer.

import { escapeControl } from '../../engine/core/logger.ts';
import { options } from '../../engine/core/options.ts';
import { publishedClusters } from '../../engine/entrypoint/cluster-registry.ts';
import { type Flags, parseArguments } from '../args.ts';
import { readContexts } from '../contexts.ts';
import { withCluster } from '../run/connect.ts';
import { VERBS } from '../verbs.ts';
import { SCRIPTS } from './scripts.ts';

/** For whoever waits at a tab. */
const PATIENCE_MS = 2_000;

type Candidate = readonly [word: string, about: string];

/** @param words Behind `sluice`; the last, maybe empty, is the one to complete. Lines of word, tab, text. */
export async function candidatesFor(words: readonly string[]): Promise<readonly string[]> {
  const last = words.at(-1) ?? '';
  const all = await candidates(words.slice(0, -1), last).catch(() => []);
  return all
    .filter(([word]) => word.startsWith(last))
    .map(([word, about]) => (about === '' ? word : `${word}\t${escapeControl(about)}`));
}

async function candidates(before: readonly string[], last: string): Promise<readonly Candidate[]> {
  const [verb, ...rest] = before;
  if (verb === undefined) return verbs();
  if (verb === 'help') return rest.length === 0 ? verbs() : [];
  if (!Object.hasOwn(VERBS, verb)) return [];
  const flags = (await VERBS[verb]?.load())?.flags ?? {};
  const awaiting = flagAwaiting(flags, rest.at(-1) ?? '');
  if (awaiting !== undefined) return valuesOf(awaiting);
  if (last.startsWith('-D')) return keys();
  if (last.startsWith('-')) return flagsLeft(flags, rest);
  return operands(verb, flags, rest);
}

const verbs = (): readonly Candidate[] =>
  Object.entries(VERBS).map(([name, { about }]) => [name, about] as const);

const keys = (): readonly Candidate[] =>
  Object.values(options).map(({ key, description }) => [`-D${key}=`, description] as const);

/** The flag whose value comes next. */
function flagAwaiting(flags: Flags, word: string): string | undefined {
  const found = Object.entries(flags).find(
    ([name, { short, kind }]) =>
      kind !== 'switch' && (word === `--${name}` || (short !== undefined && word === `-${short}`)),
  );
  return found?.[0];
}

function valuesOf(flag: string): readonly Candidate[] {
  switch (flag) {
    case 'context':
      return contexts();
    case 'jobmanager':
      return [...contexts(), ...addresses()];
    case 'theme':
      return [plain('dark'), plain('light')];
    case 'type':
      return [plain('canonical'), plain('native')];
    default:
      return [];
  }
}

function flagsLeft(flags: Flags, said: readonly string[]): readonly Candidate[] {
  return Object.entries(flags)
    .filter(([name, { kind }]) => kind === 'values' || !said.includes(`--${name}`))
    .map(([name, { description }]) => [`--${name}`, description] as const);
}

async function operands(
  verb: string,
  flags: Flags,
  rest: readonly string[],
): Promise<readonly Candidate[]> {
  const { positionals } = parseArguments(verb, flags, rest);
  switch (verb) {
    case 'cancel':
    case 'checkpoint':
    case 'savepoint':
    case 'stop':
      return positionals.length === 0 ? jobs(verb, flags, rest) : [];
    case 'attach':
      return positionals.length === 0 ? [...contexts(), ...addresses()] : [];
    case 'completion':
      return positionals.length === 0 ? Object.keys(SCRIPTS).map(plain) : [];
    case 'context':
      return ofContext(positionals);
    default:
      return [];
  }
}

function ofContext(positionals: readonly string[]): readonly Candidate[] {
  const [action = ''] = positionals;
  if (positionals.length === 0) return ['add', 'use', 'list', 'show', 'remove'].map(plain);
  const takesName = positionals.length === 1 && ['use', 'show', 'remove'].includes(action);
  return takesName ? contexts() : [];
}

const plain = (word: string): Candidate => [word, ''];

const contexts = (): readonly Candidate[] =>
  [...readContexts().all].map(([name, { url }]) => [name, url] as const);

const addresses = (): readonly Candidate[] =>
  publishedClusters().map(({ url, kind }) => [new URL(url).host, `${kind} cluster`] as const);

const ENDED: readonly string[] = ['FINISHED', 'CANCELED', 'FAILED'];

/** Of the cluster that the line names so far. */
async function jobs(
  verb: string,
  flags: Flags,
  rest: readonly string[],
): Promise<readonly Candidate[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const all = await withCluster(parseArguments(verb, flags, rest), (client) => client.jobs(signal));
  return all
    .filter(({ state }) => !ENDED.includes(state))
    .map(({ jid, name, state }) => [jid, `${name} (${state})`] as const);
}
