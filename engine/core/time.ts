// Durations are milliseconds in plain numbers; the unit stands in the helper that made them. Event
// times are epoch milliseconds. A record without one carries NaN, which no comparison lets through.

export const milliseconds = (n: number): number => n;
export const seconds = (n: number): number => n * 1_000;
export const minutes = (n: number): number => n * 60_000;
export const hours = (n: number): number => n * 3_600_000;
export const days = (n: number): number => n * 86_400_000;

/** The watermark before any: nothing is known to be complete. */
export const NO_WATERMARK = Number.NEGATIVE_INFINITY;
/** The watermark at the end of input: everything is complete. */
export const END_OF_TIME = Number.POSITIVE_INFINITY;
/** The event time of a record that has none. */
export const NO_TIME = Number.NaN;

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  milli: 1,
  millis: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1e3,
  sec: 1e3,
  secs: 1e3,
  second: 1e3,
  seconds: 1e3,
  m: 6e4,
  min: 6e4,
  mins: 6e4,
  minute: 6e4,
  minutes: 6e4,
  h: 36e5,
  hour: 36e5,
  hours: 36e5,
  d: 864e5,
  day: 864e5,
  days: 864e5,
};

/** Milliseconds of Flink's duration text: `500 ms`, `1min`, `2 h`; a bare number is milliseconds. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  if (match === null) return undefined;
  const unit = match[2] === '' ? 1 : UNITS[match[2]?.toLowerCase() ?? ''];
  return unit === undefined ? undefined : Number(match[1]) * unit;
}

export function formatDurationMs(ms: number): string {
  if (ms % 864e5 === 0 && ms > 0) return `${ms / 864e5} d`;
  if (ms % 36e5 === 0 && ms > 0) return `${ms / 36e5} h`;
  if (ms % 6e4 === 0 && ms > 0) return `${ms / 6e4} min`;
  return ms % 1e3 === 0 && ms > 0 ? `${ms / 1e3} s` : `${ms} ms`;
}
