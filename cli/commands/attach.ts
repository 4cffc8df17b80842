// sluice attach: the screen on a cluster that others started, sluice or Apache Flink, without a notebook.

import type { Flags, ParsedArguments } from '../args.ts';
import { usageError } from '../exit-codes.ts';
import { CLUSTER_FLAGS } from '../flags.ts';
import { SCREEN_FLAGS } from './screen-flags.ts';

const { 'no-mouse': noMouse, ascii, theme } = SCREEN_FLAGS;

export const ATTACH_FLAGS: Flags = {
  'token-file': CLUSTER_FLAGS['token-file'],
  'no-mouse': noMouse,
  ascii,
  theme,
};

export async function attach(args: ParsedArguments): Promise<number> {
  const [address, ...more] = args.positionals;
  if (address === undefined || more.length > 0)
    throw usageError('attach takes the address of one cluster: sluice attach localhost:8081');
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw usageError('attach is a screen and needs a terminal; in a script: sluice list --json');
  const { showScreen } = await import('./screen.ts');
  const value = (flag: string): string | undefined =>
    flag === 'jobmanager' ? address : args.value(flag);
  return showScreen({ ...args, value }, undefined);
}
