// A problem with its place, as compilers print it: the file and line, what is wrong, the line with a caret.

import type { Diagnostic } from '../compiler/diagnostics.ts';

const TEXT_MAX = 160;

export function printDiagnostic({ message, file, line, column, text }: Diagnostic): string {
  const place =
    line === undefined ? file : `${file}:${line}${column === undefined ? '' : `:${column}`}`;
  const said = `${place}: ${message}`;
  if (text === undefined || line === undefined || text.length > TEXT_MAX) return said;
  const gutter = `  ${line} | `;
  const caret =
    column === undefined
      ? ''
      : `\n${' '.repeat(gutter.length)}${text.slice(0, column - 1).replace(/[^\t]/g, ' ')}^`;
  return `${said}\n${gutter}${text}${caret}`;
}
