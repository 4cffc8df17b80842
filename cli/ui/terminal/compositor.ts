// Puts the screen together and sends what changed. Ink's frame is the layer at the bottom; live panes are
// painted over it straight from their views, without React; where an overlay lies, Ink's frame shows again.
// The result is compared cell by cell with what the terminal has, and the difference leaves in one write,
// inside a synchronized update. A pane is drawn only when its inputs changed, a row parsed only when its
// string did.

import type { Clock, Timer } from '../../../engine/core/clock.ts';
import type { Rect } from '../text/grid.ts';
import { BLANK, CellBuffer, ClusterTable, RIGHT_HALF } from './cells.ts';
import { type ColorDepth, PLAIN, StyleTable } from './styles.ts';

export interface Pane {
  readonly rect: Rect;
  /** Compared by identity: while they are the same, the pane's rows are kept. */
  inputs(): readonly unknown[];
  draw(width: number, height: number): readonly string[];
}

export interface CompositorOptions {
  readonly width: number;
  readonly height: number;
  readonly depth: ColorDepth;
  readonly clock: Clock;
  /** False: wait for `drained()` before the next frame. */
  write(text: string): boolean;
}

const FRAME_MS = 1_000 / 120;
/** Shorter stretches of unchanged cells are written again: a cursor move is as long. */
const GAP_MAX = 4;
/** Emoji and flags: terminals disagree on their width, so the cursor is placed anew behind them. */
const UNSURE_FROM = 0x1f000;

const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';

interface PaneState {
  readonly pane: Pane;
  readonly cells: CellBuffer;
  inputs: readonly unknown[] | undefined;
  rows: readonly string[];
}

export class Compositor {
  readonly #options: CompositorOptions;
  readonly #styles: StyleTable;
  readonly #clusters = new ClusterTable();
  readonly #panes = new Map<string, PaneState>();
  readonly #masks = new Map<string, Rect>();
  #layer: CellBuffer;
  #layerRows: readonly string[] = [];
  #next: CellBuffer;
  #shown: CellBuffer;
  #cursor: { readonly x: number; readonly y: number } | undefined;
  #cursorShown = '';
  /** Of the cell written last, while a frame is put together. */
  #style: number = PLAIN;
  #isFull = true;
  #isPaused = false;
  #isBlocked = false;
  #isScheduled = false;
  #timer: Timer | undefined;
  #paintedAt = Number.NEGATIVE_INFINITY;
  /** Since the beginning; budgets are checked against them. */
  frames = 0;
  bytes = 0;

  constructor(options: CompositorOptions) {
    this.#options = options;
    this.#styles = new StyleTable(options.depth);
    this.#layer = new CellBuffer(options.width, options.height);
    this.#next = new CellBuffer(options.width, options.height);
    this.#shown = new CellBuffer(options.width, options.height);
  }

  get width(): number {
    return this.#next.width;
  }

  get height(): number {
    return this.#next.height;
  }

  /** Ink's layer and the panes are expected again in the new size. */
  resize(width: number, height: number): void {
    this.#layer = new CellBuffer(width, height);
    this.#layerRows = [];
    this.#next = new CellBuffer(width, height);
    this.#shown = new CellBuffer(width, height);
    this.repaint();
  }

  /** All cells again: after another program had the terminal. */
  repaint(): void {
    this.#isFull = true;
    this.invalidate();
  }

