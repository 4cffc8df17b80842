// The command line: verbs, their flags and what they mean. A flag that does not exist, or lacks its value,
// is an error that names it and the nearest one that does.

import { nearestOf } from '../engine/core/option-checks.ts';
import { usageError } from './exit-codes.ts';

interface Flag {
  /** `value`: takes one; `values`: may be repeated; `switch`: takes none. */
  readonly kind: 'value' | 'values' | 'switch';
  readonly short?: string;
  /** As the help shows it: `N`, `FILE`. */
  readonly value?: string;
  readonly description: string;
}

export type Flags = Readonly<Record<string, Flag>>;

export interface ParsedArguments {
  readonly positionals: readonly string[];
  /** The last value given. */
  value(flag: string): string | undefined;
  values(flag: string): readonly string[];
  has(flag: string): boolean;
  /** From `-Dkey=value`. */
  readonly configuration: Readonly<Record<string, string>>;
}

/** @param isLast Of a positional: what follows it is for somebody else. @throws CommandFailure with exit code 2. */
export function parseArguments(
  verb: string,
  flags: Flags,
  argv: readonly string[],
  isLast: (word: string) => boolean = () => false,
): ParsedArguments {
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  const configuration: Record<string, string> = {};
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === '--') {
      positionals.push(...argv.slice(i + 1));
      break;
    }
    if (word.startsWith('-D')) {
      const [key, value] = definition(word.length > 2 ? word.slice(2) : argv[++i], '-D');
      configuration[key] = value;
    } else if (word.startsWith('-') && word !== '-') {
      i += take(verb, flags, word, argv[i + 1], given);
    } else {
      positionals.push(word);
      if (!isLast(word)) continue;
      positionals.push(...argv.slice(i + 1));
      break;
    }
  }
  return {
    positionals,
    configuration,
    value: (flag) => given.get(flag)?.at(-1),
    values: (flag) => given.get(flag) ?? [],
    has: (flag) => given.has(flag),
  };
}

/** `name=value` pairs of a repeated flag. */
export function definitions(values: readonly string[], flag: string): Record<string, string> {
  return Object.fromEntries(values.map((text) => definition(text, flag)));
}

/** A whole number of at least `min`. */
export function integer(text: string | undefined, flag: string, min: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min)
    throw usageError(
      `${flag} takes a whole number of at least ${min}, not ${JSON.stringify(text)}`,
    );
  return value;
}

/** Returns how many further words belong to the flag. */
function take(
  verb: string,
  flags: Flags,
  word: string,
  next: string | undefined,
  given: Map<string, string[]>,
): number {
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const found = Object.entries(flags).find(
    ([flag, { short }]) => name === `--${flag}` || (short !== undefined && name === `-${short}`),
  );
  if (found === undefined) throw unknownFlag(verb, flags, name);
  const [flag, { kind }] = found;
  const values = given.get(flag) ?? [];
  given.set(flag, values);
  if (kind === 'switch') {
    if (equals >= 0) throw usageError(`${name} takes no value`);
    values.push('');
    return 0;
  }
  if (equals >= 0) {
    values.push(word.slice(equals + 1));
    return 0;
  }
  if (next === undefined) throw usageError(`${name} needs a value`);
  values.push(next);
  return 1;
}

function definition(text: string | undefined, flag: string): [string, string] {
  const equals = text?.indexOf('=') ?? -1;
  if (text === undefined || equals < 1)
    throw usageError(`${flag} takes name=value, not ${JSON.stringify(text ?? '')}`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function unknownFlag(verb: string, flags: Flags, name: string): Error {
  const nearest = nearestOf(
    name,
    Object.keys(flags).map((flag) => `--${flag}`),
  );
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return usageError(`${verb} has no flag ${name}${hint} (sluice ${verb} --help lists them)`);
}
