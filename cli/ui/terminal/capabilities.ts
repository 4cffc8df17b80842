// What the terminal can do, as far as its environment says: colours, characters, and whether its background
// is light. Flags win over variables. An answer to our question (background.ts) may correct the last later.

import type { ThemeName } from '../text/theme.ts';
import type { ColorDepth } from './styles.ts';

export interface Capabilities {
  readonly depth: ColorDepth;
  readonly glyphs: 'unicode' | 'ascii';
  readonly theme: ThemeName;
  /** Neither a flag nor the environment says it: worth asking the terminal. */
  readonly isThemeGuessed: boolean;
}

export interface CapabilityFlags {
  readonly ascii?: boolean;
  readonly theme?: ThemeName;
}

/** What is looked at of the process's environment. */
export interface Environment {
  readonly FORCE_COLOR?: string | undefined;
  readonly NO_COLOR?: string | undefined;
  readonly COLORTERM?: string | undefined;
  readonly COLORFGBG?: string | undefined;
  readonly TERM?: string | undefined;
  readonly LC_ALL?: string | undefined;
  readonly LC_CTYPE?: string | undefined;
  readonly LANG?: string | undefined;
}

export function detectCapabilities(env: Environment, flags: CapabilityFlags = {}): Capabilities {
  const depth = colorDepth(env);
  const fromEnvironment = backgroundOf(env);
  const isMono = depth === 'mono';
  return {
    depth,
    glyphs: flags.ascii === true || !hasUnicode(env) ? 'ascii' : 'unicode',
    theme: isMono ? 'mono' : (flags.theme ?? fromEnvironment ?? 'dark'),
    isThemeGuessed: !isMono && flags.theme === undefined && fromEnvironment === undefined,
  };
}

/** FORCE_COLOR, then NO_COLOR, as Node has it; then what the terminal says of itself. */
function colorDepth(env: Environment): ColorDepth {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forcedDepth(forced);
  if ((env.NO_COLOR ?? '') !== '') return 'mono';
  if (/^(truecolor|24bit)$/i.test(env.COLORTERM ?? '')) return 'true';
  const terminal = env.TERM ?? '';
  if (/-(direct|truecolor)$|^(xterm-kitty|xterm-ghostty|alacritty|foot|wezterm)/.test(terminal)) {
    return 'true';
  }
  if (/-256(color)?$/.test(terminal)) return '256';
  if (terminal === '' || /^(dumb|vt\d*|ansi-m)$/.test(terminal)) return 'mono';
  return '16';
}

function forcedDepth(value: string): ColorDepth {
  if (value === '0' || value === 'false') return 'mono';
  if (value === '2') return '256';
  return value === '3' ? 'true' : '16';
}

/** `foreground;background` by palette numbers, as rxvt, Konsole and others set it. */
function backgroundOf(env: Environment): 'dark' | 'light' | undefined {
  const background = env.COLORFGBG?.split(';').at(-1);
  if (background === undefined || !/^\d+$/.test(background)) return undefined;
  return ['7', '15'].includes(background) ? 'light' : 'dark';
}

/** The locale's character set; one that is not set at all is taken for UTF-8, as containers leave it. */
function hasUnicode(env: Environment): boolean {
  if (env.TERM === 'linux') return false;
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => (value ?? '') !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}
