// Figures as people read them, each of a width that does not change while the value does, so that nothing
// on the screen jumps; and the two smallest pictures of figures, a bar and a sparkline.

import type { Glyphs } from './glyphs.ts';

const NONE = '–';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `0`, `999`, `12.1k`, `3.45M`: at most five columns. */
export function count(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  const [scaled, unit] = scale(Math.abs(value), 1_000, ['', 'k', 'M', 'G', 'T', 'P']);
  const sign = value < 0 ? '-' : '';
  if (unit === '') return sign + Math.round(scaled);
  return sign + threeDigits(scaled) + unit;
}

/** Of things that are counted one by one: exact as long as five digits do. */
export function total(value: number | undefined): string {
  return value !== undefined && value >= 0 && value < 100_000
    ? String(Math.floor(value))
    : count(value);
}

/** `0.4`, `41`, `12.1k`: as `count`, but a rate below ten keeps a decimal. */
export function rate(perSecond: number | undefined): string {
  if (perSecond === undefined || !Number.isFinite(perSecond)) return `${NONE}/s`;
  const isSmall = perSecond > 0 && perSecond < 9.95;
  return `${isSmall ? perSecond.toFixed(1) : count(perSecond)}/s`;
}

/** `0 B`, `812 B`, `1.25 MB`: decimal units, at most seven columns. */
export function bytes(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  const [scaled, unit] = scale(Math.abs(value), 1_000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);
  return `${unit === 'B' ? Math.round(scaled) : threeDigits(scaled)} ${unit}`;
}

/** `0.8 ms`, `12 ms`, `1.24 s`, `3:05`, `2:03:05`, `4d 02h`. */
export function duration(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return NONE;
  if (ms < 10) return `${Math.max(0, ms).toFixed(1)} ms`;
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${threeDigits(ms / SECOND)} s`;
  return longDuration(ms);
}

/** Time since: `0.4 s`, `12 s`, `3:05`; tenths only below ten seconds, never negative. */
export function age(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return NONE;
  const positive = Math.max(0, ms);
  if (positive < 10 * SECOND) return `${(positive / SECOND).toFixed(1)} s`;
  if (positive < MINUTE) return `${Math.floor(positive / SECOND)} s`;
  return longDuration(positive);
}

/** `14:02:11` of this machine's time zone. */
export function clockTime(epochMs: number): string {
  const date = new Date(epochMs);
  if (Number.isNaN(date.getTime())) return NONE;
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
}

/** Event time in UTC: `14:01:55` on the day of `nowMs`, else `2001-01-03 14:01`. */
export function eventTime(epochMs: number | undefined, nowMs: number): string {
  if (epochMs === undefined) return NONE;
  if (epochMs === Number.POSITIVE_INFINITY) return 'end of time';
  const date = new Date(epochMs);
  if (Number.isNaN(date.getTime())) return NONE;
  const text = date.toISOString();
  const isToday = Math.floor(epochMs / DAY) === Math.floor(nowMs / DAY);
  return isToday ? text.slice(11, 19) : text.slice(0, 16).replace('T', ' ');
}

/** ` 0%` to `100%`, of a share between 0 and 1; four columns. */
export function percent(share: number | undefined): string {
  if (share === undefined || !Number.isFinite(share)) return `${NONE} `.padStart(4);
  return `${Math.round(clamp(share) * 100)}%`.padStart(4);
}

/** The last `width` values between zero and `highest`; without, their maximum. */
export function sparkline(
  values: readonly number[],
  width: number,
  glyphs: Glyphs,
  highest?: number,
): string {
  const shown = values.slice(-Math.max(0, width));
  const top = highest ?? shown.reduce((max, value) => Math.max(max, value), 0);
  const steps = [...glyphs.spark];
  return shown.map((value) => steps[stepOf(value, top, steps.length)] ?? ' ').join('');
}

/** Columns of each part of a bar of `width`: parts are shares of 1; a part above 0 shows at least once. */
export function barColumns(shares: readonly number[], width: number): readonly number[] {
  let used = 0;
  return shares.map((share) => {
    const wanted = share > 0 ? Math.max(1, Math.round(clamp(share) * width)) : 0;
    const columns = Math.max(0, Math.min(wanted, width - used));
    used += columns;
    return columns;
  });
}

function stepOf(value: number, top: number, steps: number): number {
  if (top <= 0 || !(value > 0)) return 0;
  return Math.min(steps - 1, Math.floor((value / top) * (steps - 0.001)));
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}

function longDuration(ms: number): string {
  if (ms >= DAY) return `${Math.floor(ms / DAY)}d ${two(Math.floor((ms % DAY) / HOUR))}h`;
  const minutes = Math.floor((ms % HOUR) / MINUTE);
  const seconds = two(Math.floor((ms % MINUTE) / SECOND));
  const hours = Math.floor(ms / HOUR);
  return hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}

function scale(value: number, step: number, units: readonly string[]): readonly [number, string] {
  let scaled = value;
  let unit = 0;
  // 999.5 would be shown as 1000.
  while (scaled >= step - 0.5 && unit < units.length - 1) {
    scaled /= step;
    unit++;
  }
  return [scaled, units[unit] ?? ''];
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
