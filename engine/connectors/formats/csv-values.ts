// The values of typed CSV columns, read from bytes. What is common is read digit by digit without making
// a string; what is not goes by way of one. `undefined` means: not a value of this type.

import type { TextBuffer } from './record-window.ts';

const ZERO = 0x30;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;
const SPACE = 0x20;
const T = 0x54;

/** Fifteen digits are below 2^53, whatever they are. */
const EXACT_DIGITS = 15;
const POWERS_OF_10 = Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => 10 ** i);

/** A safe integer. */
export function readInt(bytes: TextBuffer, start: number, end: number): number | undefined {
  const first = bytes[start];
  const from = first === MINUS || first === PLUS ? start + 1 : start;
  if (from >= end || end - from > EXACT_DIGITS) return readLongInt(bytes, start, end);
  let value = 0;
  for (let i = from; i < end; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return readLongInt(bytes, start, end);
    value = value * 10 + digit;
  }
  return first === MINUS ? 0 - value : value;
}

function readLongInt(bytes: TextBuffer, start: number, end: number): number | undefined {
  const text = bytes.utf8Slice(start, end).trim();
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value + 0 : undefined;
}

/** A decimal number, with or without exponent; `NaN`, `Infinity` and `-Infinity` as JavaScript writes them. */
export function readFloat(bytes: TextBuffer, start: number, end: number): number | undefined {
  const isNegative = bytes[start] === MINUS;
  const from = isNegative ? start + 1 : start;
  let value = 0;
  let point = end;
  for (let i = from; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === DOT && point === end) point = i;
    else if (byte >= ZERO && byte <= ZERO + 9) value = value * 10 + (byte - ZERO);
    else return readLongFloat(bytes, start, end);
  }
  const fraction = Math.max(0, end - point - 1);
  const digits = end - from - (point === end ? 0 : 1);
  if (digits === 0 || digits > EXACT_DIGITS) return readLongFloat(bytes, start, end);
  // Both are exact, so that the quotient is the double nearest to the text.
  const quotient = value / (POWERS_OF_10[fraction] as number);
  return isNegative ? -quotient : quotient;
}

const FLOAT = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity)$|^NaN$/;

function readLongFloat(bytes: TextBuffer, start: number, end: number): number | undefined {
  const text = bytes.utf8Slice(start, end).trim();
  return FLOAT.test(text) ? Number(text) : undefined;
}

/** `true`, `false`, `1` or `0`; letters of either case. */
export function readBoolean(bytes: TextBuffer, start: number, end: number): boolean | undefined {
  const text = bytes.utf8Slice(start, end).trim().toLowerCase();
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : undefined;
}

/** Epoch milliseconds: written as such, as an ISO time with its zone, or as an ISO date, which is in UTC. */
export function readTime(bytes: TextBuffer, start: number, end: number): number | undefined {
  const epochMs = readInt(bytes, start, end) ?? readDate(bytes, start, end);
  if (epochMs !== undefined) return epochMs;
  const match = ZONED.exec(bytes.utf8Slice(start, end).trim());
  if (match === null) return undefined;
  const [, local = '', sign, hours = '0', minutes = '0'] = match;
  const text = Buffer.from(local) as TextBuffer;
  const localMs = readLocalTime(text, 0, text.length);
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  if (localMs === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return sign === '-' ? localMs + offsetMs : localMs - offsetMs;
}

const ZONED = /^(.*?)\s?(?:Z|([+-])(\d\d):?(\d\d)?)$/;

/**
 * `YYYY-MM-DD HH:mm`, with `/` for `-`, `T` for the space, and seconds with or without a fraction; read
 * as if it were UTC, as epoch milliseconds.
 */
export function readLocalTime(bytes: TextBuffer, start: number, end: number): number | undefined {
  const separator = bytes[start + 10];
  const isTime = separator === SPACE || separator === T;
  const dayMs = readDate(bytes, start, start + 10);
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  if (dayMs === undefined || !isTime || end - start < 16 || bytes[start + 13] !== COLON)
    return undefined;
  if (hour > 23 || minute > 59) return undefined;
  const minuteMs = dayMs + hour * 3_600_000 + minute * 60_000;
  if (end - start === 16) return minuteMs;
  const secondMs = readSecondMs(bytes.latin1Slice(start + 16, end));
  return secondMs === undefined ? undefined : minuteMs + secondMs;
}

function readSecondMs(text: string): number | undefined {
  const match = /^:([0-5]\d)(?:[.,](\d{1,9}))?$/.exec(text);
  if (match === null) return undefined;
  const [, seconds = '', fraction = ''] = match;
  // Below a millisecond is cut off, as Date does.
  return Number(seconds) * 1_000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** `YYYY-MM-DD` or `YYYY/MM/DD`: its midnight in UTC, as epoch milliseconds. */
export function readDate(bytes: TextBuffer, start: number, end: number): number | undefined {
  const separator = bytes[start + 4];
  const isSeparated = separator === MINUS || separator === SLASH;
  if (end - start !== 10 || !isSeparated || bytes[start + 7] !== separator) return undefined;
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  const isDay =
    year <= 9_999 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
  if (!isDay) return undefined;
  return daysSinceEpoch(year, month, day) * 86_400_000;
}

/** Far above any when they are not two digits. */
function twoDigits(bytes: TextBuffer, at: number): number {
  const tens = (bytes[at] as number) - ZERO;
  const ones = (bytes[at + 1] as number) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 10_000;
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

/** Of the Gregorian calendar; years are counted from March, so that the leap day is their last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1;
  const months = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const dayOfYear = Math.floor((153 * months + 2) / 5) + day - 1;
  return years * 365 + leapDays + dayOfYear - 719_468;
}
