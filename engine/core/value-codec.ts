// Any value a record or a state may hold, as bytes and back, exactly: NaN, -0, undefined, holes, bigint,
// Date, Map, Set, typed arrays, nested objects. What would come back altered (a function, a symbol, an
// instance of somebody's class) is refused with the path to it. Cyclic values go through V8's own format.
// A stable format: state and savepoints are written in it (golden file: test/fixtures/values.json).

import { deserialize, serialize } from 'node:v8';
import { ByteReader, ByteWriter, CorruptData } from './byte-buffer.ts';

/** Deeper than any honest record: beyond it the value is cyclic, or goes to V8, which copes. */
const DEPTH_MAX = 100;

const UNDEFINED = 0, NULL = 1, TRUE = 2, FALSE = 3, INT = 4, NEGATIVE_INT = 5, DOUBLE = 6, STRING = 7,
  BIGINT = 8, NEGATIVE_BIGINT = 9, DATE = 10, ARRAY = 11, HOLE = 12, OBJECT = 13, BARE_OBJECT = 14,
  MAP = 15, SET = 16, TYPED = 17, BUFFER = 18, REGEXP = 19, ERROR = 20, BOXED = 21, V8 = 22;

const TYPED_ARRAYS = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
  Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView, Float16ArrayOrNone(),
] as const;

const ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError,
};

export class UnsupportedValue extends TypeError {
  override readonly name = 'UnsupportedValue';
  /** Where in the value, as one would write it: `.items[3].price`; empty for the value itself. */
  readonly path: string;
  readonly what: string;

  constructor(path: string, what: string) {
    super(path === '' ? `${what} cannot be stored or sent` : `${what} at ${path} cannot be stored or sent`);
    this.path = path;
    this.what = what;
  }
}

class TooDeep extends Error {}

/** Writes values one after another; object shapes are written once and then referred to. */
export class ValueWriter {
  readonly out: ByteWriter;
  readonly #shapes = new Map<string, number>();

  constructor(out: ByteWriter = new ByteWriter()) {
    this.out = out;
  }

  /** Forgets the shapes seen: what follows can be read on its own. */
  resetShapes(): void {
    this.#shapes.clear();
  }

