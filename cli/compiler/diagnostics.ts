// What is wrong with a notebook, from whoever found it (the parser, esbuild, our own rules), in one shape
// and in words for people: where, what, and nothing of the machinery that noticed it.

import type { Message } from 'esbuild';
import type { DiagnosticModel } from '../model/notebook-model.ts';
import type { Notebook } from './notebook.ts';

export type Diagnostic = DiagnosticModel;

/** A problem in a notebook's own text. `lines` begin on line `firstLine` of the file. */
export function problemAt(
  file: string,
  message: string,
  { line, column }: { readonly line: number; readonly column: number },
  lines: readonly string[],
  firstLine: number,
): Diagnostic {
  return { severity: 'error', message, file, line, column, text: lines[line - firstLine] };
}

/** The line that a diagnostic speaks of, where it came without: from a program that ran elsewhere. */
export function withText(diagnostic: Diagnostic, notebook: Notebook): Diagnostic {
  const { file, line, text } = diagnostic;
  if (text !== undefined || line === undefined || file !== notebook.name) return diagnostic;
  return { ...diagnostic, text: lineOf(notebook, line) };
}

/** What esbuild says, of cells (whose modules it calls `cell:…`) and of files that they import. */
export function fromEsbuild(
  { text, location }: Message,
  severity: Diagnostic['severity'],
  notebook: Notebook,
): Diagnostic {
  const message = cleanMessage(text, notebook.name);
  if (location === null) {
    const nowhere = { line: undefined, column: undefined, text: undefined };
    return { severity, message, file: notebook.name, ...nowhere };
  }
  const { file, line, lineText } = location;
  const place = { line, column: columnOf(lineText, location.column) };
  // Of a cell, esbuild has seen a text that was prepared for it.
  return file.startsWith('cell:')
    ? { severity, message, file: notebook.name, ...place, text: lineOf(notebook, line) }
    : { severity, message, file, ...place, text: lineText };
}

/** esbuild counts bytes of UTF-8, from 0. */
const columnOf = (line: string, bytes: number): number =>
  Buffer.from(line).subarray(0, bytes).toString().length + 1;

function lineOf({ cells }: Notebook, line: number): string | undefined {
  const cell = cells.findLast(({ firstLine }) => firstLine <= line);
  return cell?.lines[line - cell.firstLine];
}

function cleanMessage(text: string, notebook: string): string {
  const missing = /^Could not resolve "(.*)"/.exec(text)?.[1];
  if (missing !== undefined) return `cannot find module "${missing}"`;
  return text.replace(/"cell:[^"]*"/g, `"${notebook}"`);
}
