// Reads what value-writer.ts wrote. Bytes that no writer wrote are CorruptData, never a crash.

import { deserialize } from 'node:v8';
import { ByteReader, CorruptData } from './byte-buffer.ts';
import * as tag from './value-format.ts';

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

  #readTagged(code: number): unknown {
    const input = this.in;
    switch (code) {
      case tag.UNDEFINED:
        return undefined;
      case tag.NULL:
        return null;
      case tag.TRUE:
        return true;
      case tag.FALSE:
        return false;
      case tag.INT:
        return input.varint();
      case tag.NEGATIVE_INT:
        return -input.varint() - 1;
      case tag.DOUBLE:
        return input.f64();
      case tag.STRING:
        return input.string();
      case tag.BIGINT:
        return this.#readBigint();
      case tag.NEGATIVE_BIGINT:
        return -this.#readBigint();
      case tag.DATE:
        return new Date(input.f64());
      case tag.ARRAY:
        return this.#readArray();
      case tag.OBJECT:
        return this.#readFields({});
      case tag.BARE_OBJECT:
        return this.#readFields(Object.create(null) as object);
      default:
        return this.#readBuiltIn(code);
    }
  }

  #readBuiltIn(code: number): unknown {
    const input = this.in;
    switch (code) {
      case tag.MAP: {
        const map = new Map<unknown, unknown>();
        for (let n = input.varint(); n > 0; n--) map.set(this.read(), this.read());
        return map;
      }
      case tag.SET: {
        const set = new Set<unknown>();
        for (let n = input.varint(); n > 0; n--) set.add(this.read());
        return set;
      }
      case tag.TYPED:
        return this.#readView();
      case tag.BUFFER:
        return input.bytes(input.varint()).buffer;
      case tag.REGEXP:
        return new RegExp(input.string(), input.string());
      case tag.ERROR:
        return this.#readError();
      case tag.BOXED:
        return Object(this.read());
      case tag.V8:
        return deserialize(input.subarray(input.varint()));
      default:
        throw new CorruptData(`unknown tag ${code} at byte ${input.position - 1}`);
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
      const code = this.in.byte();
      if (code === tag.HOLE) array.length = i + 1;
      else array[i] = this.#readTagged(code);
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
    const kind = tag.TYPED_ARRAYS[this.in.byte()];
    const bytes = this.in.bytes(this.in.varint());
    if (kind === undefined) throw new CorruptData('unknown typed array');
    return new (kind as new (buffer: ArrayBuffer) => unknown)(bytes.buffer);
  }

  #readError(): Error {
    const name = this.in.string();
    const error = new (tag.ERRORS[name] ?? Error)(this.in.string());
    const stack = this.read();
    const cause = this.read();
    if (typeof stack === 'string') error.stack = stack;
    if (cause !== undefined) error.cause = cause;
    return error;
  }
}

export const decodeValue = (bytes: Uint8Array): unknown =>
  new ValueReader(new ByteReader(bytes)).read();

/** `__proto__` is a field like any other. */
function setField(target: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    (target as Record<string, unknown>)[key] = value;
  }
}
