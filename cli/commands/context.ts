// sluice context: clusters by name. What is read-only there stays unchanged whichever verb is used.

import { resolve } from 'node:path';
import type { Flags, ParsedArguments } from '../args.ts';
import { type Context, contextNamed, readContexts, writeContexts } from '../contexts.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { CLUSTER_FLAGS } from '../flags.ts';
import { headersFrom } from '../headers.ts';
import { clusterUrl } from '../run/cluster-address.ts';
import { fileOf } from '../token.ts';
import { JSON_FLAG, type VerbOutput, verbOutput } from '../verb-output.ts';

export const CONTEXT_FLAGS: Flags = {
  'read-only': { kind: 'switch', description: 'Nothing can be changed there, only looked at.' },
  'token-file': CLUSTER_FLAGS['token-file'],
  header: CLUSTER_FLAGS.header,
  ca: CLUSTER_FLAGS.ca,
  ...JSON_FLAG,
};

const NAME = /^[A-Za-z0-9][\w.-]{0,62}$/;
/** As Flink masks secrets. */
const MASKED = '******';

export function context(args: ParsedArguments): number {
  const [action, ...operands] = args.positionals;
  const output = verbOutput(args);
  switch (action) {
    case 'add':
      return add(args, operands, output);
    case 'use':
      return use(one(operands, 'use'), output);
    case 'list':
      return list(output);
    case 'show':
      return show(operands, output);
    case 'remove':
      return remove(one(operands, 'remove'), output);
    default:
      throw usageError(
        `context takes add, use, list, show or remove${action === undefined ? '' : `, not ${JSON.stringify(action)}`}`,
      );
  }
}

function add(args: ParsedArguments, operands: readonly string[], output: VerbOutput): number {
  const [name, address, ...more] = operands;
  if (name === undefined || address === undefined || more.length > 0)
    throw usageError('context add takes a name and an address: sluice context add prod https://…');
  if (!NAME.test(name))
    throw usageError(
      `${JSON.stringify(name)} is no name for a context: letters, digits, - _ and . after the first`,
    );
  const { current, all } = readContexts();
  writeContexts({ current, all: new Map([...all, [name, contextOf(args, address)]]) });
  output.line(`Context ${name} ${all.has(name) ? 'changed' : 'added'}.`);
  output.result({ name, ...shown(contextNamed(name)) });
  return EXIT.ok;
}

/** What the flags name is looked at now: a file that is missing is better said here. */
function contextOf(args: ParsedArguments, address: string): Context {
  const [tokenFile, ca] = [args.value('token-file'), args.value('ca')];
  if (tokenFile !== undefined) fileOf('--token-file', tokenFile);
  if (ca !== undefined) fileOf('--ca', ca);
  const headers = headersFrom(args.values('header'));
  return {
    url: clusterUrl(address, 'context add'),
    ...(args.has('read-only') ? { readOnly: true } : {}),
    ...(tokenFile === undefined ? {} : { tokenFile: resolve(tokenFile) }),
    ...(ca === undefined ? {} : { ca: resolve(ca) }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}

function use(name: string, output: VerbOutput): number {
  contextNamed(name);
  const { all } = readContexts();
  writeContexts({ current: name, all });
  output.line(`Context ${name} is used where no cluster is named.`);
  output.result({ current: name });
  return EXIT.ok;
}

function list(output: VerbOutput): number {
  const { current, all } = readContexts();
  const width = Math.max(0, ...[...all.keys()].map((name) => name.length));
  for (const [name, { url, readOnly }] of all)
    output.line(
      `${name === current ? '*' : ' '} ${name.padEnd(width)}  ${url}${readOnly === true ? '  read-only' : ''}`,
    );
  if (all.size === 0) output.line('No contexts.');
  output.result({
    current: current ?? null,
    contexts: [...all].map(([name, one]) => ({ name, ...shown(one) })),
  });
  return EXIT.ok;
}

function show([said, ...more]: readonly string[], output: VerbOutput): number {
  if (more.length > 0)
    throw usageError(`context show takes one context, not also ${more.join(' ')}`);
  const name = said ?? readContexts().current;
  if (name === undefined)
    throw usageError('no context is used: name one (sluice context list shows them)');
  const one = shown(contextNamed(name));
  for (const [key, value] of Object.entries({ name, ...one }))
    output.line(`${key}: ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  output.result({ name, ...one });
  return EXIT.ok;
}

function remove(name: string, output: VerbOutput): number {
  contextNamed(name);
  const { current, all } = readContexts();
  const rest = new Map([...all].filter(([other]) => other !== name));
  writeContexts({ current: current === name ? undefined : current, all: rest });
  output.line(`Context ${name} removed.`);
  output.result({ removed: name });
  return EXIT.ok;
}

/** Whatever a header says may be a secret. */
function shown({ headers, readOnly, ...others }: Context): Readonly<Record<string, unknown>> {
  const masked = Object.keys(headers ?? {}).map((key) => [key, MASKED] as const);
  return {
    ...others,
    readOnly: readOnly ?? false,
    ...(masked.length === 0 ? {} : { headers: Object.fromEntries(masked) }),
  };
}

function one(operands: readonly string[], action: string): string {
  const [name, ...more] = operands;
  if (name === undefined || more.length > 0)
    throw usageError(`context ${action} takes the name of one context (sluice context list)`);
  return name;
}
