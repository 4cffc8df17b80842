// The functions that take records of one layout apart into lanes, and put them together again: generated for
// each layout and the kinds of its fields, so that a field is read once, tested for its kind where it is read, and
// goes straight to where its column is made.

/** `i`: 32-bit integers. `d`: numbers. `s`: texts, as one and their lengths. `a`: anything, in an array. */
export type ColumnKind = 'i' | 'd' | 's' | 'a';
/** `-`: what is left out. */
export type LaneKind = ColumnKind | '-';

/** One field of a run of records. */
export class Lane {
  /** The integers, or the lengths of the texts. */
  ints = NO_INTS;
  doubles = NO_DOUBLES;
  values: unknown[] = [];
  /** All texts, one after another. */
  text = '';
  /** Told of texts: all are the same. */
  isSame = false;

  /** Makes room for so many, before it is written to. */
  reserve(kind: LaneKind, count: number): void {
    const size = Math.max(count, LANE_LENGTH);
    if ((kind === 'i' || kind === 's') && this.ints.length < count)
      this.ints = new Int32Array(size);
    if (kind === 'd' && this.doubles.length < count) this.doubles = new Float64Array(size);
  }
}

const NO_INTS = new Int32Array(0);
const NO_DOUBLES = new Float64Array(0);
const LANE_LENGTH = 256;

/** What a scan returns besides the index of a field that is not of its kind: all is done. */
export const SCANNED = -1;
/** One of the values is not of this layout. */
export const OTHER_LAYOUT = -2;

/** Takes `count` values from `first` on apart. */
export type Scan = (
  values: ArrayLike<unknown>,
  first: number,
  count: number,
  lanes: readonly Lane[],
) => number;

/** The opposite: as many values. */
export type Join = (count: number, lanes: readonly Lane[]) => unknown[];

/** `names`: of objects; undefined: arrays, as long as there are kinds. */
export function scanCode(names: readonly string[] | undefined, kinds: string): Scan {
  const fields = [...kinds] as LaneKind[];
  const at = (i: number): string => (names === undefined ? `${i}` : JSON.stringify(names[i]));
  const isTuple = names === undefined;
  const text = `
    const keys = [${(names ?? []).map((_, i) => at(i)).join(', ')}];
    return (values, first, count, lanes) => {
      ${fields.map(declareScanned).join('\n')}
      for (let i = 0; i < count; i++) {
        const value = values[first + i];
        ${isTuple ? tupleTest(fields.length) : objectTest(fields.length)}
        ${fields.map((kind, i) => scanField(kind, i, at(i), isTuple)).join('\n')}
      }
      ${fields.map((kind, i) => (kind === 's' ? `lanes[${i}].text = t${i}; lanes[${i}].isSame = same${i};` : '')).join('')}
      return ${SCANNED};
    };`;
  return new Function('plain', 'list', text)(Object.prototype, Array.prototype) as Scan;
}

/** Own names in their order: a loop over them costs a third of asking for them. */
const objectTest = (width: number): string => `
  if (typeof value !== 'object' || value === null || value.__proto__ !== plain) return ${OTHER_LAYOUT};
  let at = 0;
  for (const key in value) if (key !== keys[at++]) return ${OTHER_LAYOUT};
  if (at !== ${width}) return ${OTHER_LAYOUT};`;

const tupleTest = (length: number): string => `
  if (!Array.isArray(value) || value.length !== ${length}) return ${OTHER_LAYOUT};
  if (value.__proto__ !== list || 'index' in value) return ${OTHER_LAYOUT};`;

function declareScanned(kind: LaneKind, i: number): string {
  switch (kind) {
    case 'i':
      return `const c${i} = lanes[${i}].ints;`;
    case 'd':
      return `const c${i} = lanes[${i}].doubles;`;
    case 's':
      return `const c${i} = lanes[${i}].ints; let t${i} = '', h${i}, same${i} = true;`;
    case 'a':
      return `const c${i} = lanes[${i}].values;`;
    case '-':
      return '';
  }
}

function scanField(kind: LaneKind, i: number, name: string, isTuple: boolean): string {
  const read = `const f${i} = value[${name}];`;
  switch (kind) {
    case 'i':
      return `${read}
        if (typeof f${i} !== 'number' || (f${i} | 0) !== f${i} || Object.is(f${i}, -0)) return ${i};
        c${i}[i] = f${i};`;
    case 'd':
      return `${read} if (typeof f${i} !== 'number') return ${i}; c${i}[i] = f${i};`;
    case 's':
      return `${read} if (typeof f${i} !== 'string') return ${i};
        if (same${i}) { if (i === 0) h${i} = f${i}; else same${i} = f${i} === h${i}; }
        t${i} += f${i}; c${i}[i] = f${i}.length;`;
    case 'a':
      return `${read} ${isTuple ? `if (f${i} === undefined && !(${i} in value)) return ${OTHER_LAYOUT};` : ''}
        c${i}[i] = f${i};`;
    case '-':
      return '';
  }
}

export function joinCode(names: readonly string[] | undefined, kinds: string): Join {
  const fields = [...kinds] as LaneKind[];
  const value =
    names === undefined
      ? `[${fields.map((_, i) => `f${i}`).join(', ')}]`
      : `{ ${fields.map((_, i) => `${JSON.stringify(names[i])}: f${i}`).join(', ')} }`;
  const text = `
    return (count, lanes) => {
      ${fields.map(declareJoined).join('\n')}
      const all = new Array(count);
      for (let i = 0; i < count; i++) {
        ${fields.map(joinField).join(' ')}
        all[i] = ${value};
      }
      return all;
    };`;
  return new Function(text)() as Join;
}

function declareJoined(kind: LaneKind, i: number): string {
  switch (kind) {
    case 'i':
      return `const c${i} = lanes[${i}].ints;`;
    case 'd':
      return `const c${i} = lanes[${i}].doubles;`;
    case 's':
      return `const c${i} = lanes[${i}].ints, t${i} = lanes[${i}].text; let e${i} = 0;`;
    case 'a':
      return `const c${i} = lanes[${i}].values;`;
    case '-':
      return '';
  }
}

const joinField = (kind: LaneKind, i: number): string =>
  kind === 's'
    ? `const f${i} = t${i}.substring(e${i}, e${i} + c${i}[i]); e${i} += c${i}[i];`
    : `const f${i} = c${i}[i];`;
