// Values of one kind side by side: the tags of the column format, and the functions that take objects of one
// shape apart and put them together again. These are generated, one pair for each shape, so that every field
// access in them has seen one shape only.

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

/** Objects with more fields are taken for dictionaries. */
export const FIELDS_MAX = 64;
/** Deeper ones travel in the value format. */
export const DEPTH_MAX = 4;

/** Names that cannot be told apart when joined, or that mean something else in an object literal. */
export const isPlainName = (name: string): boolean =>
  name !== '__proto__' && !name.includes('\u0000');

/** Numbers, or what else a column holds. */
export type Column = ArrayLike<unknown>;

export interface Shape {
  /** The names, joined with NUL: what identifies it. */
  readonly text: string;
  readonly names: readonly string[];
  /**
   * Puts field i of each of `count` values from `first` on into `columns[i]`. False when one of the values is
   * no object of exactly this shape.
   */
  split(values: Column, first: number, count: number, columns: readonly unknown[][]): boolean;
  /** The opposite: as many objects. */
  join(count: number, columns: readonly Column[]): object[];
}

/** A program that has more shapes than this pays for making them again. */
const SHAPES_MAX = 1_000;

const shapes = new Map<string, Shape>();

/** One that was met before. */
export const knownShape = (text: string): Shape | undefined => shapes.get(text);

/** The shape with these names, joined with NUL. */
export function shapeOf(text: string): Shape {
  const known = shapes.get(text);
  if (known !== undefined) return known;
  if (shapes.size >= SHAPES_MAX) shapes.clear();
  const shape = makeShape(text);
  shapes.set(text, shape);
  return shape;
}

function makeShape(text: string): Shape {
  const names = text === '' ? [] : text.split('\u0000');
  const literals = names.map((name) => JSON.stringify(name));
  const split = `
    const keys = [${literals.join(', ')}];
    return (values, first, count, columns) => {
      ${names.map((_, i) => `const c${i} = columns[${i}];`).join(' ')}
      for (let i = 0; i < count; i++) {
        const value = values[first + i];
        if (typeof value !== 'object' || value === null || prototypeOf(value) !== plain) return false;
        let at = 0;
        for (const key in value) if (key !== keys[at++]) return false;
        if (at !== ${names.length}) return false;
        ${literals.map((name, i) => `c${i}[i] = value[${name}];`).join(' ')}
      }
      return true;
    };`;
  const makeSplit = new Function('prototypeOf', 'plain', split) as (
    prototypeOf: (value: object) => unknown,
    plain: object,
  ) => Shape['split'];
  const fields = literals.map((name, i) => `${name}: c${i}[i]`);
  return {
    text,
    names,
    split: makeSplit(Object.getPrototypeOf, Object.prototype),
    join: makeJoin(names.length, `{ ${fields.join(', ')} }`),
  };
}

function makeJoin(length: number, value: string): Shape['join'] {
  const columns = Array.from({ length }, (_, i) => `const c${i} = columns[${i}];`);
  const make = new Function(`
    return (count, columns) => {
      ${columns.join(' ')}
      const all = new Array(count);
      for (let i = 0; i < count; i++) all[i] = ${value};
      return all;
    };`) as () => Shape['join'];
  return make();
}

const tupleJoins = new Map<number, Shape['join']>();

/** Makes arrays of so many elements. */
export function tupleJoin(length: number): Shape['join'] {
  let join = tupleJoins.get(length);
  if (join === undefined) {
    const elements = Array.from({ length }, (_, i) => `c${i}[i]`);
    join = makeJoin(length, `[${elements.join(', ')}]`);
    tupleJoins.set(length, join);
  }
  return join;
}
