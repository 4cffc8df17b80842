// How values are laid out in the cells of a row: numbers, and plain objects whose fields are all numbers, such
// as { count, sum }. The first value of a table decides; `write` refuses every other one, to the order of its
// fields, so that what is read is what was written. One pair of functions is generated for each shape.

/** Fields up to which cells pay. */
const FIELDS_MAX = 16;

export interface RowLayout {
  /** Of the object; undefined when the value is a number itself. */
  readonly names: readonly string[] | undefined;
  /** Cells of a value. */
  readonly width: number;
  read(cells: Float64Array, at: number): unknown;
  /** As `read`, into an object that it has returned before; numbers are returned themselves. */
  load(cells: Float64Array, at: number, into: unknown): unknown;
  /** False, and nothing is written, for a value of another shape. */
  write(cells: Float64Array, at: number, value: unknown): boolean;
}

const numberLayout: RowLayout = {
  names: undefined,
  width: 1,
  read: (cells, at) => cells[at],
  load: (cells, at) => cells[at],
  write(cells, at, value) {
    if (typeof value !== 'number') return false;
    cells[at] = value;
    return true;
  },
};

/** Undefined for a value that no cells can hold. */
export function layoutFor(value: unknown): RowLayout | undefined {
  if (typeof value === 'number') return numberLayout;
  if (typeof value !== 'object' || value === null) return undefined;
  const names = Object.keys(value);
  if (!canLayOut(names) || Object.getOwnPropertySymbols(value).length > 0) return undefined;
  const layout = objectLayout(names);
  // It knows best what it takes: no number missing, no prototype of somebody's.
  return layout.write(new Float64Array(names.length), 0, value) ? layout : undefined;
}

/** Of values with these fields; undefined names: of numbers. */
export const layoutOf = (names: readonly string[] | undefined): RowLayout =>
  names === undefined ? numberLayout : objectLayout(names);

/** By their names: tables whose values have one shape share its functions. */
const layouts = new Map<string, RowLayout>();
const LAYOUTS_MAX = 1_000;

const canLayOut = (names: readonly string[]): boolean =>
  names.length > 0 && names.length <= FIELDS_MAX && !names.some((name) => name in Object.prototype);

function objectLayout(names: readonly string[]): RowLayout {
  const text = JSON.stringify(names);
  const known = layouts.get(text);
  if (known !== undefined) return known;
  if (layouts.size === LAYOUTS_MAX) layouts.clear();
  const layout = makeObjectLayout(names);
  layouts.set(text, layout);
  return layout;
}

function makeObjectLayout(names: readonly string[]): RowLayout {
  const quoted = names.map((name) => JSON.stringify(name));
  const read = quoted.map((name, i) => `this[${name}] = cells[at + ${i}];`).join(' ');
  const load = quoted.map((name, i) => `into[${name}] = cells[at + ${i}];`).join(' ');
  const take = quoted.map((name, i) => `const f${i} = value[${name}];`).join(' ');
  const areNumbers = names.map((_, i) => `typeof f${i} === 'number'`).join(' && ');
  const put = names.map((_, i) => `cells[at + ${i}] = f${i};`).join(' ');
  // Plain objects, and yet not made by a literal: one with the names of a program's own literal would share its
  // hidden class, and the floats that come from cells would make V8 give that up (100 ns for each of the program's
  // objects ever after). Whose constructor is Object is plain: 5 ns less than to ask for the prototype.
  const make = new Function(
    'names',
    `function Row(cells, at) { ${read} }
    Row.prototype = Object.prototype;
    return {
      read: (cells, at) => new Row(cells, at),
      load(cells, at, into) { ${load} return into; },
      write(cells, at, value) {
        if (typeof value !== 'object' || value === null || value.constructor !== Object) return false;
        ${take}
        if (!(${areNumbers})) return false;
        let i = 0;
        for (const name in value) if (name !== names[i++]) return false;
        if (i !== ${names.length}) return false;
        ${put}
        return true;
      },
    };`,
  );
  return {
    names,
    width: names.length,
    ...(make(names) as Pick<RowLayout, 'read' | 'load' | 'write'>),
  };
}
