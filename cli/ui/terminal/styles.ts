// The styles of cells, interned: a cell carries a 16-bit number, and what it means for this terminal is
// worked out once. Colours come in as 24 bits and leave as the terminal's depth allows: the nearest of the
// 256, the nearest of 16, or none at all.

export type ColorDepth = 'mono' | '16' | '256' | 'true';

/** -1 the terminal's own; below 256 the palette; else 0x1000000 + 0xrrggbb. */
type Color = number;

const NO_COLOR = -1;
const RGB = 0x1000000;
/** Styles come from our own theme and Ink's borders; more means a fault, and the rest looks plain. */
const STYLES_MAX = 4_096;

interface Style {
  readonly foreground: Color;
  readonly background: Color;
  /** Bit n set: SGR attribute n, 1 to 9. */
  readonly attributes: number;
}

export const PLAIN = 0;

export class StyleTable {
  readonly #depth: ColorDepth;
  readonly #styles: Style[] = [];
  readonly #ids = new Map<string, number>();
  /** By style, what each SGR parameter string makes of it. */
  readonly #next: Map<string, number>[] = [];
  /** By style: the full sequence from anything. */
  readonly #sequences: string[] = [];

  constructor(depth: ColorDepth) {
    this.#depth = depth;
    this.#intern(PLAIN_STYLE);
  }

  /** The style after `CSI parameters m` in style `id`. */
  apply(id: number, parameters: string): number {
    const known = this.#next[id]?.get(parameters);
    if (known !== undefined) return known;
    const style = this.#styles[id];
    const next = style === undefined ? PLAIN : this.#intern(applySgr(style, parameters));
    this.#next[id]?.set(parameters, next);
    return next;
  }

  /** What to write so that text appears in `to` when the terminal is in `from`. */
  sequence(from: number, to: number): string {
    if (from === to) return '';
    const a = this.#styles[from];
    const b = this.#styles[to];
    if (to === PLAIN || a === undefined || b === undefined) return '\x1b[m';
    if (from === PLAIN) return this.#sequences[to] ?? '';
    const colorOnly = a.attributes === b.attributes && a.background === b.background;
    if (colorOnly && b.foreground !== NO_COLOR && this.#depth !== 'mono') {
      return `\x1b[${colorCodes(b.foreground, 38, this.#depth)}m`;
    }
    return `\x1b[m${this.#sequences[to] ?? ''}`;
  }

