// The rules that make cells one program: a name belongs to one cell, only that cell assigns it, and a cell
// sees what stands above it. Each problem names both lines.

import { problemAt } from './diagnostics.ts';
import { type Cell, type DeclaredName, declaredNames, type NameUse } from './notebook.ts';

/** The cells, each with what breaks a rule among its problems. */
export function checkNames(file: string, cells: readonly Cell[]): readonly Cell[] {
  const owners = ownersOf(cells);
  const shared = [...owners.values()].filter(([, second]) => second !== undefined);
  return cells.map((cell) => {
    const problems = [...declaredTwice(cell, shared), ...usedWrongly(cell, owners)];
    if (problems.length === 0) return cell;
    const found = problems.map(({ message, place }) =>
      problemAt(file, message, place, cell.lines, cell.firstLine),
    );
    return { ...cell, problems: [...cell.problems, ...found] };
  });
}

/** A cell that declares a name: one for each name, but by mistake. */
interface Owner {
  readonly cell: Cell;
  readonly declared: DeclaredName;
}

interface NameProblem {
  readonly message: string;
  readonly place: { readonly line: number; readonly column: number };
}

function ownersOf(cells: readonly Cell[]): ReadonlyMap<string, readonly Owner[]> {
  const owners = new Map<string, Owner[]>();
  for (const cell of cells) {
    for (const declared of cell.statements.flatMap(declaredNames)) {
      const known = owners.get(declared.name) ?? [];
      if (known.at(-1)?.cell !== cell) owners.set(declared.name, [...known, { cell, declared }]);
    }
  }
  return owners;
}

function declaredTwice(cell: Cell, shared: readonly (readonly Owner[])[]): NameProblem[] {
  return shared.flatMap((owners) => {
    const own = owners.find((owner) => owner.cell === cell);
    if (own === undefined) return [];
    const { name } = own.declared;
    const places = owners.map(placeOf).join(' and on ');
    const message = `"${name}" is declared twice, on ${places}: a name belongs to one cell`;
    return [{ message, place: own.declared }];
  });
}

function usedWrongly(
  cell: Cell,
  owners: ReadonlyMap<string, readonly Owner[]>,
): readonly NameProblem[] {
  const problems = new Map<string, NameProblem>();
  for (const use of cell.statements.flatMap((statement) => statement.uses)) {
    const [owner, ...others] = owners.get(use.name) ?? [];
    if (owner === undefined || [owner, ...others].some((one) => one.cell === cell)) continue;
    const message = wrongUse(use, owner, cell);
    if (message !== undefined && !problems.has(use.name)) {
      problems.set(use.name, { message, place: use });
    }
  }
  return [...problems.values()];
}

/** `owner` is the uppermost cell that declares the name. */
function wrongUse({ name, isWrite, line }: NameUse, owner: Owner, cell: Cell): string | undefined {
  const declared = placeOf(owner);
  if (owner.cell.index > cell.index) {
    return `"${name}" is used on line ${line} but declared further down, on ${declared}: a cell sees only what stands above it`;
  }
  return isWrite
    ? `"${name}" is assigned on line ${line} but declared on ${declared}: only that cell can assign it`
    : undefined;
}

const placeOf = ({ cell, declared }: Owner): string =>
  `line ${declared.line} (cell "${cell.title}")`;
