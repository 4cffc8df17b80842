// A rectangle of cells in typed arrays: a character and a style each. A wide character's right half holds 0;
// a character with marks is a number above Unicode's last, looked up in a table. Rows come in as strings with
// SGR sequences only: any other control character, wherever it came from, becomes a replacement character
// here, so that nothing but the compositor commands the terminal.

import { SEE_THROUGH } from '../text/spans.ts';
import { codePointWidth } from '../text/width.ts';
import { PLAIN, type StyleTable } from './styles.ts';

/** The right half of a wide character. */
export const RIGHT_HALF = 0;
export const BLANK = 32;
const CLEAR = SEE_THROUGH.charCodeAt(0);

const ESCAPE = 27;
const REPLACEMENT = 0xfffd;
const CLUSTER = 0x110000;
const CLUSTERS_MAX = 8_192;
const CLUSTER_LENGTH_MAX = 8;
const SGR = /\x1b\[([\d;]*)m/y;

/** Parameters of the SGR sequence at a position; `SGR.lastIndex` is behind it then. */
function sgrAt(row: string, position: number): string | undefined {
  SGR.lastIndex = position;
  return SGR.exec(row)?.[1];
}

/** Characters with marks, by number; shared by all buffers of a screen. */
export class ClusterTable {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  textOf(character: number): string {
    if (character < CLUSTER) return String.fromCodePoint(character);
    return this.#texts[character - CLUSTER] ?? ' ';
  }

  isWide(character: number): boolean {
    return codePointWidth(this.textOf(character).codePointAt(0) ?? BLANK) === 2;
  }

  /** The character with one more mark; without it when there are too many. */
  withMark(character: number, mark: number): number {
    const text = this.textOf(character) + String.fromCodePoint(mark);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length >= CLUSTERS_MAX || text.length > CLUSTER_LENGTH_MAX) return character;
    const number = CLUSTER + this.#texts.length;
    this.#texts.push(text);
    this.#numbers.set(text, number);
    return number;
  }
}

export class CellBuffer {
  readonly width: number;
  readonly height: number;
  readonly characters: Uint32Array;
  readonly styles: Uint16Array;
  /** Rows that hold wide characters, marks or see-through cells: they need a second look. */
  readonly isSpecial: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.characters = new Uint32Array(width * height).fill(BLANK);
    this.styles = new Uint16Array(width * height);
    this.isSpecial = new Uint8Array(height);
  }

  /** Cut at the right edge, filled with blanks. */
  write(y: number, row: string, styles: StyleTable, clusters: ClusterTable): void {
    const end = (y + 1) * this.width;
    let at = y * this.width;
    let style: number = PLAIN;
    this.isSpecial[y] = 0;
    for (let i = 0; i < row.length && at < end; ) {
      const parameters = row.charCodeAt(i) === ESCAPE ? sgrAt(row, i) : undefined;
      if (parameters !== undefined) {
        style = styles.apply(style, parameters);
        i = SGR.lastIndex;
        continue;
      }
      const run = this.#writeAscii(row, i, at, end, style);
      at += run;
      i += run;
      if (run > 0) continue;
      const character = row.codePointAt(i) ?? REPLACEMENT;
      i += character > 0xffff ? 2 : 1;
      const next = this.#place(at, end, character, style, clusters);
      if (next < 0) break;
      at = next;
    }
    this.characters.fill(BLANK, at, end);
    this.styles.fill(PLAIN, at, end);
  }

  /** Most of any row; returns how many characters it took. */
  #writeAscii(row: string, from: number, at: number, end: number, style: number): number {
    let run = 0;
    while (at + run < end && from + run < row.length) {
      const code = row.charCodeAt(from + run);
      if (code < BLANK || code >= 127) break;
      this.characters[at + run] = code;
      this.styles[at + run] = style;
      run++;
    }
    return run;
  }

  /** Where the next character goes; -1 where this one has no room. */
  #place(
    at: number,
    end: number,
    character: number,
    style: number,
    clusters: ClusterTable,
  ): number {
    const isControl = character < BLANK || (character >= 127 && character < 160);
    const isSurrogate = character >= 0xd800 && character < 0xe000;
    const shown = isControl || isSurrogate ? REPLACEMENT : character;
    const width = codePointWidth(shown);
    const y = Math.floor((end - 1) / this.width);
    if (width === 0) return this.#mark(at, y, shown, clusters);
    if (at + width > end) return -1;
    this.characters[at] = shown;
    this.styles[at] = style;
    if (shown === CLEAR) this.isSpecial[y] = 1;
    if (width === 2) {
      this.characters[at + 1] = RIGHT_HALF;
      this.styles[at + 1] = style;
      this.isSpecial[y] = 1;
    }
    return at + width;
  }

  #mark(at: number, y: number, mark: number, clusters: ClusterTable): number {
    const base = at > y * this.width && this.characters[at - 1] === RIGHT_HALF ? at - 2 : at - 1;
    if (base < y * this.width) return at;
    this.characters[base] = clusters.withMark(this.characters[base] ?? BLANK, mark);
    this.isSpecial[y] = 1;
    return at;
  }

  /** Copies what of `source` fits at (x, y). */
  blit(source: CellBuffer, x: number, y: number, fromX = 0, fromY = 0): void {
    const width = Math.min(source.width - fromX, this.width - x);
    const height = Math.min(source.height - fromY, this.height - y);
    if (width <= 0) return;
    for (let line = 0; line < height; line++) {
      const from = (fromY + line) * source.width + fromX;
      const to = (y + line) * this.width + x;
      const isSpecial = source.isSpecial[fromY + line] === 1;
      const clear = isSpecial ? source.#clearCells(from, width) : 0;
      const rest = source.characters.subarray(from + clear, from + width);
      this.characters.set(rest, to + clear);
      this.styles.set(source.styles.subarray(from + clear, from + width), to + clear);
      if (isSpecial) this.isSpecial[y + line] = 1;
    }
  }

  /** How many cells at the beginning let through what is below. */
  #clearCells(from: number, width: number): number {
    let clear = 0;
    while (clear < width && this.characters[from + clear] === CLEAR) clear++;
    return clear;
  }

  /** A wide character of which a half was painted over becomes blank. */
  mend(y: number, clusters: ClusterTable): void {
    const first = y * this.width;
    for (let at = first; at < first + this.width; at++) {
      const character = this.characters[at] ?? BLANK;
      const isLast = at === first + this.width - 1;
      if (character === RIGHT_HALF) this.characters[at] = BLANK;
      else if (character > 0x10ff && clusters.isWide(character)) {
        if (!isLast && this.characters[at + 1] === RIGHT_HALF) at++;
        else this.characters[at] = BLANK;
      }
    }
  }
}
