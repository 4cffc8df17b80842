// The tags of the value format: one byte before each value. A stable format (value-writer.ts), so numbers
// are only ever added.

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

export const TYPED_ARRAYS = [
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
] as const;

export const ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

export const isErrorName = (name: string): boolean => Object.hasOwn(ERRORS, name);

function Float16ArrayOrNone(): (new (buffer: ArrayBuffer) => unknown) | undefined {
  return (globalThis as { Float16Array?: new (buffer: ArrayBuffer) => unknown }).Float16Array;
}
