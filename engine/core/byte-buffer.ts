// Growing byte writer and reader: little-endian numbers, LEB128 integers, strings as Latin-1 or UTF-16
// (never UTF-8, which destroys lone surrogates). Every reader method refuses to run past the end.

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);
/** Of this machine's byte order: every one that Node runs on is little-endian. */
let doubles = new Float64Array(256);

/** In text that is held in one byte a character V8 knows at once that there is none. */
const WIDE = /[\u0100-\uffff]/;

/** Up to this length a loop is quicker than a call of Node's. */
const SHORT_TEXT = 24;
const SHORT_BYTES = 100;

/** Node's Buffer with the fast methods that its types leave out. */
interface FastBuffer extends Buffer {
  latin1Write(text: string, offset: number, length: number): number;
  ucs2Write(text: string, offset: number, length: number): number;
  utf8Write(text: string, offset: number, length: number): number;
  latin1Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
}

const copyPart: (
  from: Uint8Array,
  to: Uint8Array,
  toStart: number,
  fromStart: number,
  fromEnd: number,
) => number = Function.prototype.call.bind(Buffer.prototype.copy);

/**
 * Where memory is shared, a typed array's `set` moves byte by byte: 10 us for 40 kB, and Node's copy of a part 0.5.
 * Of a whole array that is `set`, too; so the first byte goes by itself. The two do not overlap.
 */
export function copyBytes(
  from: Uint8Array,
  to: Uint8Array,
  toStart = 0,
  fromStart = 0,
  fromEnd = from.length,
): void {
  if (fromStart > 0 || fromEnd < from.length) {
    copyPart(from, to, toStart, fromStart, fromEnd);
  } else if (fromEnd > 0) {
    to[toStart] = from[0] as number;
    copyPart(from, to, toStart + 1, 1, fromEnd);
  }
}

const viewOf = ({ buffer, byteOffset }: Int32Array | Float64Array, size: number): Uint8Array =>
  new Uint8Array(buffer, byteOffset, size);

export class CorruptData extends Error {
  override readonly name = 'CorruptData';
}

