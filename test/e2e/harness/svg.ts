// A terminal's screen as an SVG picture with a window frame: for the README, and to look at what a test saw.
// Each run of words is its own <text> with its exact length, so that any monospaced font keeps the columns;
// box lines and blocks come from the font too, which a line height of its own cell makes join.

import type { IBufferCell, Terminal } from '@xterm/headless';

export interface SvgOptions {
  readonly title?: string;
  readonly background?: 'dark' | 'light';
}

const FONT_SIZE = 14;
const CELL_WIDTH = FONT_SIZE * 0.602;
// DejaVu Sans Mono's own: taller rows would tear vertical lines apart.
const CELL_HEIGHT = FONT_SIZE * 1.164;
const MARGIN = 14;
const BAR = 30;

interface Palette {
  readonly background: string;
  readonly foreground: string;
  readonly bar: string;
  readonly ansi: readonly string[];
}

const ANSI =
  '#3b4252 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #d7dae0 #6b7385 #e06c75 #98c379 #e5c07b #61afef #c678dd #56b6c2 #ffffff'.split(
    ' ',
  );
const PALETTES: Readonly<Record<'dark' | 'light', Palette>> = {
  dark: { background: '#171b22', foreground: '#d3d8e2', bar: '#232934', ansi: ANSI },
  light: { background: '#fbfcfe', foreground: '#232a35', bar: '#e6eaf0', ansi: ANSI },
};

export function terminalSvg(terminal: Terminal, options: SvgOptions = {}): string {
  const palette = PALETTES[options.background ?? 'dark'];
  const width = terminal.cols * CELL_WIDTH + 2 * MARGIN;
  const height = terminal.rows * CELL_HEIGHT + 2 * MARGIN + BAR;
  const rows = Array.from({ length: terminal.rows }, (_, y) => rowSvg(terminal, y, palette));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width.toFixed(0)}" height="${height.toFixed(0)}" `,
    `font-family="'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${FONT_SIZE}">`,
    `<rect width="100%" height="100%" rx="10" fill="${palette.background}"/>`,
    frameSvg(width, options.title ?? '', palette),
    ...rows,
    '</svg>\n',
  ].join('');
}

function frameSvg(width: number, title: string, { bar, foreground, background }: Palette): string {
  const dots = ['#ec6a5e', '#f4bf4f', '#61c554'].map(
    (color, i) => `<circle cx="${20 + i * 20}" cy="${BAR / 2}" r="6" fill="${color}"/>`,
  );
  return [
    `<rect width="100%" height="${BAR}" rx="10" fill="${bar}"/>`,
    `<rect y="${BAR - 10}" width="100%" height="10" fill="${bar}"/>`,
    ...dots,
    `<text x="${(width / 2).toFixed(0)}" y="${BAR / 2 + 5}" text-anchor="middle" fill="${foreground}" opacity=".7">${escapeXml(title)}</text>`,
    `<rect y="${BAR}" width="100%" height="1" fill="${background}"/>`,
  ].join('');
}

interface Run {
  readonly x: number;
  readonly attributes: string;
  readonly background: string | undefined;
  text: string;
  columns: number;
}

function rowSvg(terminal: Terminal, y: number, palette: Palette): string {
  const buffer = terminal.buffer.active;
  const line = buffer.getLine(buffer.baseY + y);
  if (line === undefined) return '';
  const runs: Run[] = [];
  for (let x = 0; x < terminal.cols; x++) {
    const cell = line.getCell(x);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const { attributes, background } = cellStyle(cell, palette);
    const last = runs.at(-1);
    const joins = last?.attributes === attributes && last.background === background;
    const run = joins ? last : { x, attributes, background, text: '', columns: 0 };
    if (!joins) runs.push(run);
    run.text += cell.getChars() === '' ? ' ' : cell.getChars();
    run.columns += cell.getWidth();
  }
  const top = BAR + MARGIN + y * CELL_HEIGHT;
  return runs.map((run) => runSvg(run, top)).join('');
}

function runSvg(run: Run, top: number): string {
  const left = MARGIN + run.x * CELL_WIDTH;
  let out = '';
  if (run.background !== undefined) {
    const width = (run.columns * CELL_WIDTH + 0.3).toFixed(1);
    out += `<rect x="${left.toFixed(1)}" y="${top.toFixed(1)}" width="${width}" height="${(CELL_HEIGHT + 0.3).toFixed(1)}" fill="${run.background}"/>`;
  }
  for (const match of run.text.matchAll(/\S+(?: \S+)*/g)) {
    const words = match[0];
    const x = left + columnsOf(run, match.index) * CELL_WIDTH;
    const length =
      (columnsOf(run, match.index + words.length) - columnsOf(run, match.index)) * CELL_WIDTH;
    out += `<text xml:space="preserve" x="${x.toFixed(1)}" y="${(top + FONT_SIZE * 0.928).toFixed(1)}" textLength="${length.toFixed(1)}" lengthAdjust="spacingAndGlyphs" ${run.attributes}>${escapeXml(words)}</text>`;
  }
  return out;
}

/** Wide characters are rare: a run with one is measured by its share. */
function columnsOf({ text, columns }: Run, index: number): number {
  const characters = [...text].length;
  return ([...text.slice(0, index)].length / Math.max(1, characters)) * columns;
}

function cellStyle(
  cell: IBufferCell,
  palette: Palette,
): { readonly attributes: string; readonly background: string | undefined } {
  let foreground = color(cell, 'Fg', palette) ?? palette.foreground;
  let background = color(cell, 'Bg', palette);
  if (cell.isInverse()) [foreground, background] = [background ?? palette.background, foreground];
  const attributes = [`fill="${foreground}"`];
  if (cell.isBold()) attributes.push('font-weight="bold"');
  if (cell.isDim()) attributes.push('opacity=".55"');
  if (cell.isUnderline()) attributes.push('text-decoration="underline"');
  return { attributes: attributes.join(' '), background };
}

function color(cell: IBufferCell, side: 'Fg' | 'Bg', { ansi }: Palette): string | undefined {
  const value = side === 'Fg' ? cell.getFgColor() : cell.getBgColor();
  if (side === 'Fg' ? cell.isFgRGB() : cell.isBgRGB())
    return `#${value.toString(16).padStart(6, '0')}`;
  if (!(side === 'Fg' ? cell.isFgPalette() : cell.isBgPalette())) return undefined;
  return value < 16 ? ansi[value] : cube(value);
}

function cube(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey},${grey},${grey})`;
  }
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  const n = index - 16;
  return `rgb(${level(Math.floor(n / 36))},${level(Math.floor(n / 6) % 6)},${level(n % 6)})`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (found) =>
    found === '&' ? '&amp;' : found === '<' ? '&lt;' : '&gt;',
  );
}