  #intern(style: Style): number {
    const key = `${style.foreground} ${style.background} ${style.attributes}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (this.#styles.length >= STYLES_MAX) return PLAIN;
    const id = this.#styles.length;
    this.#styles.push(style);
    this.#ids.set(key, id);
    this.#next.push(new Map());
    this.#sequences.push(openSequence(style, this.#depth));
    return id;
  }
}

function openSequence({ foreground, background, attributes }: Style, depth: ColorDepth): string {
  const codes: string[] = [];
  for (let bit = 1; bit <= 9; bit++) {
    if ((attributes & (1 << bit)) !== 0) codes.push(String(bit));
  }
  if (depth !== 'mono') {
    if (foreground !== NO_COLOR) codes.push(colorCodes(foreground, 38, depth));
    // With 16 colours a tinted background would hide text on it: the selection has its bar.
    if (background !== NO_COLOR && (depth !== '16' || background < 16)) {
      codes.push(colorCodes(background, 48, depth));
    }
  }
  return codes.length === 0 ? '' : `\x1b[${codes.join(';')}m`;
}

/** Bits that each "off" attribute clears. */
const OFF: Readonly<Record<number, number>> = {
  22: (1 << 1) | (1 << 2),
  23: 1 << 3,
  24: 1 << 4,
  25: 1 << 5,
  27: 1 << 7,
  28: 1 << 8,
  29: 1 << 9,
};

const PLAIN_STYLE: Style = { foreground: NO_COLOR, background: NO_COLOR, attributes: 0 };

function applySgr(style: Style, parameters: string): Style {
  const codes = parameters === '' ? [0] : parameters.split(';').map(Number);
  let next = style;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const { color, used } = extendedColor(codes.slice(i + 1));
      next = code === 38 ? { ...next, foreground: color } : { ...next, background: color };
      i += used;
    } else {
      next = applyCode(next, code);
    }
  }
  return next;
}

function applyCode(style: Style, code: number): Style {
  if (code === 0) return PLAIN_STYLE;
  if (code < 10) return { ...style, attributes: style.attributes | (1 << code) };
  if (code < 30) return { ...style, attributes: style.attributes & ~(OFF[code] ?? 0) };
  if (isColor(code, 30)) return { ...style, foreground: basicColor(code, 30) };
  return isColor(code, 40) ? { ...style, background: basicColor(code, 40) } : style;
}

function extendedColor([kind, a = 0, b = 0, c = 0]: readonly number[]): {
  readonly color: Color;
  readonly used: number;
} {
  if (kind === 5) return { color: a & 255, used: 2 };
  if (kind === 2) return { color: RGB + ((a & 255) << 16) + ((b & 255) << 8) + (c & 255), used: 4 };
  return { color: NO_COLOR, used: 0 };
}

/** 30 to 37, 39 and 90 to 97; for backgrounds ten more. */
function isColor(code: number, base: number): boolean {
  const n = code - base;
  return (n >= 0 && n <= 9) || (n >= 60 && n <= 67);
}

function basicColor(code: number, base: number): Color {
  const n = code - base;
  if (n >= 60) return n - 52;
  return n < 8 ? n : NO_COLOR;
}

function colorCodes(color: Color, base: number, depth: ColorDepth): string {
  if (color >= RGB) {
    const [red, green, blue] = [(color >> 16) & 255, (color >> 8) & 255, color & 255];
    if (depth === 'true') return `${base};2;${red};${green};${blue}`;
    if (depth === '256') return `${base};5;${nearest256(red, green, blue)}`;
    return basicCode(nearest16(red, green, blue), base);
  }
  if (color < 16) return basicCode(color, base);
  return depth === '16' ? basicCode(7, base) : `${base};5;${color}`;
}

function basicCode(color: number, base: number): string {
  return String(color < 8 ? base - 8 + color : base + 44 + color);
}

const STEPS = [0, 95, 135, 175, 215, 255];

function nearest256(red: number, green: number, blue: number): number {
  const [r, g, b] = [red, green, blue].map(nearestStep);
  const cube = 16 + 36 * (r ?? 0) + 6 * (g ?? 0) + (b ?? 0);
  const grey = Math.max(0, Math.min(23, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const level = 8 + grey * 10;
  const cubeDistance = distance(
    [red, green, blue],
    [STEPS[r ?? 0] ?? 0, STEPS[g ?? 0] ?? 0, STEPS[b ?? 0] ?? 0],
  );
  return distance([red, green, blue], [level, level, level]) < cubeDistance ? 232 + grey : cube;
}

function nearestStep(value: number): number {
  return STEPS.reduce(
    (best, step, i) => (Math.abs(step - value) < Math.abs((STEPS[best] ?? 0) - value) ? i : best),
    0,
  );
}

/** Upper bounds in degrees. Never black or a white: one of them is the background. */
const HUES: readonly (readonly [number, number])[] = [
  [20, 1],
  [70, 3],
  [165, 2],
  [195, 6],
  [255, 4],
  [340, 5],
  [360, 1],
];
const GREY = 8;

/** By hue: distances would take a pale red for a purple. */
function nearest16(red: number, green: number, blue: number): number {
  const top = Math.max(red, green, blue);
  const range = top - Math.min(red, green, blue);
  if (range < 40) return GREY;
  const sixth =
    top === red
      ? (green - blue) / range
      : top === green
        ? 2 + (blue - red) / range
        : 4 + (red - green) / range;
  const hue = (sixth * 60 + 360) % 360;
  return HUES.find(([bound]) => hue < bound)?.[1] ?? GREY;
}

function distance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + (value - (b[i] ?? 0)) ** 2, 0);
}