export class ByteWriter {
  #bytes: FastBuffer;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity) as FastBuffer;
  }

  get length(): number {
    return this.#length;
  }

  /** A view of what was written; valid until the next write. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#length);
  }

  /** Forgets everything and goes on in this memory, as far as that reaches. */
  reset(memory: Buffer): void {
    this.#bytes = memory as FastBuffer;
    this.#length = 0;
  }

  /** Whether all that was written stands in this memory. */
  isWithin(memory: Buffer): boolean {
    return this.#bytes === memory;
  }

  /** Forgets what was written from `length` on. */
  truncate(length = 0): void {
    this.#length = length;
  }

  /** Moves what stands from `at` on, up or down: over what is before it, or leaving room. */
  shift(at: number, by: number): void {
    if (by > 0) this.#reserve(by);
    this.#bytes.copyWithin(at + by, at, this.#length);
    this.#length += by;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** An unsigned integer up to 2^53 - 1. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    // Four bytes at once: % of what is no 32-bit integer is a call of C.
    while (rest >= 0x1000_0000) {
      const high = Math.floor(rest / 0x1000_0000);
      const low = rest - high * 0x1000_0000;
      for (let bits = 0; bits < 28; bits += 7)
        this.#bytes[this.#length++] = ((low >>> bits) & 0x7f) | 0x80;
      rest = high;
    }
    let few = rest | 0;
    while (few > 0x7f) {
      this.#bytes[this.#length++] = (few & 0x7f) | 0x80;
      few >>>= 7;
    }
    this.#bytes[this.#length++] = few;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.setU32(this.#length, value);
    this.#length += 4;
  }

  setU32(at: number, value: number): void {
    const bytes = this.#bytes;
    bytes[at] = value;
    bytes[at + 1] = value >> 8;
    bytes[at + 2] = value >> 16;
    bytes[at + 3] = value >> 24;
  }

  f64(value: number): void {
    this.#reserve(8);
    scratch.setFloat64(0, value, true);
    for (let i = 0; i < 8; i++) this.#bytes[this.#length++] = scratchBytes[i] as number;
  }

  setByte(at: number, value: number): void {
    this.#bytes[at] = value;
  }

  /** The first numbers of a typed array as they are in memory, which is little-endian. */
  numbers(values: Int32Array | Float64Array, count: number): void {
    const size = count * values.BYTES_PER_ELEMENT;
    this.#reserve(size);
    copyBytes(viewOf(values, size), this.#bytes, this.#length, 0, size);
    this.#length += size;
  }

  /** 64-bit floats, little-endian. */
  f64s(values: ArrayLike<number>, first: number, count: number): void {
    if (doubles.length < count) doubles = new Float64Array(count);
    for (let i = 0; i < count; i++) doubles[i] = values[first + i] as number;
    this.bytes(new Uint8Array(doubles.buffer, 0, count * 8));
  }

  /** Latin-1 where that will do, else UTF-16: then it returns true. The length is not written. */
  codeUnits(text: string): boolean {
    const { length } = text;
    const isWide = WIDE.test(text);
    this.#reserve(isWide ? length * 2 : length);
    this.#length += isWide
      ? this.#bytes.ucs2Write(text, this.#length, length * 2)
      : this.#bytes.latin1Write(text, this.#length, length);
    return isWide;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    if (value.length < SHORT_BYTES) this.#bytes.set(value, this.#length);
    else copyBytes(value, this.#bytes, this.#length);
    this.#length += value.length;
  }

  /** One length word, whose low bit says UTF-16, then the code units. */
  string(text: string): void {
    const { length } = text;
    this.#reserve(length * 3 + 8);
    const start = this.#length;
    this.varint(length * 2);
    const at = this.#length;
    if (length <= SHORT_TEXT ? this.#shortText(text) : this.#asciiText(text)) return;
    if (isLatin1(text)) {
      this.#length = at + this.#bytes.latin1Write(text, at, length);
      return;
    }
    this.#length = start;
    this.varint(length * 2 + 1);
    this.#length += this.#bytes.ucs2Write(text, this.#length, length * 2);
  }

  /** False: not all of it is Latin-1. */
  #shortText(text: string): boolean {
    const bytes = this.#bytes;
    const at = this.#length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0xff) return false;
      bytes[at + i] = code;
    }
    this.#length = at + text.length;
    return true;
  }

  /** False: not all of it is ASCII, whose UTF-8 is Latin-1; the one call tells. */
  #asciiText(text: string): boolean {
    const { length } = text;
    if (this.#bytes.utf8Write(text, this.#length, length * 3) !== length) return false;
    this.#length += length;
    return true;
  }

  #reserve(extra: number): void {
    const needed = this.#length + extra;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2)) as FastBuffer;
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

export class ByteReader {
  readonly #bytes: FastBuffer;
  readonly #end: number;
  #at = 0;

  /** `length`: of what is to be read, where the bytes go on behind it. */
  constructor(bytes: Uint8Array, length = bytes.length) {
    const isBuffer = Buffer.isBuffer(bytes);
    const buffer = isBuffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, length);
    this.#bytes = buffer as FastBuffer;
    this.#end = length;
  }

  get position(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  byte(): number {
    this.#need(1);
    return this.#bytes[this.#at++] as number;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 53; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new CorruptData(`an integer that does not end at byte ${this.#at}`);
  }

  u32(): number {
    this.#need(4);
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  f64(): number {
    this.#need(8);
    for (let i = 0; i < 8; i++) scratchBytes[i] = this.#bytes[this.#at + i] as number;
    this.#at += 8;
    return scratch.getFloat64(0, true);
  }

  f64s(count: number): Float64Array {
    return new Float64Array(this.bytes(count * 8).buffer);
  }

  /** What `numbers` has written, into the beginning of an array that is long enough. */
  numbers(target: Int32Array | Float64Array, count: number): void {
    const size = count * target.BYTES_PER_ELEMENT;
    this.#need(size);
    copyBytes(this.#bytes, viewOf(target, size), 0, this.#at, this.#at + size);
    this.#at += size;
  }

  /** So many code units, in Latin-1 or UTF-16. */
  codeUnits(length: number, isWide: boolean): string {
    const size = isWide ? length * 2 : length;
    this.#need(size);
    const start = this.#at;
    this.#at += size;
    return isWide
      ? this.#bytes.ucs2Slice(start, start + size)
      : this.#bytes.latin1Slice(start, start + size);
  }

  /** A copy, so that it may be kept and its buffer does not hold the whole input. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    this.#need(length);
    const copy = new Uint8Array(length);
    copyBytes(this.#bytes, copy, 0, this.#at, this.#at + length);
    this.#at += length;
    return copy;
  }

  /** A view into the input; a Buffer would take three times as long to give one of itself. */
  subarray(length: number): Uint8Array {
    this.#need(length);
    this.#at += length;
    const { buffer, byteOffset } = this.#bytes;
    return new Uint8Array(buffer, byteOffset + this.#at - length, length);
  }

  string(): string {
    const word = this.varint();
    return this.codeUnits(Math.floor(word / 2), word % 2 === 1);
  }

  #need(size: number): void {
    if (!(size <= this.#end - this.#at)) {
      throw new CorruptData(`${size} bytes at ${this.#at} of ${this.#end}`);
    }
  }
}

const LATIN_1 = /^[\u0000-\u00ff]*$/;

function isLatin1(text: string): boolean {
  if (text.length > 24) return LATIN_1.test(text);
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}
