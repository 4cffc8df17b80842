// Strings of bytes, shared while they repeat. Columns of codes, names and states hold few different values:
// finding one that was made before is quicker than making it again (by 32 ns), and a key that is
// always the same object has its hash computed once.

import type { TextBuffer } from './record-window.ts';

/** Longer texts seldom repeat, and comparing them costs what making them does. */
const SHARED_LENGTH_MAX = 16;
/** A power of two: 4,096 texts of 16 characters are 160 kB. */
const SLOTS = 4_096;

export class TextCache {
  readonly #slots: string[] = new Array<string>(SLOTS).fill('');

  /** The UTF-8 text between `start` and `end`. */
  read(bytes: TextBuffer, start: number, end: number): string {
    if (end - start > SHARED_LENGTH_MAX) return bytes.utf8Slice(start, end);
    let hash = 0;
    let bits = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      hash = (Math.imul(hash, 31) + byte) | 0;
      bits |= byte;
    }
    if (bits > 0x7f) return bytes.utf8Slice(start, end);
    const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1);
    const known = this.#slots[slot] as string;
    if (isText(known, bytes, start, end)) return known;
    const text = bytes.latin1Slice(start, end);
    this.#slots[slot] = text;
    return text;
  }
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = start; i < end; i++) if (text.charCodeAt(i - start) !== bytes[i]) return false;
  return true;
}
