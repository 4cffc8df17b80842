// What has changed in rows since an earlier snapshot of them. Nothing is noted while they change: pages that
// were written to have been copied, so the earlier snapshot's pages are there to be compared with.

import type { KeyGroupRange } from '../../core/key-groups.ts';
import {
  FREE_ROW,
  type FrozenRows,
  PAGE_BITS,
  type Page,
  type RowFormat,
  strideOf,
} from './row-pages.ts';
import { type PageRows, RowsByGroup } from './rows-by-group.ts';

/** Comparing a row weighs as much as writing this many bytes. */
const COMPARED_ROW_BYTES = 4;

export interface RowChanges {
  /** New, or with another value. */
  readonly changed: RowsByGroup;
  /** Of the earlier pages: entries that are no more, or stand in another row. */
  readonly gone: RowsByGroup;
}

/** Yields what it has done, in bytes. */
export function* findChanges(
  { pages, format }: FrozenRows,
  since: readonly Page[],
  keyGroups: KeyGroupRange,
): Generator<number, RowChanges> {
  const [changed, gone]: [PageRows[], PageRows[]] = [[], []];
  for (const [i, page] of pages.entries()) {
    const before = since[i];
    if (page === before) continue;
    const found = compare(page, before, format);
    const first = i << PAGE_BITS;
    if (found.changed.length > 0)
      changed.push({ groups: page.groups, places: found.changed, first });
    if (before !== undefined && found.gone.length > 0)
      gone.push({ groups: before.groups, places: found.gone, first });
    yield page.groups.length * COMPARED_ROW_BYTES;
  }
  const changes = { changed: new RowsByGroup(keyGroups), gone: new RowsByGroup(keyGroups) };
  yield* changes.changed.sort(changed);
  yield* changes.gone.sort(gone);
  return changes;
}

interface PageChanges {
  readonly changed: number[];
  readonly gone: number[];
}

function compare(page: Page, before: Page | undefined, format: RowFormat): PageChanges {
  const found: PageChanges = { changed: [], gone: [] };
  const same = before === undefined ? undefined : comparing(page, before, format);
  for (let at = 0; at < page.groups.length; at++) {
    const is = page.groups[at] !== FREE_ROW;
    // Pages grow: the earlier one may end before.
    const was = (before?.groups[at] ?? FREE_ROW) !== FREE_ROW;
    if (is && was && same?.key(at) === true && same.value(at)) continue;
    if (is) found.changed.push(at);
    if (was && !(is && same?.key(at) === true)) found.gone.push(at);
  }
  return found;
}

/** By their bits: 0 is not -0, and one NaN is another. */
function comparing(
  page: Page,
  before: Page,
  format: RowFormat,
): { key(at: number): boolean; value(at: number): boolean } {
  const words = strideOf(format) * 2;
  const keyWords = format.hasNumberKeys ? 2 : 0;
  const [now, then] = [wordsOf(page.cells), wordsOf(before.cells)];
  const areSame = (from: number, to: number): boolean => {
    for (let i = from; i < to; i++) if (now[i] !== then[i]) return false;
    return true;
  };
  return {
    key: (at) =>
      page.keys?.[at] === before.keys?.[at] &&
      page.namespaces?.[at] === before.namespaces?.[at] &&
      areSame(at * words, at * words + keyWords),
    // Objects may have changed in place: whoever was given one since has another in the earlier page.
    value: (at) =>
      Object.is(page.values?.[at], before.values?.[at]) &&
      areSame(at * words + keyWords, (at + 1) * words),
  };
}

const wordsOf = ({ buffer, byteOffset, length }: Float64Array): Int32Array =>
  new Int32Array(buffer, byteOffset, length * 2);
