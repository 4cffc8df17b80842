// Names of keys, from what Ink makes of the input. Several characters may come as one (typed fast, or sent
// by a program): each is a key of its own, control characters included.

import type { Key } from 'ink';

/** In the order in which they were pressed. */
export function keyNames(input: string, key: Key): readonly string[] {
  const special = specialName(key);
  if (special !== undefined) return [special];
  if (key.ctrl && input.length === 1) return [`ctrl+${input}`];
  return [...input].map(characterName);
}

function specialName(key: Key): string | undefined {
  if (key.tab) return key.shift ? 'shift+tab' : 'tab';
  for (const [flag, name] of SPECIAL) {
    if (key[flag]) return name;
  }
  return undefined;
}

const SPECIAL = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
] as const;

function characterName(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\r') return 'enter';
  if (character === '\t') return 'tab';
  if (character === ' ') return 'space';
  if (code === 0x7f || code === 8) return 'backspace';
  if (code < 27 && code > 0) return `ctrl+${String.fromCharCode(code + 96)}`;
  return character;
}