  /** @throws UnsupportedValue naming the path; what was written of the value is taken back. */
  write(value: unknown): void {
    const start = this.out.length;
    const shapes = this.#shapes.size;
    try {
      this.#write(value, 0);
    } catch (error) {
      this.out.truncate(start);
      // A map keeps the order of insertion: drop the shapes that the lost bytes declared.
      for (const key of [...this.#shapes.keys()].slice(shapes)) this.#shapes.delete(key);
      if (error instanceof TooDeep || error instanceof RangeError) return this.#writeV8(value);
      const problem = findUnsupported(value);
      throw problem ?? error;
    }
  }

  #write(value: unknown, depth: number): void {
    const { out } = this;
    switch (typeof value) {
      case 'string': out.byte(STRING); return out.string(value);
      case 'number': return this.#writeNumber(value);
      case 'boolean': return out.byte(value ? TRUE : FALSE);
      case 'undefined': return out.byte(UNDEFINED);
      case 'bigint': return this.#writeBigint(value);
      case 'object': return value === null ? out.byte(NULL) : this.#writeObject(value, depth);
      default: throw new UnsupportedValue('', `a ${typeof value}`);
    }
  }

  #writeNumber(value: number): void {
    const { out } = this;
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      out.byte(value < 0 ? NEGATIVE_INT : INT);
      return out.varint(value < 0 ? -(value + 1) : value);
    }
    out.byte(DOUBLE);
    out.f64(value);
  }

  #writeBigint(value: bigint): void {
    const negative = value < 0n;
    this.out.byte(negative ? NEGATIVE_BIGINT : BIGINT);
    const hex = (negative ? -value : value).toString(16);
    const bytes = Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, 'hex');
    this.out.varint(bytes.length);
    this.out.bytes(bytes);
  }

  #writeObject(value: object, depth: number): void {
    if (depth > DEPTH_MAX) throw new TooDeep();
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#writeFields(OBJECT, value, depth);
    if (prototype === null) return this.#writeFields(BARE_OBJECT, value, depth);
    if (prototype === Array.prototype) return this.#writeArray(value as unknown[], depth);
    this.#writeBuiltIn(value, depth);
  }

  #writeFields(tag: number, value: object, depth: number): void {
    const { out } = this;
    out.byte(tag);
    const keys = Object.keys(value);
    const name = keys.join('\u0000');
    const known = this.#shapes.get(name);
    if (known === undefined || keys.some((key) => key.includes('\u0000'))) {
      if (Object.getOwnPropertySymbols(value).length > 0) throw new UnsupportedValue('', 'a symbol as key');
      this.#shapes.set(known === undefined ? name : `${name}\u0000${this.#shapes.size}`, this.#shapes.size);
      out.varint(0);
      out.varint(keys.length);
      for (const key of keys) out.string(key);
    } else {
      out.varint(known + 1);
    }
    for (const key of keys) this.#write((value as Record<string, unknown>)[key], depth + 1);
  }

  #writeArray(value: readonly unknown[], depth: number): void {
    const { out } = this;
    out.byte(ARRAY);
    out.varint(value.length);
    for (let i = 0; i < value.length; i++) {
      if (value[i] === undefined && !(i in value)) out.byte(HOLE);
      else this.#write(value[i], depth + 1);
    }
  }

  #writeBuiltIn(value: object, depth: number): void {
    const { out } = this;
    if (value instanceof Date) {
      out.byte(DATE);
      out.f64(value.getTime());
    } else if (value instanceof Map && Object.getPrototypeOf(value) === Map.prototype) {
      out.byte(MAP);
      out.varint(value.size);
      for (const [key, entry] of value) {
        this.#write(key, depth + 1);
        this.#write(entry, depth + 1);
      }
    } else if (value instanceof Set && Object.getPrototypeOf(value) === Set.prototype) {
      out.byte(SET);
      out.varint(value.size);
      for (const entry of value) this.#write(entry, depth + 1);
    } else if (ArrayBuffer.isView(value)) {
      this.#writeView(value);
    } else if (value instanceof ArrayBuffer) {
      out.byte(BUFFER);
      out.varint(value.byteLength);
      out.bytes(new Uint8Array(value));
    } else if (value instanceof RegExp) {
      out.byte(REGEXP);
      out.string(value.source);
      out.string(value.flags);
    } else {
      this.#writeRare(value, depth);
    }
  }

  #writeView(value: ArrayBufferView): void {
    // A Node Buffer travels as the Uint8Array that it is.
    const kind = TYPED_ARRAYS.findIndex((type) => type !== undefined && value instanceof type);
    if (kind < 0) throw new UnsupportedValue('', nameOf(value));
    this.out.byte(TYPED);
    this.out.byte(kind);
    this.out.varint(value.byteLength);
    this.out.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }

  #writeRare(value: object, depth: number): void {
    const { out } = this;
    if (value instanceof Error && Object.hasOwn(ERRORS, value.name)) {
      out.byte(ERROR);
      out.string(value.name);
      out.string(String(value.message));
      this.#write(typeof value.stack === 'string' ? value.stack : undefined, depth + 1);
      return this.#write(value.cause, depth + 1);
    }
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      out.byte(BOXED);
      return this.#write(value.valueOf(), depth + 1);
    }
    throw new UnsupportedValue('', nameOf(value));
  }

  #writeV8(value: unknown): void {
    const problem = findUnsupported(value);
    if (problem !== undefined) throw problem;
    const bytes = serialize(value);
    this.out.byte(V8);
    this.out.varint(bytes.length);
    this.out.bytes(bytes);
  }
}

/** Reads what a ValueWriter wrote, in its order. */
export class ValueReader {
  readonly in: ByteReader;
  #shapes: string[][] = [];

  constructor(input: ByteReader) {
    this.in = input;
  }

  resetShapes(): void {
    this.#shapes = [];
  }

  /** @throws CorruptData when the bytes are not what a writer wrote. */
  read(): unknown {
    return this.#readTagged(this.in.byte());
  }

