// The colours, by meaning. Few on purpose: the terminal's own text colour for what is read, two greys for
// what stands back, one accent for what is chosen, and green, yellow, red where something is good, near a
// limit, wrong. `mono` says the same with weight, underline and the signs of glyphs.ts alone.

export type StyleName =
  | 'text'
  | 'strong'
  | 'dim'
  | 'faint'
  | 'accent'
  | 'title'
  | 'number'
  | 'good'
  | 'warn'
  | 'bad'
  | 'pressure'
  | 'key'
  | 'keyword'
  | 'string'
  | 'literal'
  | 'type'
  | 'call'
  | 'group0'
  | 'group1'
  | 'group2'
  | 'group3'
  | 'cursor';

interface Ink {
  /** 0xrrggbb; without, the terminal's own. */
  readonly color?: number;
  /** SGR attributes: 1 bold, 2 dim, 3 italic, 4 underline, 7 inverse. */
  readonly attributes?: readonly number[];
}

export type ThemeName = 'dark' | 'light' | 'mono';

export type Theme = Readonly<Record<StyleName, Ink>> & { readonly selection: number | undefined };

const BOLD = [1];

const DARK: Theme = {
  text: {},
  strong: { attributes: BOLD },
  dim: { color: 0x939aa8 },
  faint: { color: 0x596070 },
  accent: { color: 0x6cb2f5 },
  title: { color: 0x6cb2f5, attributes: BOLD },
  number: { color: 0x7cc5c2 },
  good: { color: 0x93c47d },
  warn: { color: 0xe3b768 },
  bad: { color: 0xec7680, attributes: BOLD },
  pressure: { color: 0xc795e0 },
  key: { color: 0x6cb2f5 },
  keyword: { color: 0xc795e0 },
  string: { color: 0x9dc183 },
  literal: { color: 0xdca56c },
  type: { color: 0x7cc5c2 },
  call: { color: 0x84b3ee },
  group0: { color: 0x6cb2f5 },
  group1: { color: 0xdca56c },
  group2: { color: 0xc795e0 },
  group3: { color: 0x93c47d },
  cursor: { attributes: [7] },
  selection: 0x2b3240,
};

const LIGHT: Theme = {
  text: {},
  strong: { attributes: BOLD },
  dim: { color: 0x5d6672 },
  faint: { color: 0xa0a8b4 },
  accent: { color: 0x0a5fc2 },
  title: { color: 0x0a5fc2, attributes: BOLD },
  number: { color: 0x0f6f74 },
  good: { color: 0x2e7a26 },
  warn: { color: 0x946000 },
  bad: { color: 0xbf2430, attributes: BOLD },
  pressure: { color: 0x8238b0 },
  key: { color: 0x0a5fc2 },
  keyword: { color: 0x7d34ad },
  string: { color: 0x38751f },
  literal: { color: 0xa0500f },
  type: { color: 0x0f6f74 },
  call: { color: 0x1f59ba },
  group0: { color: 0x0a5fc2 },
  group1: { color: 0xa0500f },
  group2: { color: 0x7d34ad },
  group3: { color: 0x2e7a26 },
  cursor: { attributes: [7] },
  selection: 0xe3e9f3,
};

const MONO: Theme = {
  text: {},
  strong: { attributes: BOLD },
  dim: {},
  faint: { attributes: [2] },
  accent: { attributes: BOLD },
  title: { attributes: BOLD },
  number: {},
  good: {},
  warn: { attributes: [4] },
  bad: { attributes: BOLD },
  pressure: { attributes: [4] },
  key: { attributes: BOLD },
  keyword: { attributes: BOLD },
  string: {},
  literal: {},
  type: {},
  call: {},
  group0: {},
  group1: {},
  group2: {},
  group3: {},
  cursor: { attributes: [7] },
  selection: undefined,
};

export const THEMES: Readonly<Record<ThemeName, Theme>> = { dark: DARK, light: LIGHT, mono: MONO };
