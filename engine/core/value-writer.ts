// Any value a record or a state may hold, as bytes, exactly: NaN, -0, undefined, holes, bigint, Date, Map,
// Set, typed arrays, nested objects. What would come back altered is refused with the path to it. Cyclic
// values go through tag.V8's own format. A stable format: state and savepoints are written in it (golden file:
// test/fixtures/values.json).

import { serialize } from 'node:v8';
import { ByteWriter } from './byte-buffer.ts';
import { findUnsupported, nameOf, UnsupportedValue } from './unsupported-value.ts';
import * as tag from './value-format.ts';

/** Deeper than any honest record: beyond it the value is cyclic, or goes to tag.V8, which copes. */
const DEPTH_MAX = 100;

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
      case 'string':
        out.byte(tag.STRING);
        return out.string(value);
      case 'number':
        return this.#writeNumber(value);
      case 'boolean':
        return out.byte(value ? tag.TRUE : tag.FALSE);
      case 'undefined':
        return out.byte(tag.UNDEFINED);
      case 'bigint':
        return this.#writeBigint(value);
      case 'object':
        return value === null ? out.byte(tag.NULL) : this.#writeObject(value, depth);
      default:
        throw new UnsupportedValue('', `a ${typeof value}`);
    }
  }

  #writeNumber(value: number): void {
    const { out } = this;
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      out.byte(value < 0 ? tag.NEGATIVE_INT : tag.INT);
      return out.varint(value < 0 ? -(value + 1) : value);
    }
    out.byte(tag.DOUBLE);
    out.f64(value);
  }

  #writeBigint(value: bigint): void {
    const negative = value < 0n;
    this.out.byte(negative ? tag.NEGATIVE_BIGINT : tag.BIGINT);
    const hex = (negative ? -value : value).toString(16);
    const bytes = Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, 'hex');
    this.out.varint(bytes.length);
    this.out.bytes(bytes);
  }

  #writeObject(value: object, depth: number): void {
    if (depth > DEPTH_MAX) throw new TooDeep();
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#writeFields(tag.OBJECT, value, depth);
    if (prototype === null) return this.#writeFields(tag.BARE_OBJECT, value, depth);
    if (prototype === Array.prototype) return this.#writeArray(value as unknown[], depth);
    this.#writeBuiltIn(value, depth);
  }

  #writeFields(code: number, value: object, depth: number): void {
    const { out } = this;
    out.byte(code);
    const keys = Object.keys(value);
    // With their number: no field and one without a name are two shapes.
    const name = `${keys.length}\u0000${keys.join('\u0000')}`;
    const known = this.#shapes.get(name);
    if (known === undefined || keys.some((key) => key.includes('\u0000'))) {
      if (Object.getOwnPropertySymbols(value).length > 0)
        throw new UnsupportedValue('', 'a symbol as key');
      this.#shapes.set(
        known === undefined ? name : `${name}\u0000${this.#shapes.size}`,
        this.#shapes.size,
      );
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
    out.byte(tag.ARRAY);
    out.varint(value.length);
    for (let i = 0; i < value.length; i++) {
      if (value[i] === undefined && !(i in value)) out.byte(tag.HOLE);
      else this.#write(value[i], depth + 1);
    }
  }

  #writeBuiltIn(value: object, depth: number): void {
    const { out } = this;
    if (value instanceof Date) {
      out.byte(tag.DATE);
      out.f64(value.getTime());
    } else if (value instanceof Map && Object.getPrototypeOf(value) === Map.prototype) {
      out.byte(tag.MAP);
      out.varint(value.size);
      for (const [key, entry] of value) {
        this.#write(key, depth + 1);
        this.#write(entry, depth + 1);
      }
    } else if (value instanceof Set && Object.getPrototypeOf(value) === Set.prototype) {
      out.byte(tag.SET);
      out.varint(value.size);
      for (const entry of value) this.#write(entry, depth + 1);
    } else if (ArrayBuffer.isView(value)) {
      this.#writeView(value);
    } else if (value instanceof ArrayBuffer) {
      out.byte(tag.BUFFER);
      out.varint(value.byteLength);
      out.bytes(new Uint8Array(value));
    } else if (value instanceof RegExp) {
      out.byte(tag.REGEXP);
      out.string(value.source);
      out.string(value.flags);
    } else {
      this.#writeRare(value, depth);
    }
  }

  #writeView(value: ArrayBufferView): void {
    // A Node Buffer travels as the Uint8Array that it is.
    const kind = tag.TYPED_ARRAYS.findIndex((type) => type !== undefined && value instanceof type);
    if (kind < 0) throw new UnsupportedValue('', nameOf(value));
    this.out.byte(tag.TYPED);
    this.out.byte(kind);
    this.out.varint(value.byteLength);
    this.out.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }

  #writeRare(value: object, depth: number): void {
    const { out } = this;
    if (value instanceof Error && Object.hasOwn(tag.ERRORS, value.name)) {
      out.byte(tag.ERROR);
      out.string(value.name);
      out.string(String(value.message));
      this.#write(typeof value.stack === 'string' ? value.stack : undefined, depth + 1);
      return this.#write(value.cause, depth + 1);
    }
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      out.byte(tag.BOXED);
      return this.#write(value.valueOf(), depth + 1);
    }
    throw new UnsupportedValue('', nameOf(value));
  }

  #writeV8(value: unknown): void {
    const problem = findUnsupported(value);
    if (problem !== undefined) throw problem;
    const bytes = serialize(value);
    this.out.byte(tag.V8);
    this.out.varint(bytes.length);
    this.out.bytes(bytes);
  }
}

class TooDeep extends Error {}

/** One value on its own. */
export function encodeValue(value: unknown): Uint8Array {
  const writer = new ValueWriter();
  writer.write(value);
  return writer.out.toBytes();
}
