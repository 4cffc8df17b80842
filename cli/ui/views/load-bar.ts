// Busy, back-pressured and idle time as one bar: `▓▓▓▒░░░░`. Three patterns, so that it reads without
// colour; before the first measurement a dotted line of the same width.

import { barColumns } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { type Span, span } from '../text/spans.ts';
import type { StyleName } from '../text/theme.ts';

export interface Load {
  readonly busy: number | undefined;
  readonly backPressured: number | undefined;
}

const BUSY_HIGH = 0.8;
const PRESSURE_HIGH = 0.5;

export function loadBar(
  { busy, backPressured }: Load,
  width: number,
  glyphs: Glyphs,
): readonly Span[] {
  if (busy === undefined && backPressured === undefined) {
    return [span('faint', glyphs.separator.repeat(Math.max(0, width)))];
  }
  const [busyColumns = 0, pressureColumns = 0] = barColumns([busy ?? 0, backPressured ?? 0], width);
  return [
    span((busy ?? 0) >= BUSY_HIGH ? 'warn' : 'accent', glyphs.busy.repeat(busyColumns)),
    span('pressure', glyphs.pressure.repeat(pressureColumns)),
    span('faint', glyphs.free.repeat(Math.max(0, width - busyColumns - pressureColumns))),
  ];
}

/** Of what stands for the whole: a vertex's border, a slot. */
export function loadStyle({ busy, backPressured }: Load): StyleName {
  if ((backPressured ?? 0) >= PRESSURE_HIGH) return 'pressure';
  return (busy ?? 0) >= BUSY_HIGH ? 'warn' : 'dim';
}
