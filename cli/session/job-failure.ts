// Why a cell's job has failed, as a problem at the cell's own line: where the program threw, else where the
// operator was made.

import type { Diagnostic } from '../compiler/diagnostics.ts';
import type { Notebook } from '../compiler/notebook.ts';
import type { CellState } from './cell-state.ts';

/**
 * @param text As the job's exceptions have it: the message, what is known of the place, the frames.
 * @returns None where the cell is not any more what has failed.
 */
export function failureOf(
  text: string,
  { cell, job, isStale }: CellState,
  { name }: Notebook,
): readonly Diagnostic[] {
  if (job === undefined || isStale) return [];
  // The cell may have moved since: lines of the failure are those of the submission.
  const lineOf = (line: number): number | undefined => {
    const index = line - job.firstLine;
    return index >= 0 && index < cell.lines.length ? cell.firstLine + index : undefined;
  };
  const frame = framesIn(text, name).find(({ line }) => lineOf(line) !== undefined);
  const [, operatorLine] = /^ {2}in .*cell ".*", line (\d+)/m.exec(text) ?? [];
  const line = lineOf(frame?.line ?? Number(operatorLine)) ?? cell.firstLine;
  const place = { file: name, line, column: frame?.column };
  return [
    {
      severity: 'error',
      message: messageOf(text),
      ...place,
      text: cell.lines[line - cell.firstLine],
    },
  ];
}

interface Frame {
  readonly line: number;
  readonly column: number;
}

function framesIn(text: string, notebook: string): readonly Frame[] {
  return text.split('\n').flatMap((row) => {
    const [, file = '', line, column] = /^\s+at (?:.*\()?(.+):(\d+):(\d+)\)?$/.exec(row) ?? [];
    const isOwn = file.slice(file.lastIndexOf('/') + 1) === notebook;
    return isOwn ? [{ line: Number(line), column: Number(column) }] : [];
  });
}

/** What was thrown, with the record that was at work. */
function messageOf(text: string): string {
  const before = text.search(/\n {2}in |\n\s+at /);
  const [, record] = /^ {2}in .*?, record (.*)$/m.exec(text) ?? [];
  const message = before < 0 ? text : text.slice(0, before);
  return record === undefined ? message : `${message} (record ${record})`;
}
