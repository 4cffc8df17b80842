// Any value a record or a state may hold, as bytes, exactly: NaN, -0, undefined, holes, bigint, Date, Map,
// Set, typed arrays, nested objects. What would come back altered is refused with the path to it. Cyclic
// values go through tag.V8's own format. A stable format: state and savepoints are written in it (golden file:
// test/fixtures/values.json).

import { serialize } from 'node:v8';
import { ByteWriter } from './byte-buffer.ts';
import { type ShapeFields, shapeFields, type WriteValue } from './shape-fields.ts';
import { findUnsupported, nameOf, ownFieldsOf, UnsupportedValue } from './unsupported-value.ts';
import * as tag from './value-format.ts';

interface Shape {
  readonly fields: ShapeFields;
  readonly number: number;
}

/** Shapes that an object is compared with, field by field, before it is looked up. */
const RECENT_MAX = 4;

/** Writes values one after another; object shapes are written once and then referred to. */
export class ValueWriter {
  readonly out: ByteWriter;
  readonly #shapes = new Map<string, number>();
  /** Some of those shapes: to compare a few names is cheaper than to join them. */
  #recent: readonly Shape[] = [];
  readonly #writeField: WriteValue = (value, depth) => this.#write(value, depth);

  constructor(out: ByteWriter = new ByteWriter()) {
    this.out = out;
  }

  /** Forgets the shapes seen: what follows can be read on its own. */
  resetShapes(): void {
    this.#shapes.clear();
    this.#recent = [];
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
      this.#recent = this.#recent.filter(({ number }) => number < shapes);
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
    if (depth > tag.DEPTH_MAX) throw new TooDeep();
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#writeFields(tag.OBJECT, value, depth);
    if (prototype === null) return this.#writeFields(tag.BARE_OBJECT, value, depth);
    if (prototype === Array.prototype) return this.#writeArray(value as unknown[], depth);
    this.#writeBuiltIn(value, prototype, depth);
  }

  #writeFields(code: number, value: object, depth: number): void {
    const { out } = this;
    out.byte(code);
    if (Object.getOwnPropertySymbols(value).length > 0)
      throw new UnsupportedValue('', 'a symbol as key');
    const recent = this.#recentOf(value);
    if (recent === undefined) return this.#writeFieldsOf(this.#writeShape(value), value, depth);
    out.varint(recent.number + 1);
    recent.fields.write(value, out, this.#writeField, depth + 1);
  }

  #writeFieldsOf(keys: readonly string[], value: object, depth: number): void {
    for (const key of keys) this.#write((value as Record<string, unknown>)[key], depth + 1);
  }

  #recentOf(value: object): Shape | undefined {
    for (const shape of this.#recent) if (hasKeys(value, shape.fields.keys)) return shape;
    return undefined;
  }

  #writeShape(value: object): readonly string[] {
    const keys = Object.keys(value);
    // With their number: no field and one without a name are two shapes.
    const name = `${keys.length}\u0000${keys.join('\u0000')}`;
    const known = this.#shapes.get(name);
    if (known === undefined) this.#declareShape(name, keys);
    else this.out.varint(known + 1);
    return keys;
  }

  /** A shape with a NUL in a name is declared anew each time: joined, its names could be another's. */
  #declareShape(name: string, keys: readonly string[]): void {
    const { out } = this;
    const isClear = !keys.some((key) => key.includes('\u0000'));
    const number = this.#shapes.size;
    this.#shapes.set(isClear ? name : `\u0000${number}`, number);
    if (isClear && this.#recent.length < RECENT_MAX)
      this.#recent = [...this.#recent, { fields: shapeFields(name, keys), number }];
    out.varint(0);
    out.varint(keys.length);
    for (const key of keys) out.string(key);
  }

  #writeArray(value: readonly unknown[], depth: number): void {
    const { out } = this;
    // The one array with fields that programs meet: what String.match gives.
    if ('index' in value) throw new UnsupportedValue('', 'an array with fields of its own');
    out.byte(tag.ARRAY);
    out.varint(value.length);
    for (let i = 0; i < value.length; i++) {
      if (value[i] === undefined && !(i in value)) out.byte(tag.HOLE);
      else this.#write(value[i], depth + 1);
    }
  }

  /** By their exact prototypes: an instance of somebody's subclass would come back as another thing. */
  #writeBuiltIn(value: object, prototype: unknown, depth: number): void {
    const { out } = this;
    switch (prototype) {
      case Date.prototype:
        out.byte(tag.DATE);
        return out.f64((value as Date).getTime());
      case Map.prototype:
        out.byte(tag.MAP);
        out.varint((value as Map<unknown, unknown>).size);
        for (const [key, entry] of value as Map<unknown, unknown>) {
          this.#write(key, depth + 1);
          this.#write(entry, depth + 1);
        }
        return;
      case Set.prototype:
        out.byte(tag.SET);
        out.varint((value as Set<unknown>).size);
        for (const entry of value as Set<unknown>) this.#write(entry, depth + 1);
        return;
      case ArrayBuffer.prototype:
        out.byte(tag.BUFFER);
        out.varint((value as ArrayBuffer).byteLength);
        return out.bytes(new Uint8Array(value as ArrayBuffer));
      case RegExp.prototype:
        out.byte(tag.REGEXP);
        out.string((value as RegExp).source);
        return out.string((value as RegExp).flags);
    }
    if (ArrayBuffer.isView(value)) this.#writeView(value, prototype);
    else this.#writeRare(value, prototype, depth);
  }

  #writeView(value: ArrayBufferView, prototype: unknown): void {
    // A Node Buffer travels as the Uint8Array that it is.
    const exact = prototype === Buffer.prototype ? Uint8Array.prototype : prototype;
    const kind = tag.TYPED_ARRAYS.findIndex((type) => type?.prototype === exact);
    if (kind < 0) throw new UnsupportedValue('', nameOf(value));
    this.out.byte(tag.TYPED);
    this.out.byte(kind);
    this.out.varint(value.byteLength);
    this.out.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }

  #writeRare(value: object, prototype: unknown, depth: number): void {
    const { out } = this;
    if (value instanceof Error && tag.errorName(value) !== undefined) {
      const fields = ownFieldsOf(value);
      if (fields !== undefined) throw fields;
      out.byte(tag.ERROR);
      out.string(value.name);
      out.string(String(value.message));
      this.#write(typeof value.stack === 'string' ? value.stack : undefined, depth + 1);
      return this.#write(value.cause, depth + 1);
    }
    if (tag.BOXES.has(prototype)) {
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

/** Of a plain object: whether these are its own fields, in this order. */
function hasKeys(value: object, keys: readonly string[]): boolean {
  let i = 0;
  for (const key in value) if (key !== keys[i++]) return false;
  return i === keys.length;
}

/** One value on its own. */
export function encodeValue(value: unknown): Uint8Array {
  const writer = new ValueWriter();
  writer.write(value);
  return writer.out.toBytes();
}
