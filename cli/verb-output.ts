// What a verb says on stdout: lines as `bin/flink` prints them, or with `--json` one document and nothing else.
// Much of it comes from the cluster: control characters are shown, not obeyed.

import { escapeControl } from '../engine/core/logger.ts';
import type { Flags, ParsedArguments } from './args.ts';
import { writeOut } from './write-out.ts';

export const JSON_FLAG = {
  json: { kind: 'switch', description: 'One JSON document instead of lines.' },
} as const satisfies Flags;

export interface VerbOutput {
  line(text: string): void;
  /** The document. */
  result(value: unknown): void;
}

export function verbOutput(args: Pick<ParsedArguments, 'has'>): VerbOutput {
  return args.has('json')
    ? { line: () => undefined, result: (value) => writeOut(`${JSON.stringify(value)}\n`) }
    : { line: (text) => writeOut(`${escapeControl(text)}\n`), result: () => undefined };
}
