// sluice completion SHELL: prints what the shell is to evaluate.

import type { Flags, ParsedArguments } from '../args.ts';
import { SCRIPTS } from '../completion/scripts.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { writeOut } from '../write-out.ts';

export const COMPLETION_FLAGS: Flags = {};

export function completion({ positionals }: ParsedArguments): number {
  const [shell = '', ...more] = positionals;
  const script = new Map<string, string>(Object.entries(SCRIPTS)).get(shell);
  if (script === undefined || more.length > 0)
    throw usageError(
      `completion takes one of ${Object.keys(SCRIPTS).join(', ')}: eval "$(sluice completion bash)"`,
    );
  writeOut(script);
  return EXIT.ok;
}
