// How windows are cut into slices. A slice, like a window, is known by its end.

import type { AssignerSpec, TimeDomain } from '../../graph/operator-params.ts';
import type { Window } from '../functions.ts';
import { GLOBAL } from './assigners.ts';

export interface Slicer {
  readonly domain: TimeDomain;
  /** Its one window has no end: elements need no time, and none is ever late. */
  readonly isEndless?: true;
  sliceOf(timeMs: number): number;
  sliceBefore(slice: number): number;
  /** The first window with this slice that has not fired at `nowMs`. */
  firstWindow(slice: number, nowMs: number): number;
  /** The last window with this slice. */
  lastWindow(slice: number): number;
  window(end: number): Window;
}

type SpecOf<K extends AssignerSpec['kind']> = Extract<AssignerSpec, { readonly kind: K }>;

const floorTo = (timeMs: number, step: number, offset: number): number =>
  Math.floor((timeMs - offset) / step) * step + offset;

/** Undefined where windows do not begin and end where others do, or where time does not end them. */
export function createSlicer(spec: AssignerSpec): Slicer | undefined {
  switch (spec.kind) {
    case 'sliding':
      return spec.slideMs < spec.sizeMs && spec.sizeMs % spec.slideMs === 0
        ? sliding(spec)
        : undefined;
    case 'cumulative':
      return spec.stepMs < spec.sizeMs && spec.sizeMs % spec.stepMs === 0
        ? cumulative(spec)
        : undefined;
    case 'tumbling':
      return tumbling(spec);
    case 'global':
      return endless;
    case 'session':
    case 'dynamic-session':
    case 'count':
      return undefined;
  }
}

/** Its end as a slice: the watermark at the end of input passes it, and no other. */
const LAST = Number.MAX_VALUE;

const endless: Slicer = {
  domain: 'event',
  isEndless: true,
  sliceOf: () => LAST,
  sliceBefore: () => Number.NEGATIVE_INFINITY,
  firstWindow: () => LAST,
  lastWindow: () => LAST,
  window: () => GLOBAL,
};

/** One slice a window. */
function tumbling({ time, sizeMs, offsetMs }: SpecOf<'tumbling'>): Slicer {
  return {
    domain: time,
    sliceOf: (timeMs) => floorTo(timeMs, sizeMs, offsetMs) + sizeMs,
    sliceBefore: (slice) => slice - sizeMs,
    firstWindow: (slice) => slice,
    lastWindow: (slice) => slice,
    window: (end) => ({ start: end - sizeMs, end }),
  };
}

function sliding({ time, sizeMs, slideMs, offsetMs }: SpecOf<'sliding'>): Slicer {
  return {
    domain: time,
    sliceOf: (timeMs) => floorTo(timeMs, slideMs, offsetMs) + slideMs,
    sliceBefore: (slice) => slice - slideMs,
    firstWindow: (slice, nowMs) => Math.max(slice, nextEnd(nowMs, slideMs, offsetMs)),
    lastWindow: (slice) => slice + sizeMs - slideMs,
    window: (end) => ({ start: end - sizeMs, end }),
  };
}

function cumulative({ time, sizeMs, stepMs, offsetMs }: SpecOf<'cumulative'>): Slicer {
  const startOf = (end: number): number => floorTo(end - 1, sizeMs, offsetMs);
  return {
    domain: time,
    sliceOf: (timeMs) => floorTo(timeMs, stepMs, offsetMs) + stepMs,
    sliceBefore: (slice) => slice - stepMs,
    firstWindow: (slice, nowMs) => Math.max(slice, nextEnd(nowMs, stepMs, offsetMs)),
    lastWindow: (slice) => startOf(slice) + sizeMs,
    window: (end) => ({ start: startOf(end), end }),
  };
}

/** The first end whose last moment is after `nowMs`. */
const nextEnd = (nowMs: number, stepMs: number, offsetMs: number): number =>
  nowMs === Number.NEGATIVE_INFINITY ? nowMs : floorTo(nowMs + 1, stepMs, offsetMs) + stepMs;
