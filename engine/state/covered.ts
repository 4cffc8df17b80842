// Changes of state that is kept by slices of time: what has changed of a slice is all of it, and what is no more is
// told by the slice, not entry by entry. So a section says which slices it has in full, and what earlier sections
// hold of those is void. Slices end in their order, so one number tells of most that are gone.

import type { ByteReader, ByteWriter } from '../core/byte-buffer.ts';

/** Slices (of timers: times) of which a section has all there is. */
export interface Covered {
  /** All that are less than this. */
  readonly below: number;
  readonly each: readonly number[];
}

/** Slices as a snapshot finds them. */
interface SlicesNow {
  readonly all: readonly number[];
  readonly isChanged: (slice: number) => boolean;
}

/** What a section of changes since a snapshot that had the slices `before` is to cover. */
export function coveredSince(before: ReadonlySet<number>, { all, isChanged }: SlicesNow): Covered {
  const below = all.reduce((least, slice) => Math.min(least, slice), Number.POSITIVE_INFINITY);
  const now = new Set(all);
  const each = [...before].filter(
    (slice) => slice >= below && (!now.has(slice) || isChanged(slice)),
  );
  return { below, each };
}

export function writeCovered(out: ByteWriter, { below, each }: Covered): void {
  out.f64(below);
  out.varint(each.length);
  for (const slice of each) out.f64(slice);
}

export function readCovered(input: ByteReader): Covered {
  const below = input.f64();
  return { below, each: Array.from({ length: input.varint() }, () => input.f64()) };
}

/** Whether an entry of that namespace is void. */
export type IsVoid = (namespace: unknown) => boolean;

const NOTHING_VOID: IsVoid = () => false;

/** For each of the sections of one key group, in their order: what later ones cover. */
export function voidIn(
  sections: readonly { readonly covers?: Covered | undefined }[],
): readonly IsVoid[] {
  let [isVoid, below, each] = [NOTHING_VOID, Number.NEGATIVE_INFINITY, new Set<unknown>()];
  return sections
    .toReversed()
    .map(({ covers }) => {
      const own = isVoid;
      if (covers !== undefined) {
        below = Math.max(below, covers.below);
        each = each.union(new Set(covers.each));
        isVoid = voidBy(below, each);
      }
      return own;
    })
    .reverse();
}

const voidBy =
  (below: number, each: ReadonlySet<unknown>): IsVoid =>
  (namespace) =>
    (typeof namespace === 'number' && namespace < below) || each.has(namespace);
