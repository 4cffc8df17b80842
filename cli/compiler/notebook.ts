// A notebook as the compiler sees it: cells, their top-level statements, and the names that these declare
// and use. Every line and column is the file's own, from 1; offsets are those of the cell's text.

import type { Diagnostic } from './diagnostics.ts';

export interface Notebook {
  /** Absolute. What cells import is looked up from its folder. */
  readonly path: string;
  /** The file name, without its folder. */
  readonly name: string;
  readonly cells: readonly Cell[];
}

export interface Cell {
  readonly index: number;
  /** As in the marker; the file's name for the text before the first one; `cell 3` where nothing is said. */
  readonly title: string;
  /** `preamble`: what stands before the first marker. */
  readonly kind: 'preamble' | 'code' | 'markdown';
  /** From the marker; of the preamble: the notebook's, from its first comments. */
  readonly options: Readonly<Record<string, string>>;
  /** Without the marker. */
  readonly lines: readonly string[];
  /** The line on which `lines` begins. */
  readonly firstLine: number;
  /** `lines` as they stand in the file. */
  readonly text: string;
  /** Empty when the cell does not parse at all. */
  readonly statements: readonly Statement[];
  /** The last statement, when it is an expression: its value is what the cell shows. */
  readonly lastExpression: Statement | undefined;
  /** It only declares: no statement of its own could attach a sink or show a value. */
  readonly isLibrary: boolean;
  /** What is wrong with the cell; one with an error cannot be compiled. */
  readonly problems: readonly Diagnostic[];
}

export interface Statement {
  readonly kind: 'import' | 'declaration' | 'expression' | 'other';
  /** Offsets in the cell's text, the end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Lines, inclusive. */
  readonly from: number;
  readonly to: number;
  readonly declarations: readonly Declaration[];
  /** Names from outside the statement's own scopes: one entry for each name and way of use, the first. */
  readonly uses: readonly NameUse[];
  readonly role: StatementRole;
}

/**
 * What sets a statement apart when its cell is merely referred to. `configures`: a call `x.configure(…)`.
 * `assigns`: `x = 1`, `x++`. `side-effects`: an import without names. `exports`: a list of exports, which
 * means nothing in a notebook.
 */
export type StatementRole = 'configures' | 'assigns' | 'side-effects' | 'exports' | 'none';

/** One declarator, function, class, type or import, with the lines that it covers. */
export interface Declaration {
  readonly names: readonly DeclaredName[];
  readonly from: number;
  readonly to: number;
  /** On line `from`. */
  readonly column: number;
}

export interface DeclaredName {
  readonly name: string;
  /** Nothing of it is left at run time: an interface, a type, anything with `declare`. */
  readonly isType: boolean;
  /** The cell's own text exports it. */
  readonly isExported: boolean;
  readonly line: number;
  readonly column: number;
}

export interface NameUse {
  readonly name: string;
  /** Only as a type: nothing of it is left at run time. */
  readonly isType: boolean;
  readonly isWrite: boolean;
  readonly line: number;
  readonly column: number;
}

export const declaredNames = (statement: Statement): readonly DeclaredName[] =>
  statement.declarations.flatMap((declaration) => declaration.names);

export const hasErrors = (cell: Cell): boolean =>
  cell.problems.some((problem) => problem.severity === 'error');
