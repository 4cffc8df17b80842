// The line at the bottom: the keys that do something now, most useful first, and on the right what was just
// said. Read from the key table.

import { bindingOf, KEYS, type KeyBinding, keyLabel } from '../keys.ts';
import { isAvailable } from '../state/actions.ts';
import type { Context } from '../state/selection.ts';
import { focusOf } from '../state/ui-state.ts';
import type { Notice } from '../store.ts';
import type { Look } from '../text/look.ts';
import { compose, type Span, span, spansWidth } from '../text/spans.ts';
import type { StyleName } from '../text/theme.ts';

const NOTICE_MS = 6_000;

export function keyBarView(
  context: Context,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  const notice = currentNotice(context);
  const right = notice === undefined ? [] : noticeSpans(notice, look);
  const room = width - spansWidth(right) - 2;
  const spans = fitting(barBindings(context), context, room).flatMap((one) =>
    keySpans(one, context),
  );
  return compose(look, width, height, [right.length === 0 ? { spans } : { spans, right }]);
}

/** The newest of the session's and the screen's own, while it is fresh. */
function currentNotice({ ui, model, nowMs }: Context): Notice | undefined {
  const newest = [ui.notice, model.notice]
    .filter((notice) => notice !== undefined)
    .sort((a, b) => b.atMs - a.atMs)[0];
  return newest !== undefined && nowMs - newest.atMs < NOTICE_MS ? newest : undefined;
}

function barBindings(context: Context): readonly KeyBinding[] {
  const focus = focusOf(context.ui);
  return KEYS.filter(
    ({ bar, action, keys, panes }) =>
      bar !== undefined &&
      (panes === undefined || panes.includes(focus)) &&
      bindingOf(keys[0] ?? '', focus)?.action === action &&
      isAvailable(context, action),
  );
}

/** Those that matter most, as many as have room, in the table's order. */
function fitting(
  bindings: readonly KeyBinding[],
  context: Context,
  room: number,
): readonly KeyBinding[] {
  let used = 0;
  const chosen = new Set<KeyBinding>();
  for (const binding of [...bindings].sort((a, b) => (a.bar ?? 0) - (b.bar ?? 0))) {
    used += spansWidth(keySpans(binding, context));
    if (used > room) break;
    chosen.add(binding);
  }
  return bindings.filter((binding) => chosen.has(binding));
}

function keySpans(binding: KeyBinding, context: Context): readonly Span[] {
  return [
    span('key', ` ${keyLabel(binding.keys[0] ?? '')}`),
    span('dim', ` ${labelOf(binding, context)} `),
  ];
}

function labelOf({ action, label }: KeyBinding, { ui }: Context): string {
  return action === 'freeze' && ui.frozen !== undefined ? 'follow' : label;
}

const NOTICE_STYLES: Readonly<Record<Notice['severity'], StyleName>> = {
  info: 'accent',
  warning: 'warn',
  error: 'bad',
};

function noticeSpans({ text, severity }: Notice, { glyphs }: Look): readonly Span[] {
  const mark = severity === 'error' ? `${glyphs.failed} ` : '';
  return [span(NOTICE_STYLES[severity], `${mark}${text} `)];
}
