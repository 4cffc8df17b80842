// The one gate between text and the terminal: `paint` escapes what it is given and wraps it in the style's
// colours. Nothing else in cli/ui writes an escape sequence into a row. Colours leave here as 24 bits; the
// compositor brings them down to what the terminal has (terminal/styles.ts).

import { escapeUntrusted } from './escape.ts';
import { ASCII, type Glyphs, UNICODE } from './glyphs.ts';
import { type StyleName, THEMES, type Theme, type ThemeName } from './theme.ts';
import { codePointWidth } from './width.ts';

export interface Look {
  readonly theme: ThemeName;
  readonly glyphs: Glyphs;
  /** Escaped, in the style; `isSelected` lays the selection's background below it. */
  paint(style: StyleName, text: string, isSelected?: boolean): string;
}

// Not the shorter `CSI m`: Ink's tokenizer does not know it as a reset.
const RESET = '\x1b[0m';

export function createLook(theme: ThemeName, glyphs: 'unicode' | 'ascii'): Look {
  const plain = openings(THEMES[theme], undefined);
  const selected = openings(THEMES[theme], THEMES[theme].selection);
  return {
    theme,
    glyphs: glyphs === 'ascii' ? ASCII : UNICODE,
    paint(style, text, isSelected = false) {
      const opening = (isSelected ? selected : plain).get(style) ?? '';
      const escaped = escapeUntrusted(text);
      const safe = glyphs === 'ascii' ? toAscii(escaped) : escaped;
      return opening === '' || safe === '' ? safe : opening + safe + RESET;
    },
  };
}

function openings(theme: Theme, background: number | undefined): ReadonlyMap<StyleName, string> {
  const { selection: _, ...styles } = theme;
  const result = new Map<StyleName, string>();
  for (const [name, { color, attributes = [] }] of Object.entries(styles)) {
    const codes = [...attributes.map(String)];
    if (color !== undefined) codes.push(`38;2;${rgb(color)}`);
    if (background !== undefined) codes.push(`48;2;${rgb(background)}`);
    result.set(name as StyleName, codes.length === 0 ? '' : `\x1b[${codes.join(';')}m`);
  }
  return result;
}

const ASCII_FOR: Readonly<Record<string, string>> = { '×': 'x', '–': '-', '…': '~', '→': '>' };

/** As wide as before: what a console without Unicode cannot show becomes question marks. */
function toAscii(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text.replace(
    /[^\x20-\x7e]/gu,
    (found) => ASCII_FOR[found] ?? '?'.repeat(codePointWidth(found.codePointAt(0) ?? 0)),
  );
}

function rgb(color: number): string {
  return `${color >> 16};${(color >> 8) & 255};${color & 255}`;
}
