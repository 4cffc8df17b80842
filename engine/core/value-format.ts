// The tags of the value format: one byte before each value. A stable format (value-writer.ts), so numbers
// are only ever added.

/** Deeper than any honest record: beyond it a value is cyclic, or goes to V8's format, which copes. */
export const DEPTH_MAX = 100;

export const UNDEFINED = 0;
export const NULL = 1;
export const TRUE = 2;
export const FALSE = 3;
export const INT = 4;
export const NEGATIVE_INT = 5;
export const DOUBLE = 6;
export const STRING = 7;
export const BIGINT = 8;
export const NEGATIVE_BIGINT = 9;
export const DATE = 10;
export const ARRAY = 11;
export const HOLE = 12;
export const OBJECT = 13;
export const BARE_OBJECT = 14;
export const MAP = 15;
export const SET = 16;
export const TYPED = 17;
export const BUFFER = 18;
export const REGEXP = 19;
export const ERROR = 20;
export const BOXED = 21;
export const V8 = 22;

export const TYPED_ARRAYS: readonly (ViewConstructor | undefined)[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  Float16ArrayOrNone(),
];

export const ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** Of an error of one of these classes, not of a subclass; undefined for any other. */
export function errorName(error: Error): string | undefined {
  const { name } = error;
  if (!Object.hasOwn(ERRORS, name)) return undefined;
  return Object.getPrototypeOf(error) === ERRORS[name]?.prototype ? name : undefined;
}

/** Prototypes of the objects around a primitive. */
export const BOXES: ReadonlySet<unknown> = new Set([
  Number.prototype,
  String.prototype,
  Boolean.prototype,
]);

interface ViewConstructor {
  new (buffer: ArrayBuffer): unknown;
  readonly prototype: object;
  readonly BYTES_PER_ELEMENT?: number;
}

function Float16ArrayOrNone(): ViewConstructor | undefined {
  return (globalThis as { Float16Array?: ViewConstructor }).Float16Array;
}
