// Values of one kind side by side: the tags of the column format, and the layouts of what is taken apart into
// columns: objects with the same fields in the same order, and arrays of one length. For each layout functions
// are generated (layout-code.ts), so that every field access in them has seen one layout only. A stable format:
// checkpoints and savepoints are written in it (golden bytes: test/core/columns.test.ts).

import { type Join, joinCode, type Scan, scanCode } from './layout-code.ts';

/** Every value is the same primitive: one value. */
export const CONSTANT = 0;
/** 4 bytes each. */
export const INT32 = 1;
/** 8 bytes each. */
export const FLOAT64 = 2;
/** A byte each. */
export const BOOLEAN = 3;
/** u32 lengths, then all code units in one piece. */
export const LATIN1 = 4;
export const UTF16 = 5;
/** The field names, then a column for each. */
export const OBJECT = 6;
/** The length, then a column for each element. */
export const TUPLE = 7;
/** Anything: one after another in the value format. */
export const VALUES = 8;
/** A byte each, IS_THERE, IS_NULL or IS_UNDEFINED; then a column of those that are there. */
export const NULLABLE = 9;
/** Arrays of any length: u32 lengths, then one column of all their items. */
export const LISTS = 10;

export const IS_THERE = 0;
export const IS_NULL = 1;
export const IS_UNDEFINED = 2;

/** Objects with more fields are taken for dictionaries. */
export const FIELDS_MAX = 64;
/** Of all lists of a column. */
export const ITEMS_MAX = 2 ** 20;
/** Deeper ones travel in the value format. */
export const DEPTH_MAX = 4;

/** Names that cannot be told apart when joined, or that mean something else in an object literal. */
export const isPlainName = (name: string): boolean =>
  name !== '__proto__' && !name.includes('\u0000');

/** Numbers, or what else a column holds. */
export type Column = ArrayLike<unknown>;

/** Of a layout whose fields come in more kinds than this, what is new is taken for anything. */
const VARIANTS_MAX = 32;

export class Layout {
  /** Of an object the names, joined with NUL. */
  readonly text: string;
  /** Undefined: an array. */
  readonly names: readonly string[] | undefined;
  readonly width: number;
  readonly #scans = new Map<string, Scan>();
  readonly #joins = new Map<string, Join>();

  constructor(text: string, names: readonly string[] | undefined, width: number) {
    this.text = text;
    this.names = names;
    this.width = width;
  }

  /** `kinds`: a LaneKind for each field. Undefined where there are too many variants. */
  scan(kinds: string): Scan | undefined {
    return this.#variant(this.#scans, kinds, scanCode);
  }

  /** The same. */
  join(kinds: string): Join | undefined {
    return this.#variant(this.#joins, kinds, joinCode);
  }

  #variant<T>(
    known: Map<string, T>,
    kinds: string,
    make: (names: Layout['names'], kinds: string) => T,
  ): T | undefined {
    let found = known.get(kinds);
    if (found === undefined && (known.size < VARIANTS_MAX || isAny(kinds))) {
      found = make(this.names, kinds);
      known.set(kinds, found);
    }
    return found;
  }
}

/** The kinds of fields of which nothing is known. */
const isAny = (kinds: string): boolean => /^[a-]*$/.test(kinds);

/** A program that has more than this pays for making them again. */
const LAYOUTS_MAX = 1_000;

const layouts = new Map<string, Layout>();

/** Of objects of so many names, joined with NUL; one that was met before. */
export const knownLayout = (text: string, width: number): Layout | undefined =>
  width === 0 ? NOTHING : layouts.get(text);

export function objectLayout(names: readonly string[]): Layout {
  if (names.length === 0) return NOTHING;
  const text = names.join('\u0000');
  const known = layouts.get(text);
  if (known !== undefined) return known;
  if (layouts.size >= LAYOUTS_MAX) layouts.clear();
  const layout = new Layout(text, names, names.length);
  layouts.set(text, layout);
  return layout;
}

/** Of objects of which no field travels; those of one field without a name have the same text. */
const NOTHING = new Layout('', [], 0);

const tuples = new Map<number, Layout>();

/** Of arrays of so many elements. */
export function tupleLayout(length: number): Layout {
  let layout = tuples.get(length);
  if (layout === undefined) {
    layout = new Layout('', undefined, length);
    tuples.set(length, layout);
  }
  return layout;
}