  setLayer(frame: string): void {
    const rows = frame.split('\n');
    for (let y = 0; y < this.height; y++) {
      const row = rows[y] ?? '';
      if (row !== this.#layerRows[y]) this.#layer.write(y, row, this.#styles, this.#clusters);
    }
    this.#layerRows = rows;
    this.invalidate();
  }

  /** A pane set later lies over one set earlier. */
  setPane(id: string, pane: Pane): void {
    const cells = new CellBuffer(Math.max(0, pane.rect.width), Math.max(0, pane.rect.height));
    this.#panes.set(id, { pane, cells, inputs: undefined, rows: [] });
    this.invalidate();
  }

  removePane(id: string): void {
    this.#panes.delete(id);
    this.invalidate();
  }

  /** Where Ink's layer wins over the panes: below a dialog. */
  setMask(id: string, rect: Rect): void {
    this.#masks.set(id, rect);
    this.invalidate();
  }

  removeMask(id: string): void {
    this.#masks.delete(id);
    this.invalidate();
  }

  /** Of the terminal's own cursor; hidden without. */
  setCursor(cursor: { readonly x: number; readonly y: number } | undefined): void {
    this.#cursor = cursor;
    this.invalidate();
  }

  /** Paints soon: at once when idle, else when the frame before is long enough ago. */
  invalidate(): void {
    if (this.#isScheduled || this.#isPaused || this.#isBlocked) return;
    this.#isScheduled = true;
    const { clock } = this.#options;
    const wait = this.#paintedAt + FRAME_MS - clock.monotonic();
    if (wait <= 0) clock.soon(() => this.#paint());
    else this.#timer = clock.after(wait, () => this.#paint());
  }

  /** Nothing is written until `resume`, which paints everything. */
  pause(): void {
    this.#isPaused = true;
    this.#timer?.[Symbol.dispose]();
    this.#isScheduled = false;
  }

  resume(): void {
    this.#isPaused = false;
    this.#cursorShown = '';
    this.repaint();
  }

  drained(): void {
    this.#isBlocked = false;
    this.invalidate();
  }

  #paint(): void {
    if (!this.#isScheduled || this.#isPaused) return;
    this.#isScheduled = false;
    this.#paintedAt = this.#options.clock.monotonic();
    this.#compose();
    const changes = this.#isFull ? this.#everything() : this.#difference();
    const cursor = this.#cursorSequence();
    if (changes === '' && cursor === this.#cursorShown) return;
    this.#cursorShown = cursor;
    const frame = BEGIN + changes + cursor + END;
    this.frames++;
    this.bytes += frame.length;
    if (!this.#options.write(frame)) this.#isBlocked = true;
  }

  #compose(): void {
    const next = this.#next;
    next.isSpecial.fill(0);
    next.blit(this.#layer, 0, 0);
    for (const state of this.#panes.values()) {
      this.#refresh(state);
      next.blit(state.cells, state.pane.rect.x, state.pane.rect.y);
    }
    for (const mask of this.#masks.values()) this.#showLayer(mask);
    next.isSpecial.forEach((isSpecial, y) => {
      if (isSpecial === 1) next.mend(y, this.#clusters);
    });
  }

  #refresh(state: PaneState): void {
    const inputs = state.pane.inputs();
    if (state.inputs !== undefined && isSame(inputs, state.inputs)) return;
    state.inputs = inputs;
    const { width, height } = state.cells;
    const rows = state.pane.draw(width, height);
    for (let y = 0; y < height; y++) {
      const row = rows[y] ?? '';
      if (row !== state.rows[y]) state.cells.write(y, row, this.#styles, this.#clusters);
    }
    state.rows = rows;
  }

  #showLayer({ x, y, width, height }: Rect): void {
    const part = new CellBuffer(
      Math.max(0, Math.min(width, this.width - x)),
      Math.max(0, Math.min(height, this.height - y)),
    );
    part.blit(this.#layer, 0, 0, x, y);
    this.#next.blit(part, x, y);
  }

  #everything(): string {
    this.#isFull = false;
    this.#shown.characters.fill(BLANK);
    this.#shown.styles.fill(PLAIN);
    return `\x1b[m\x1b[2J${this.#difference()}`;
  }

  #difference(): string {
    const { height } = this.#next;
    let out = '';
    this.#style = PLAIN;
    for (let y = 0; y < height; y++) out += this.#rowDifference(y);
    return this.#style === PLAIN ? out : `${out}\x1b[m`;
  }

  #rowDifference(y: number): string {
    const { width, characters } = this.#next;
    const first = y * width;
    const end = first + width;
    let out = '';
    for (let at = this.#nextChange(first, end); at < end; at = this.#nextChange(at, end)) {
      let last = at;
      let next = this.#nextChange(at + 1, end);
      while (next < end && next - last <= GAP_MAX) {
        last = next;
        next = this.#nextChange(next + 1, end);
      }
      // A wide character is written whole.
      const from = characters[at] === RIGHT_HALF && at > first ? at - 1 : at;
      const to = last + 1 < end && characters[last + 1] === RIGHT_HALF ? last + 1 : last;
      out += this.#run(y, from, to);
      at = to + 1;
    }
    return out;
  }

  // With local arrays: through fields this loop over every cell takes ten times as long.
  #nextChange(from: number, end: number): number {
    const { characters, styles } = this.#next;
    const { characters: shown, styles: shownStyles } = this.#shown;
    let at = from;
    while (at < end && characters[at] === shown[at] && styles[at] === shownStyles[at]) at++;
    return at;
  }

  /** Writes the cells from one to the other and remembers that the terminal has them. */
  #run(y: number, from: number, to: number): string {
    const { width, characters, styles } = this.#next;
    const left = y * width;
    let out = `\x1b[${y + 1};${from - left + 1}H`;
    for (let at = from; at <= to; at++) {
      const character = characters[at] ?? BLANK;
      if (character === RIGHT_HALF) continue;
      const style = styles[at] ?? PLAIN;
      out += this.#styles.sequence(this.#style, style);
      this.#style = style;
      if (character < 127) out += String.fromCharCode(character);
      else if (character < UNSURE_FROM) out += this.#clusters.textOf(character);
      else out += this.#unsure(y, at - left, characters[at + 1] === RIGHT_HALF);
    }
    this.#shown.characters.set(characters.subarray(from, to + 1), from);
    this.#shown.styles.set(styles.subarray(from, to + 1), from);
    return out;
  }

  /** Over blanks, in case it turns out narrower than its place. */
  #unsure(y: number, x: number, isWide: boolean): string {
    const text = this.#clusters.textOf(this.#next.characters[y * this.width + x] ?? BLANK);
    const blanks = isWide ? `  \x1b[${y + 1};${x + 1}H` : '';
    return `${blanks}${text}\x1b[${y + 1};${x + (isWide ? 3 : 2)}H`;
  }

  #cursorSequence(): string {
    if (this.#cursor === undefined) return '\x1b[?25l';
    return `\x1b[${this.#cursor.y + 1};${this.#cursor.x + 1}H\x1b[?25h`;
  }
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
