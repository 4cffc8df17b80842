// What `--help` prints, of sluice and of each verb.

import type { Flags } from './args.ts';
import { OPEN, VERBS, type Verb } from './verbs.ts';

const EXIT_CODES =
  'Exit codes: 0 success · 1 a job failed · 2 usage · 3 no cluster · 4 does not compile · 130 interrupted · 143 terminated';

export function overview(): string {
  const verbs = [OPEN, ...Object.values(VERBS)].map(({ usage, about }) => [usage, about] as const);
  return [
    'sluice: a notebook for stream processing in the terminal',
    '',
    ...table(verbs),
    '',
    '  -h, --help and -v, --version with any of them; -Dkey=value sets a key of the configuration.',
    '',
    EXIT_CODES,
    '',
  ].join('\n');
}

export function helpOf({ usage, about }: Verb, flags: Flags): string {
  const rows = Object.entries(flags).map(([name, { short, value, description }]) => {
    const key = short === undefined ? `    --${name}` : `-${short}, --${name}`;
    return [value === undefined ? key : `${key} ${value}`, description] as const;
  });
  const all = [...rows, ['-D KEY=VALUE', 'Sets a key of the configuration.'] as const];
  return [`${usage} [flags]`, about, '', ...table(all), ''].join('\n');
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([key]) => key.length));
  return rows.map(([key, text]) => `  ${key.padEnd(width)}   ${text}`);
}
