// What the type checker has found, in a notebook's terms: of each place the parser's word goes first, and what
// only follows from something else is left out. A cell that does not parse hides what it declares; so others
// are not blamed for its names, nor for values that have no type because of them.

import { dirname, relative } from 'node:path';
import { type Diagnostic, withText } from '../compiler/diagnostics.ts';
import { declaredNames, type Notebook, type Statement } from '../compiler/notebook.ts';
import type { Finding } from './type-messages.ts';
import { unreadCells } from './whole-file.ts';

/** In the order of the file; those of files beside the notebook come last. */
export function diagnosticsOf(
  notebook: Notebook,
  findings: readonly Finding[],
): readonly Diagnostic[] {
  const said = new Set(notebook.cells.flatMap(({ problems }) => problems.map(placeOf)));
  const hidden = hiddenNames(notebook);
  const own = findings
    .filter(({ file }) => file === notebook.path)
    .filter((finding) => !said.has(placeOf(finding)) && !isOf(hidden, finding));
  const doubtful = doubtfulStatements(notebook, own, hidden);
  const others = findings.filter(({ file }) => file !== notebook.path);
  return [
    ...own
      .filter(
        (one) => !FOLLOWS.has(one.code) || !doubtful.some((statement) => isIn(statement, one)),
      )
      .toSorted(byPlace),
    ...others,
  ].map((finding) => diagnosticOf(finding, notebook));
}

/** Something is of type any, or unknown: where something else is wrong, because of that. */
const FOLLOWS = new Set([2571, 7005, 7006, 7010, 7011, 7019, 7031, 7034, 18046]);

/** `Cannot find name …`, in all its forms. */
const NAME_NOT_FOUND = new Set([2304, 2503, 2552, 18004]);

const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$]*/gu;

/** Those that a cell which does not parse may declare, and no other does. */
function hiddenNames(notebook: Notebook): ReadonlySet<string> {
  const declared = new Set(
    notebook.cells.flatMap(({ statements }) =>
      statements.flatMap((statement) => declaredNames(statement).map(({ name }) => name)),
    ),
  );
  const words = unreadCells(notebook).flatMap(({ text }) => text.match(WORD) ?? []);
  return new Set(words.filter((word) => !declared.has(word)));
}

function isOf(names: ReadonlySet<string>, { code, text, column = 1 }: Finding): boolean {
  const [name = ''] = text?.slice(column - 1).match(WORD) ?? [];
  return NAME_NOT_FOUND.has(code) && names.has(name);
}

/** Those in which something is wrong, and those that use what these declare, or a hidden name. */
function doubtfulStatements(
  { cells }: Notebook,
  findings: readonly Finding[],
  hidden: ReadonlySet<string>,
): readonly Statement[] {
  const wrong = findings.filter(({ code }) => !FOLLOWS.has(code));
  const names = new Set(hidden);
  return cells
    .flatMap(({ statements }) => statements)
    .filter((statement) => {
      const isDoubtful =
        statement.uses.some(({ name }) => names.has(name)) ||
        wrong.some((finding) => isIn(statement, finding));
      if (isDoubtful) for (const { name } of declaredNames(statement)) names.add(name);
      return isDoubtful;
    });
}

const isIn = ({ from, to }: Statement, { line = 0 }: Finding): boolean =>
  from <= line && line <= to;

type Place = Pick<Finding, 'line' | 'column'>;

const placeOf = ({ line, column }: Place): string => `${line}:${column}`;

const byPlace = (a: Place, b: Place): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

/** Files beside a notebook are named as it would import them. */
function diagnosticOf({ code: _, ...finding }: Finding, notebook: Notebook): Diagnostic {
  const isOwn = finding.file === notebook.path;
  const file = isOwn ? notebook.name : relative(dirname(notebook.path), finding.file);
  return withText({ ...finding, file }, notebook);
}
