import { expect, test } from 'vitest';
import { detectCapabilities } from '../../cli/ui/terminal/capabilities.ts';

const of = (env: Parameters<typeof detectCapabilities>[0], flags = {}) =>
  detectCapabilities({ TERM: 'xterm-256color', ...env }, flags);

test('the terminal says how many colours it has', () => {
  expect(of({ COLORTERM: 'truecolor' }).depth).toBe('true');
  expect(of({}).depth).toBe('256');
  expect(of({ TERM: 'xterm' }).depth).toBe('16');
  expect(of({ TERM: 'xterm-kitty' }).depth).toBe('true');
  expect(of({ TERM: 'vt100' }).depth).toBe('mono');
  expect(of({ TERM: undefined }).depth).toBe('mono');
});

test('NO_COLOR takes them away unless it is empty, FORCE_COLOR wins over both', () => {
  expect(of({ NO_COLOR: '1' })).toMatchObject({ depth: 'mono', theme: 'mono' });
  expect(of({ NO_COLOR: '' }).depth).toBe('256');
  expect(of({ NO_COLOR: '1', FORCE_COLOR: '3' }).depth).toBe('true');
  expect(of({ COLORTERM: 'truecolor', FORCE_COLOR: '0' }).depth).toBe('mono');
  expect(of({ FORCE_COLOR: '' }).depth).toBe('16');
});

test('the background is light when the environment says so, and worth asking for when it is silent', () => {
  expect(of({ COLORFGBG: '0;15' })).toMatchObject({ theme: 'light', isThemeGuessed: false });
  expect(of({ COLORFGBG: '15;default;0' })).toMatchObject({ theme: 'dark', isThemeGuessed: false });
  expect(of({})).toMatchObject({ theme: 'dark', isThemeGuessed: true });
  expect(of({}, { theme: 'light' })).toMatchObject({ theme: 'light', isThemeGuessed: false });
});

test('a console or locale without Unicode gets ASCII', () => {
  expect(of({ TERM: 'linux' }).glyphs).toBe('ascii');
  expect(of({ LANG: 'C' }).glyphs).toBe('ascii');
  expect(of({ LANG: 'C.UTF-8' }).glyphs).toBe('unicode');
  expect(of({ LANG: 'C', LC_ALL: 'de_DE.utf8' }).glyphs).toBe('unicode');
  expect(of({}).glyphs).toBe('unicode');
  expect(of({ LANG: 'de_DE.UTF-8' }, { ascii: true }).glyphs).toBe('ascii');
});
