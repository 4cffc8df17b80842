// Which cell of a new version of the notebook is which of the old one: by title, then by text, then by what
// stands between the same neighbours. A cell keeps its job when it is moved, renamed or edited.

import type { Cell } from '../compiler/notebook.ts';

/** For each cell of `after` the index of the same one in `before`; undefined for a new one. */
export function matchCells(
  before: readonly Cell[],
  after: readonly Cell[],
): readonly (number | undefined)[] {
  const matches = new Array<number | undefined>(after.length).fill(undefined);
  const left = new Set(before.keys());
  const pair = (isSame: (old: Cell, cell: Cell) => boolean): void => {
    for (const [i, cell] of after.entries()) {
      if (matches[i] !== undefined) continue;
      const found = [...left].find((old) => isSame(before[old] as Cell, cell));
      if (found === undefined) continue;
      matches[i] = found;
      left.delete(found);
    }
  };
  pair((old, cell) => old.title === cell.title && old.text === cell.text);
  pair((old, cell) => old.title === cell.title && old.kind === cell.kind);
  pair((old, cell) => old.text === cell.text && old.kind === cell.kind);
  // Renamed and edited at once: it stands where it stood, between cells that are known.
  for (const [i, cell] of after.entries()) {
    if (matches[i] !== undefined) continue;
    const place = i === 0 ? 0 : (matches[i - 1] ?? Number.NaN) + 1;
    const old = before[place];
    if (old === undefined || !left.has(place) || old.kind !== cell.kind) continue;
    const next = i + 1 < after.length ? matches[i + 1] : before.length;
    if (next !== place + 1) continue;
    matches[i] = place;
    left.delete(place);
  }
  return matches;
}
