// The seeds that found the planted bugs last. A change of the engine or of the simulation moves what a seed does:
// one that finds its bug no longer is no defect, the hunt goes on from the first seed.

import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('found-at.json', import.meta.url);

export type FoundAt = Record<string, number>;

/** By the bug's name. */
export const readFoundAt = (): FoundAt => JSON.parse(readFileSync(file, 'utf8')) as FoundAt;

/** In the order of `names`; others are forgotten. */
export function writeFoundAt(foundAt: Readonly<FoundAt>, names: readonly string[]): void {
  const known = names.filter((name) => foundAt[name] !== undefined);
  const ordered = Object.fromEntries(known.map((name) => [name, foundAt[name]]));
  writeFileSync(file, `${JSON.stringify(ordered, undefined, 2)}\n`);
}
