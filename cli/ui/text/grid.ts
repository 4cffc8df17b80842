// A window onto a drawing made of characters. Lines are kept as the sides that each cell reaches, so that
// lines which meet join into the right corner, tee or cross, whoever drew them; text covers lines. What
// lies outside the window is not kept, so a drawing may be larger than the screen.

import { escapeUntrusted } from './escape.ts';
import type { Glyphs } from './glyphs.ts';
import type { Row, Span } from './spans.ts';
import type { StyleName } from './theme.ts';
import { codePointWidth, displayWidth } from './width.ts';

const UP = 1;
const RIGHT = 2;
const DOWN = 4;
const LEFT = 8;

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export class Grid {
  readonly width: number;
  readonly height: number;
  readonly #left: number;
  readonly #top: number;
  readonly #glyphs: Glyphs;
  /** Undefined where no text stands; '' is the right half of a wide character. */
  readonly #text: (string | undefined)[];
  readonly #styles: StyleName[];
  readonly #sides: Uint8Array;

  /** `left` and `top` are the drawing's coordinates of the window's first cell. */
  constructor(width: number, height: number, glyphs: Glyphs, left = 0, top = 0) {
    this.width = width;
    this.height = height;
    this.#glyphs = glyphs;
    this.#left = left;
    this.#top = top;
    this.#text = new Array<string | undefined>(width * height).fill(undefined);
    this.#styles = new Array<StyleName>(width * height).fill('text');
    this.#sides = new Uint8Array(width * height);
  }

  /** From the middle of one cell to the middle of the other. */
  horizontal(x1: number, x2: number, y: number, style: StyleName): void {
    const [from, to] = x1 < x2 ? [x1, x2] : [x2, x1];
    for (let x = Math.max(from, this.#left); x <= Math.min(to, this.#left + this.width - 1); x++) {
      this.#join(x, y, (x > from ? LEFT : 0) | (x < to ? RIGHT : 0), style);
    }
  }

  vertical(x: number, y1: number, y2: number, style: StyleName): void {
    const [from, to] = y1 < y2 ? [y1, y2] : [y2, y1];
    for (let y = Math.max(from, this.#top); y <= Math.min(to, this.#top + this.height - 1); y++) {
      this.#join(x, y, (y > from ? UP : 0) | (y < to ? DOWN : 0), style);
    }
  }

  box({ x, y, width, height }: Rect, style: StyleName): void {
    if (width < 2 || height < 2) return;
    this.horizontal(x, x + width - 1, y, style);
    this.horizontal(x, x + width - 1, y + height - 1, style);
    this.vertical(x, y, y + height - 1, style);
    this.vertical(x + width - 1, y, y + height - 1, style);
  }

  put(x: number, y: number, style: StyleName, text: string): void {
    let column = x;
    for (const character of escapeUntrusted(text)) {
      const wide = codePointWidth(character.codePointAt(0) ?? 0);
      if (wide === 0) this.#append(column - 1, y, character);
      else this.#set(column, y, style, character, wide);
      column += wide;
    }
  }

  putSpans(x: number, y: number, spans: readonly Span[]): void {
    let column = x;
    for (const { style, text } of spans) {
      this.put(column, y, style, text);
      column += displayWidth(escapeUntrusted(text));
    }
  }

  /** Neither text nor a line stands in these cells; false outside of the window. */
  isFree(x: number, y: number, width: number): boolean {
    for (let column = x; column < x + width; column++) {
      const at = this.#at(column, y);
      if (at < 0 || this.#sides[at] !== 0 || this.#text[at] !== undefined) return false;
    }
    return true;
  }

  rows(): readonly Row[] {
    return Array.from({ length: this.height }, (_, y) => ({ spans: this.#spans(y) }));
  }

  #spans(y: number): readonly Span[] {
    const spans: { style: StyleName; text: string }[] = [];
    let last: { style: StyleName; text: string } | undefined;
    for (let at = y * this.width; at < (y + 1) * this.width; at++) {
      const text = this.#text[at] ?? this.#line(at);
      const style = this.#styles[at] ?? 'text';
      if (last === undefined || last.style !== style) {
        last = { style, text: '' };
        spans.push(last);
      }
      last.text += text;
    }
    return spans;
  }

  #line(at: number): string {
    return this.#glyphs.rounded[this.#sides[at] ?? 0] ?? ' ';
  }

  #join(x: number, y: number, sides: number, style: StyleName): void {
    const at = this.#at(x, y);
    if (at < 0) return;
    this.#sides[at] = (this.#sides[at] ?? 0) | sides;
    if (this.#text[at] === undefined) this.#styles[at] = style;
  }

  #set(x: number, y: number, style: StyleName, character: string, wide: number): void {
    const at = this.#at(x, y);
    if (at < 0 || (wide === 2 && this.#at(x + 1, y) < 0)) return;
    this.#text[at] = character;
    this.#styles[at] = style;
    if (wide === 2) {
      this.#text[at + 1] = '';
      this.#styles[at + 1] = style;
    }
  }

  #append(x: number, y: number, mark: string): void {
    const at = this.#at(x, y);
    if (at >= 0 && this.#text[at] !== undefined) this.#text[at] += mark;
  }

  #at(x: number, y: number): number {
    const column = x - this.#left;
    const line = y - this.#top;
    const isInside = column >= 0 && column < this.width && line >= 0 && line < this.height;
    return isInside ? line * this.width + column : -1;
  }
}
