// sluice attach: the screen on a cluster that others started, sluice or Apache Flink, without a notebook.

import type { Flags, ParsedArguments } from '../args.ts';
import { readContexts } from '../contexts.ts';
import { usageError } from '../exit-codes.ts';
import { CLUSTER_FLAGS } from '../flags.ts';
import { SCREEN_FLAGS } from './screen-flags.ts';

const { 'no-mouse': noMouse, ascii, theme } = SCREEN_FLAGS;

export const ATTACH_FLAGS: Flags = {
  ...CLUSTER_FLAGS,
  'no-mouse': noMouse,
  ascii,
  theme,
};

export async function attach(args: ParsedArguments): Promise<number> {
  const [said, ...more] = args.positionals;
  const address =
    said ?? args.value('jobmanager') ?? args.value('context') ?? readContexts().current;
  if (address === undefined || more.length > 0)
    throw usageError('attach takes the address of one cluster: sluice attach localhost:8081');
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw usageError('attach is a screen and needs a terminal; in a script: sluice list --json');
  const { showScreen } = await import('./screen.ts');
  const value = (flag: string): string | undefined =>
    flag === 'context' ? undefined : flag === 'jobmanager' ? address : args.value(flag);
  return showScreen({ ...args, value }, undefined);
}
