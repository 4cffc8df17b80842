// What the palette lists: everything that can be done, what is possible now first, searched by any of its
// words or keys.

import { KEYS, type KeyBinding } from '../keys.ts';
import { isAvailable } from './actions.ts';
import type { Context } from './selection.ts';

export interface PaletteEntry {
  readonly binding: KeyBinding;
  readonly isPossible: boolean;
}

/** Every word of the query must occur; an action is listed once. */
export function paletteEntries(context: Context, query: string): readonly PaletteEntry[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const seen = new Set<string>();
  const entries = KEYS.flatMap((binding): PaletteEntry[] => {
    const { action, label, about, keys, command = '', group } = binding;
    if (seen.has(action)) return [];
    const text = `${label} ${about} ${keys.join(' ')} ${command} ${group}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) return [];
    seen.add(action);
    return [{ binding, isPossible: isAvailable(context, action) }];
  });
  return [...entries.filter((one) => one.isPossible), ...entries.filter((one) => !one.isPossible)];
}
