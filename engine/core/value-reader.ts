// Reads what value-writer.ts wrote. Bytes that no writer wrote are CorruptData, never a crash.

import { deserialize } from 'node:v8';
import { ByteReader, CorruptData } from './byte-buffer.ts';
import * as tag from './value-format.ts';

/** Reads what a ValueWriter wrote, in its order. */
export class ValueReader {
  readonly in: ByteReader;
  #shapes: string[][] = [];
  #depth = 0;

  constructor(input: ByteReader) {
    this.in = input;
  }

  resetShapes(): void {
    this.#shapes = [];
  }

  /** @throws CorruptData when the bytes are not what a writer wrote; then nothing more can be read. */
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
      default:
        return this.#readNested(code);
    }
  }

  /** Nested deeper than any writer nests, they would end our stack. */
  #readNested(code: number): unknown {
    if (this.#depth++ > tag.DEPTH_MAX + 1)
      throw new CorruptData(
        `values nested deeper than ${tag.DEPTH_MAX} at byte ${this.in.position}`,
      );
    const value = this.#readObject(code);
    this.#depth--;
    return value;
  }

  #readObject(code: number): unknown {
    const input = this.in;
    switch (code) {
      case tag.DATE:
        return new Date(input.f64());
      case tag.ARRAY:
        return this.#readArray();
      case tag.OBJECT:
        return this.#readFields({});
      case tag.BARE_OBJECT:
        return this.#readFields(Object.create(null) as object);
      case tag.MAP:
        return this.#readMap();
      case tag.SET:
        return this.#readSet();
      case tag.TYPED:
        return this.#readView();
      case tag.BUFFER:
        return input.bytes(input.varint()).buffer;
      case tag.REGEXP:
        return regExp(input.string(), input.string());
      case tag.ERROR:
        return this.#readError();
      case tag.BOXED:
        return Object(this.read());
      case tag.V8:
        return fromV8(input.subarray(input.varint()));
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

  #readMap(): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>();
    for (let n = this.in.varint(); n > 0; n--) map.set(this.read(), this.read());
    return map;
  }

  #readSet(): Set<unknown> {
    const set = new Set<unknown>();
    for (let n = this.in.varint(); n > 0; n--) set.add(this.read());
    return set;
  }

  #readFields(target: object): object {
    const reference = this.in.varint();
    const keys = reference === 0 ? this.#readShape() : this.#shapes[reference - 1];
    if (keys === undefined) throw new CorruptData(`unknown shape ${reference}`);
    for (const key of keys) setField(target, key, this.read());
    return target;
  }

  #readShape(): string[] {
    const keys: string[] = [];
    for (let n = this.in.varint(); n > 0; n--) keys.push(this.in.string());
    this.#shapes.push(keys);
    return keys;
  }

  #readView(): unknown {
    const kind = tag.TYPED_ARRAYS[this.in.byte()];
    const bytes = this.in.bytes(this.in.varint());
    if (kind === undefined) throw new CorruptData('unknown typed array');
    if (bytes.length % (kind.BYTES_PER_ELEMENT ?? 1) !== 0)
      throw new CorruptData(`a typed array of ${bytes.length} bytes`);
    return new kind(bytes.buffer);
  }

  #readError(): Error {
    const name = this.in.string();
    const kind = Object.hasOwn(tag.ERRORS, name) ? tag.ERRORS[name] : undefined;
    if (kind === undefined) throw new CorruptData(`unknown error ${name}`);
    const message = this.in.string();
    const stack = this.read();
    const cause = this.read();
    const error = new kind(message, cause === undefined ? undefined : { cause });
    // Also where the writer had none: ours would say where it was read.
    (error as { stack: unknown }).stack = stack;
    return error;
  }
}

function regExp(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    throw new CorruptData(`not a regular expression: ${(cause as Error).message}`, { cause });
  }
}

function fromV8(bytes: Uint8Array): unknown {
  try {
    return deserialize(bytes) as unknown;
  } catch (cause) {
    throw new CorruptData(`not V8's format: ${(cause as Error).message}`, { cause });
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
