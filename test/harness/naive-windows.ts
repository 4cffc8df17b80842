// Windows by definition: every element is remembered with its windows, and whatever fires is computed from
// scratch. Slow and plain on purpose; it shares no code with the operators.

import type { InputItem, OutputItem } from './operator-items.ts';

export interface NaiveElement {
  readonly key: string;
  readonly time: number;
  readonly id: number;
}

interface NaiveWindow {
  readonly start: number;
  readonly end: number;
}

export interface NaiveSpec {
  /** All windows that hold the time, by brute force. */
  readonly windowsOf: (time: number) => readonly NaiveWindow[];
  readonly lateness: number;
}

interface Open extends NaiveWindow {
  readonly key: string;
  readonly ids: number[];
}

/** The windows among all those that start at `offset + k * slide` that hold the time. */
export function slidingBy(size: number, slide: number, offset: number): NaiveSpec['windowsOf'] {
  return (time) => {
    const windows: NaiveWindow[] = [];
    for (let k = -400; k <= 400; k++) {
      const start = offset + k * slide;
      if (start <= time && time < start + size) windows.push({ start, end: start + size });
    }
    return windows;
  };
}

/** Each window of `size` as a growing row of windows of `step`, `2 * step`, … */
export function cumulativeBy(size: number, step: number, offset: number): NaiveSpec['windowsOf'] {
  return (time) => {
    const windows: NaiveWindow[] = [];
    for (let k = -400; k <= 400; k++) {
      const start = offset + k * size;
      for (let end = start + step; end < start + size + step; end += step) {
        const last = Math.min(end, start + size);
        if (start <= time && time < last) windows.push({ start, end: last });
      }
    }
    return windows;
  };
}

/** What each input item makes a keyed window emit that lists the ids of its elements, and late elements. */
export function naiveWindows(spec: NaiveSpec, input: readonly InputItem[]): OutputItem[][] {
  const open: Open[] = [];
  let now = Number.NEGATIVE_INFINITY;
  return input.map((item) => {
    if (item.kind === 'watermark') {
      const due = open.filter(({ end }) => end - 1 > now && end - 1 <= item.timeMs);
      now = item.timeMs;
      return [...due.map(fire), { kind: 'watermark', timeMs: now }];
    }
    if (item.kind !== 'record') return [];
    const element = item.value as NaiveElement;
    const windows = spec.windowsOf(element.time);
    const alive = windows.filter(({ end }) => end - 1 + spec.lateness > now);
    if (alive.length === 0) {
      return element.time + spec.lateness <= now ? [late(element)] : [];
    }
    return alive.flatMap((window) => {
      const target = findOrOpen(open, element.key, window);
      target.ids.push(element.id);
      return window.end - 1 <= now ? [fire(target)] : [];
    });
  });
}

/** The same for sessions, each recomputed from all its elements whenever one is added. */
export function naiveSessions(
  gapOf: (element: NaiveElement) => number,
  lateness: number,
  input: readonly InputItem[],
): OutputItem[][] {
  let sessions: Open[] = [];
  let now = Number.NEGATIVE_INFINITY;
  return input.map((item) => {
    if (item.kind === 'watermark') {
      const due = sessions.filter(({ end }) => end - 1 > now && end - 1 <= item.timeMs);
      now = item.timeMs;
      sessions = sessions.filter(({ end }) => end - 1 + lateness > now);
      return [...due.map(fire), { kind: 'watermark', timeMs: now }];
    }
    if (item.kind !== 'record') return [];
    const { key, time, id } = item.value as NaiveElement;
    const [start, end] = [time, time + gapOf({ key, time, id })];
    const joined = sessions.filter((s) => s.key === key && s.start <= end && start <= s.end);
    const merged: Open = {
      key,
      start: Math.min(start, ...joined.map((s) => s.start)),
      end: Math.max(end, ...joined.map((s) => s.end)),
      ids: [...joined.flatMap((s) => s.ids), id],
    };
    if (merged.end - 1 + lateness <= now) return [late({ key, time, id })];
    sessions = [...sessions.filter((s) => !joined.includes(s)), merged];
    return merged.end - 1 <= now ? [fire(merged)] : [];
  });
}

function findOrOpen(open: Open[], key: string, { start, end }: NaiveWindow): Open {
  let found = open.find((one) => one.key === key && one.start === start && one.end === end);
  if (found === undefined) {
    found = { key, start, end, ids: [] };
    open.push(found);
  }
  return found;
}

const fire = ({ key, start, end, ids }: Open): OutputItem => ({
  kind: 'record',
  value: { key, start, end, ids: ids.toSorted((a, b) => a - b) },
  timeMs: end - 1,
});

const late = (element: NaiveElement): OutputItem => ({
  kind: 'record',
  value: element,
  timeMs: element.time,
  tag: 'late',
});