  #readTagged(tag: number): unknown {
    const input = this.in;
    switch (tag) {
      case UNDEFINED: return undefined;
      case NULL: return null;
      case TRUE: return true;
      case FALSE: return false;
      case INT: return input.varint();
      case NEGATIVE_INT: return -input.varint() - 1;
      case DOUBLE: return input.f64();
      case STRING: return input.string();
      case BIGINT: return this.#readBigint();
      case NEGATIVE_BIGINT: return -this.#readBigint();
      case DATE: return new Date(input.f64());
      case ARRAY: return this.#readArray();
      case OBJECT: return this.#readFields({});
      case BARE_OBJECT: return this.#readFields(Object.create(null) as object);
      default: return this.#readBuiltIn(tag);
    }
  }

  #readBuiltIn(tag: number): unknown {
    const input = this.in;
    switch (tag) {
      case MAP: {
        const map = new Map<unknown, unknown>();
        for (let n = input.varint(); n > 0; n--) map.set(this.read(), this.read());
        return map;
      }
      case SET: {
        const set = new Set<unknown>();
        for (let n = input.varint(); n > 0; n--) set.add(this.read());
        return set;
      }
      case TYPED: return this.#readView();
      case BUFFER: return input.bytes(input.varint()).buffer;
      case REGEXP: return new RegExp(input.string(), input.string());
      case ERROR: return this.#readError();
      case BOXED: return Object(this.read());
      case V8: return deserialize(input.subarray(input.varint()));
      default: throw new CorruptData(`unknown tag ${tag} at byte ${input.position - 1}`);
    }
  }

  #readBigint(): bigint {
    const bytes = this.in.subarray(this.in.varint());
    return BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
  }

  #readArray(): unknown[] {
    const length = this.in.varint();
    const array: unknown[] = [];
    for (let i = 0; i < length; i++) {
      const tag = this.in.byte();
      if (tag === HOLE) array.length = i + 1;
      else array[i] = this.#readTagged(tag);
    }
    return array;
  }

  #readFields(target: object): object {
    const reference = this.in.varint();
    let keys = this.#shapes[reference - 1];
    if (reference === 0) {
      keys = Array.from({ length: this.in.varint() }, () => this.in.string());
      this.#shapes.push(keys);
    }
    if (keys === undefined) throw new CorruptData(`unknown shape ${reference}`);
    for (const key of keys) setField(target, key, this.read());
    return target;
  }

  #readView(): unknown {
    const kind = TYPED_ARRAYS[this.in.byte()];
    const bytes = this.in.bytes(this.in.varint());
    if (kind === undefined) throw new CorruptData('unknown typed array');
    return new (kind as new (buffer: ArrayBuffer) => unknown)(bytes.buffer);
  }

  #readError(): Error {
    const name = this.in.string();
    const error = new (ERRORS[name] ?? Error)(this.in.string());
    const stack = this.read();
    const cause = this.read();
    if (typeof stack === 'string') error.stack = stack;
    if (cause !== undefined) error.cause = cause;
    return error;
  }
}

/** One value on its own. */
export function encodeValue(value: unknown): Uint8Array {
  const writer = new ValueWriter();
  writer.write(value);
  return writer.out.toBytes();
}

export const decodeValue = (bytes: Uint8Array): unknown => new ValueReader(new ByteReader(bytes)).read();

/** The first part of a value that cannot be stored or sent, or undefined. Walks cyclic values once. */
export function findUnsupported(value: unknown): UnsupportedValue | undefined {
  return search(value, '', new Set());
}

function search(value: unknown, path: string, seen: Set<object>): UnsupportedValue | undefined {
  if (typeof value === 'function') return new UnsupportedValue(path, `a function${value.name ? ` (${value.name})` : ''}`);
  if (typeof value === 'symbol') return new UnsupportedValue(path, 'a symbol');
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  if (Array.isArray(value)) return firstOf(value.map((item, i) => [item, `${path}[${i}]`] as const), seen);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    if (Object.getOwnPropertySymbols(value).length > 0) return new UnsupportedValue(path, 'a symbol as key');
    return firstOf(Object.entries(value).map(([key, item]) => [item, `${path}${member(key)}`] as const), seen);
  }
  if (prototype === Map.prototype) {
    const entries = [...(value as Map<unknown, unknown>)];
    return firstOf(entries.flatMap(([key, item], i) =>
      [[key, `${path}.keys()[${i}]`], [item, `${path}.values()[${i}]`]] as const), seen);
  }
  if (prototype === Set.prototype) {
    return firstOf([...(value as Set<unknown>)].map((item, i) => [item, `${path}.values()[${i}]`] as const), seen);
  }
  return isPlainBuiltIn(value) ? undefined : new UnsupportedValue(path, nameOf(value));
}

function firstOf(
  parts: readonly (readonly [unknown, string])[],
  seen: Set<object>,
): UnsupportedValue | undefined {
  for (const [item, path] of parts) {
    const found = search(item, path, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isPlainBuiltIn(value: object): boolean {
  return value instanceof Date || value instanceof RegExp || value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value) || (value instanceof Error && Object.hasOwn(ERRORS, value.name)) ||
    value instanceof Number || value instanceof String || value instanceof Boolean;
}

const member = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`);

const nameOf = (value: object): string => `an instance of ${value.constructor?.name || 'a class without a name'}`;

/** `__proto__` is a field like any other. */
function setField(target: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (target as Record<string, unknown>)[key] = value;
  }
}

function Float16ArrayOrNone(): (new (buffer: ArrayBuffer) => unknown) | undefined {
  return (globalThis as { Float16Array?: new (buffer: ArrayBuffer) => unknown }).Float16Array;
}
