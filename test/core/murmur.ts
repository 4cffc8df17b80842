// Murmur3 (x86, 32 bit) over bytes, as its reference has it, and the words of a key spelled out: what the
// engine's hash must be, written for the eye.

import type { KeyElement } from '../../engine/core/key-hash.ts';

export function murmur3(bytes: Buffer, seed = 0): number {
  let h = seed;
  const blocks = bytes.length >> 2;
  for (let i = 0; i < blocks; i++) {
    h ^= scramble(bytes.readUInt32LE(i * 4));
    h = (Math.imul(rotate(h, 13), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let i = bytes.length - 1; i >= blocks * 4; i--) tail = (tail << 8) | (bytes[i] ?? 0);
  h ^= scramble(tail) ^ bytes.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
const scramble = (k: number): number => Math.imul(rotate(Math.imul(k, 0xcc9e2d51), 15), 0x1b873593);

/** A key as tagged 32-bit words. */
export function keyBytes(key: KeyElement | readonly KeyElement[]): Buffer {
  if (Array.isArray(key)) {
    const elements = key as readonly KeyElement[];
    return Buffer.concat([words(6 | (elements.length << 3)), ...elements.map(keyBytes)]);
  }
  switch (typeof key) {
    case 'number':
      return Buffer.concat([words(1), double(key)]);
    case 'string':
      return Buffer.concat([words(2 | (key.length << 3)), units(key)]);
    case 'bigint':
      return Buffer.concat([words(3), units(key.toString(16))]);
    case 'boolean':
      return words(4, key ? 1 : 0);
    default:
      return Buffer.concat([words(5), double((key as Date).getTime())]);
  }
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, i * 4);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(Object.is(value, -0) ? 0 : value);
  return bytes;
}

/** UTF-16 code units, padded to whole words. */
function units(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return Buffer.concat([bytes, Buffer.alloc(bytes.length % 4)]);
}
