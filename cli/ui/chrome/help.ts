// Keys by group, from the key table, and what the signs mean: one page.

import { KEYS, type KeyBinding, keyLabel } from '../keys.ts';
import type { Glyphs } from '../text/glyphs.ts';
import type { Look } from '../text/look.ts';
import { alignLeft, compose, EMPTY_ROW, type Row, row, span } from '../text/spans.ts';
import type { StyleName } from '../text/theme.ts';

const GROUPS: readonly KeyBinding['group'][] = ['Run', 'Look', 'Move', 'Screen'];

export function helpView(width: number, height: number, look: Look): readonly string[] {
  return compose(look, width, height, helpRows(width, look.glyphs));
}

export function helpRows(width: number, glyphs: Glyphs): readonly Row[] {
  const keys = GROUPS.flatMap((group) => [
    row(span('title', ` ${group}`)),
    ...bindingsOf(group).map((binding) => keyRow(binding, width)),
    EMPTY_ROW,
  ]);
  return [...keys, row(span('title', ' Signs')), ...signRows(glyphs)];
}

/** One row per action, with all its keys. */
function bindingsOf(group: KeyBinding['group']): readonly KeyBinding[] {
  const merged = new Map<string, KeyBinding>();
  for (const binding of KEYS) {
    if (binding.group !== group) continue;
    const known = merged.get(binding.action);
    const keys = [...new Set([...(known?.keys ?? []), ...binding.keys])];
    merged.set(binding.action, { ...(known ?? binding), keys });
  }
  return [...merged.values()];
}

function keyRow({ keys, about, command }: KeyBinding, width: number): Row {
  const names = keys.slice(0, 3).map(keyLabel).join(' ');
  const line = command === undefined ? '' : `:${command}`;
  return row(
    span('key', `   ${alignLeft(names, 15)}`),
    span('text', alignLeft(about, Math.max(0, width - 18 - 14))),
    span('dim', ` ${line}`),
  );
}

function signRows(glyphs: Glyphs): readonly Row[] {
  const signs: readonly (readonly [string, StyleName, string])[] = [
    [glyphs.live, 'good', 'running'],
    [glyphs.stale, 'warn', 'running, but its source has changed since'],
    [glyphs.finished, 'good', 'finished'],
    [glyphs.failed, 'bad', 'failed'],
    [glyphs.starting, 'warn', 'starting'],
    [glyphs.restarting, 'warn', 'restarting'],
    [glyphs.stopped, 'dim', 'cancelled'],
    [glyphs.barrier, 'warn', 'a barrier on its way; in a box: acknowledged by so many subtasks'],
    [glyphs.busy, 'accent', 'busy: share of the time spent on records'],
    [glyphs.pressure, 'pressure', 'back-pressured: share of the time waiting for the next vertex'],
    [glyphs.free, 'faint', 'idle'],
    [glyphs.separator, 'faint', 'before an output row: no checkpoint covers it yet'],
  ];
  return signs.map(([glyph, style, about]) =>
    row(span(style, `   ${glyph}  `), span('text', about)),
  );
}
