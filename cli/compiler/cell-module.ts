// A selected cell as the text of a module: its own text, at its own lines and columns, with what is not
// wanted blanked out, and behind it the imports and exports that tie the cells together. Nothing is put in
// front of code on its own line, so that what esbuild says and maps is said of the notebook.

import type { Cell, Statement } from './notebook.ts';
import type { SelectedCell } from './select-statements.ts';

/** Stands for `import.meta`, `__dirname` and `__filename`: their values are a module's own. */
export const HERE = '__sluice_here';
/** What a cell's module exports the value of its last expression as. */
export const RESULT = '__sluice_result';
export const cellSpecifier = (index: number): string => `cell:${index}`;
export const hereSpecifier = (path: string): string => `here:${path}`;

/** @param isTarget The cell that was asked for: the value of its last expression is kept. */
export function cellModule(selected: SelectedCell, isTarget: boolean, path: string): string {
  const { cell, statements } = selected;
  const last = isTarget ? cell.lastExpression : undefined;
  const edits = [...blanks(cell, statements), ...(last === undefined ? [] : captures(cell, last))];
  // On the marker's line; the text before the first marker has none: see `startModule`.
  const head =
    cell.firstLine === 1 ? '' : `${'\n'.repeat(cell.firstLine - 2)}__cell(${cell.index});`;
  const start = cell.firstLine === 1 ? '' : '\n';
  const opening = edits.filter((edit) => edit.end === 0).map((edit) => edit.text);
  const rest = edits.filter((edit) => edit.end !== 0);
  return `${head}${opening.join('')}${start}${applied(cell.text, rest)}\n${ties(selected, path)}`;
}

/** Says that the code of the text before the first marker begins: there is no line above it to say so on. */
export const startModule = (): string => '__cell(0);';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A semicolon is left behind: the statement before may have counted on the one after it to end. */
function blanks(cell: Cell, kept: ReadonlySet<Statement>): readonly Edit[] {
  return cell.statements
    .filter((statement) => !kept.has(statement))
    .map(({ start, end }) => {
      const blank = cell.text.slice(start, end).replace(/[^\r\n]/g, ' ');
      return { start, end, text: `;${blank.slice(1)}` };
    });
}

/**
 * `late.map(f)` becomes `export const __sluice_result = (late.map(f))`. The front goes behind the statement
 * before. In a declaration an error has the place of the value; in an assignment it would have the front's.
 */
function captures(cell: Cell, last: Statement): readonly Edit[] {
  const front = cell.statements.at(-2)?.end ?? 0;
  const end = cell.text.startsWith(';', last.end - 1) ? last.end - 1 : last.end;
  return [
    { start: front, end: front, text: `;export const ${RESULT} = (` },
    { start: end, end, text: ')' },
  ];
}

function applied(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

function ties(selected: SelectedCell, path: string): string {
  const lines = [...namesByCell(selected.imports)].map(
    ([index, names]) => `import { ${names.join(', ')} } from "${cellSpecifier(index)}";`,
  );
  // Also without a name: a file with neither import nor export might be taken for CommonJS.
  lines.push(`export { ${exportsOf(selected).join(', ')} };`);
  // Where nothing uses it, esbuild drops it like any import of a TypeScript file.
  if (/\bimport\s*\.\s*meta\b|\b__(?:dir|file)name\b/.test(selected.cell.text)) {
    lines.push(`import ${HERE} from ${JSON.stringify(hereSpecifier(path))};`);
  }
  return lines.join('\n');
}

function namesByCell(imports: ReadonlyMap<string, number>): ReadonlyMap<number, readonly string[]> {
  const byCell = new Map<number, string[]>();
  for (const [name, index] of imports) byCell.set(index, [...(byCell.get(index) ?? []), name]);
  return byCell;
}

/** But for those that the cell's own text exports. */
function exportsOf({ statements, exports }: SelectedCell): readonly string[] {
  const names = [...statements].flatMap((s) => s.declarations.flatMap((d) => d.names));
  const own = new Set(names.filter((name) => name.isExported).map((name) => name.name));
  return [...exports].filter((name) => !own.has(name));
}
