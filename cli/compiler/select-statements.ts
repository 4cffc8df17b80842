// What of a notebook a cell needs: the cell itself, whole, and of the cells above it the declarations that it
// uses, with all that these depend on. Expression statements of other cells never run (their sinks are not
// this cell's), but imports without names do, and calls of env.configure in cells that take part; what assigns
// a needed name belongs to its declaration.

import { type Cell, declaredNames, hasErrors, type Notebook, type Statement } from './notebook.ts';

export interface SelectedCell {
  readonly cell: Cell;
  readonly statements: ReadonlySet<Statement>;
  /** Names that other cells take from this one. */
  readonly exports: ReadonlySet<string>;
  /** Names that this cell takes from others, with those cells' indexes. */
  readonly imports: ReadonlyMap<string, number>;
}

export interface Selection {
  /** In file order; the last one is the cell that was asked for. */
  readonly cells: readonly SelectedCell[];
  /** Cells above that do not parse, when a name is used that none of the others declares. */
  readonly suspects: readonly Cell[];
}

export function selectStatements(notebook: Notebook, target: Cell): Selection {
  const search = new Search(notebook, target);
  search.run();
  const cells = [...search.taken.values()].sort((a, b) => a.cell.index - b.cell.index);
  const above = notebook.cells.slice(0, target.index);
  const broken = above.filter((cell) => hasErrors(cell) && cell.statements.length === 0);
  return { cells, suspects: search.hasUnknownNames ? broken : [] };
}

interface TakenCell extends SelectedCell {
  readonly statements: Set<Statement>;
  readonly exports: Set<string>;
  readonly imports: Map<string, number>;
}

class Search {
  readonly taken = new Map<number, TakenCell>();
  hasUnknownNames = false;
  readonly #target: Cell;
  readonly #cells: readonly Cell[];
  readonly #owners: ReadonlyMap<string, Cell>;
  readonly #waiting: { readonly cell: Cell; readonly statement: Statement }[] = [];

  constructor(notebook: Notebook, target: Cell) {
    this.#target = target;
    this.#cells = notebook.cells.slice(0, target.index + 1);
    this.#owners = valueOwners(this.#cells);
  }

  run(): void {
    for (const cell of this.#cells) {
      if (cell.kind === 'preamble' || cell === this.#target || preparesOthers(cell))
        this.#open(cell);
    }
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      for (const use of next.statement.uses) if (!use.isType) this.#need(use.name, next.cell);
    }
  }

  /** The cell takes part: what it does whatever is used of it. */
  #open(cell: Cell): TakenCell {
    const known = this.taken.get(cell.index);
    if (known !== undefined) return known;
    const opened = {
      cell,
      statements: new Set<Statement>(),
      exports: new Set<string>(),
      imports: new Map<string, number>(),
    };
    this.taken.set(cell.index, opened);
    for (const statement of cell.statements) {
      if (cell === this.#target ? statement.role !== 'exports' : this.#alwaysRuns(statement)) {
        this.#take(opened, statement);
      }
    }
    return opened;
  }

  #alwaysRuns(statement: Statement): boolean {
    return (
      statement.role === 'side-effects' ||
      (statement.role === 'configures' && this.#isLibraryCall(statement))
    );
  }

  /** `env.configure(…)` and not `mine.configure(…)`: its first name is imported. */
  #isLibraryCall({ uses: [first] }: Statement): boolean {
    const name = first?.name ?? '';
    const owner = this.#owners.get(name);
    return owner?.statements.some((s) => s.kind === 'import' && declares(s, name)) === true;
  }

  #take(cell: TakenCell, statement: Statement): void {
    if (cell.statements.has(statement)) return;
    cell.statements.add(statement);
    this.#waiting.push({ cell: cell.cell, statement });
  }

  #need(name: string, by: Cell): void {
    const owner = this.#owners.get(name);
    if (owner === undefined) {
      this.hasUnknownNames ||= !(name in globalThis);
      return;
    }
    const source = this.#open(owner);
    if (owner !== by) {
      source.exports.add(name);
      this.taken.get(by.index)?.imports.set(name, owner.index);
    }
    for (const statement of owner.statements) {
      if (declares(statement, name) || completes(statement, name)) this.#take(source, statement);
    }
  }
}

/** It imports something for what that does. */
const preparesOthers = ({ statements }: Cell): boolean =>
  statements.some(({ role }) => role === 'side-effects');

/** The uppermost cell that declares a name which is there at run time. */
function valueOwners(cells: readonly Cell[]): ReadonlyMap<string, Cell> {
  const owners = new Map<string, Cell>();
  for (const cell of cells) {
    for (const { name, isType } of cell.statements.flatMap(declaredNames)) {
      if (!isType && !owners.has(name)) owners.set(name, cell);
    }
  }
  return owners;
}

const declares = (statement: Statement, name: string): boolean =>
  statement.declarations.some((d) => d.names.some((one) => one.name === name));

/** `let a; a = 1;` and `const m = new Map(); for (…) m.set(…)`: without it the name would hold something else. */
const completes = ({ kind, role, uses }: Statement, name: string): boolean =>
  role === 'assigns'
    ? uses.some((use) => use.name === name && use.isWrite)
    : kind === 'other' && uses.some((use) => use.name === name && !use.isType);
