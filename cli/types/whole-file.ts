// The text of a notebook as TypeScript shall see it: one module of all its cells, every line at its place. What
// is not code for it is left blank: markdown, and cells that do not parse, which would take others with them.

import { type Cell, hasErrors, type Notebook } from '../compiler/notebook.ts';

export function wholeFile({ cells }: Notebook): string {
  const lines: string[] = [];
  for (const cell of cells) {
    // The marker's line: without a semicolon there, one cell could go on in the next.
    while (lines.length < cell.firstLine - 1) lines.push(cell.index === 0 ? '' : ';');
    lines.push(...(isLeftOut(cell) ? cell.lines.map(() => '') : cell.lines));
  }
  return `${lines.join('\n')}\n`;
}

/** The cells that have code, and of which TypeScript sees none. */
export const unreadCells = ({ cells }: Notebook): readonly Cell[] => cells.filter(doesNotParse);

const isLeftOut = (cell: Cell): boolean => cell.kind === 'markdown' || doesNotParse(cell);

const doesNotParse = (cell: Cell): boolean =>
  cell.kind !== 'markdown' && cell.statements.length === 0 && hasErrors(cell);
