// sluice: finds the verb, runs it, and exits with what it says.

import { existsSync } from 'node:fs';
import { SluiceError } from '../engine/core/errors.ts';
import { nearestOf } from '../engine/core/option-checks.ts';
import { RestFailure } from '../engine/rest/rest-failure.ts';
import { parseArguments } from './args.ts';
import { CommandFailure, EXIT, usageError } from './exit-codes.ts';
import { installSignals } from './lifecycle.ts';
import { stderrTalk } from './talk.ts';
import { OPEN, VERBS, type Verb } from './verbs.ts';
import { onOutputClosed, outputFlushed, writeOut } from './write-out.ts';

async function main(argv: readonly string[]): Promise<number> {
  const [first = '', ...rest] = argv;
  if (first === 'completion' && rest[0] === 'words') return complete(rest.slice(2));
  const verb = Object.hasOwn(VERBS, first) ? VERBS[first] : undefined;
  if (argv.some((word) => word === '--help' || word === '-h') || first === 'help')
    return help(verb);
  if (['--version', '-v', 'version'].includes(first)) return version();
  if (verb === undefined) return carryOut(opening(first), 'sluice', argv);
  return carryOut(verb, first, rest);
}

async function carryOut(verb: Verb, name: string, argv: readonly string[]): Promise<number> {
  const { flags, carryOut: act } = await verb.load();
  // What follows a jar are its program's arguments.
  const isLast = (word: string): boolean => flags['class'] !== undefined && word.endsWith('.jar');
  return act(parseArguments(name, flags, argv, isLast));
}

async function help(verb: Verb | undefined): Promise<number> {
  const { helpOf, overview } = await import('./help.ts');
  writeOut(verb === undefined ? overview() : helpOf(verb, (await verb.load()).flags));
  return EXIT.ok;
}

/** What a shell asks at every tab: `sluice completion words -- …`. */
async function complete(words: readonly string[]): Promise<number> {
  const { candidatesFor } = await import('./completion/candidates.ts');
  writeOut((await candidatesFor(words)).map((line) => `${line}\n`).join(''));
  return EXIT.ok;
}

async function version(): Promise<number> {
  const { VERSION } = await import('./version.ts');
  writeOut(`sluice ${VERSION}\n`);
  return EXIT.ok;
}

/** A word that is neither a verb nor a file was meant to be one of them. */
function opening(word: string): Verb {
  if (word === '' || word.startsWith('-') || /[./\\]/.test(word) || existsSync(word)) return OPEN;
  const nearest = nearestOf(word, Object.keys(VERBS));
  const hint = nearest === undefined ? 'sluice --help lists the verbs' : `did you mean ${nearest}?`;
  throw usageError(`there is no verb and no file ${JSON.stringify(word)}; ${hint}`);
}

/** Whatever is still open ends with the process: a cluster of ours notices. */
function exit(code: number): void {
  process.exit(code);
}

/** What the world said no to is told in a line; what we did wrong, with a stack. */
function conclude(error: unknown): number {
  const talk = stderrTalk();
  if (error instanceof CommandFailure) {
    talk.error(error.message);
    return error.code;
  }
  if (error instanceof SluiceError) {
    talk.error(error.message);
    return error instanceof RestFailure ? CODES[error.reason] : EXIT.failed;
  }
  talk.error(`sluice failed: ${String((error as Error).stack ?? error)}`);
  return EXIT.failed;
}

/** What a cluster did not do. */
const CODES = { unreachable: EXIT.unreachable, refused: EXIT.failed, 'read-only': EXIT.usage };

installSignals(exit);
onOutputClosed(() => exit(EXIT.ok));
const code = await main(process.argv.slice(2)).catch(conclude);
await outputFlushed();
exit(code);
