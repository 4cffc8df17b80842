// Chooses how a plan is drawn in the space there is: from roomy boxes to one-line chips, rightward or
// downward, with or without room for the edges' labels; the first of the list that fits. When nothing does,
// chips, and the view pans. Remembered by topology and space, so that live figures cost no layout.

import type { JobModel } from '../../model/cluster-model.ts';
import { analyse, type Direction, type Layout, layOut, type Topology } from './layout.ts';

export type PlanMode = 'boxes' | 'small' | 'chips';

export interface PlanLayout extends Layout {
  readonly mode: PlanMode;
}

interface Candidate {
  readonly mode: PlanMode;
  readonly direction: Direction;
  /** Least distance between ranks. */
  readonly channel: number;
}

/** ` hash 12.1k/s ▶` and a turn. */
const CHANNEL_LABEL = 18;
/** ` hash ▶` and a turn. */
const CHANNEL_SHORT = 11;

const CANDIDATES: readonly Candidate[] = [
  { mode: 'boxes', direction: 'right', channel: CHANNEL_LABEL },
  { mode: 'boxes', direction: 'down', channel: 2 },
  { mode: 'boxes', direction: 'right', channel: CHANNEL_SHORT },
  { mode: 'boxes', direction: 'right', channel: 4 },
  { mode: 'small', direction: 'right', channel: CHANNEL_SHORT },
  { mode: 'small', direction: 'down', channel: 2 },
  { mode: 'small', direction: 'right', channel: 4 },
  { mode: 'chips', direction: 'right', channel: 4 },
  { mode: 'chips', direction: 'down', channel: 2 },
];

const HEIGHTS: Readonly<Record<PlanMode, number>> = { boxes: 5, small: 3, chips: 1 };
const WIDTHS: Readonly<Record<PlanMode, readonly [number, number]>> = {
  boxes: [26, 38],
  small: [24, 34],
  chips: [16, 24],
};

const REMEMBERED_MAX = 32;
const topologies = new Map<string, Topology>();
const layouts = new Map<string, PlanLayout>();

export function planLayout(
  job: Pick<JobModel, 'vertices' | 'edges'>,
  width: number,
  height: number,
): PlanLayout {
  const shape = shapeOf(job);
  const topology = remember(topologies, shape, () => topologyOf(job));
  return remember(layouts, `${width} ${height} ${shape}`, () => choose(topology, width, height));
}

function choose(topology: Topology, width: number, height: number): PlanLayout {
  for (const candidate of CANDIDATES) {
    const layout = attempt(topology, candidate, width, height);
    if (layout.width <= width && layout.height <= height) return layout;
  }
  return attempt(topology, { mode: 'chips', direction: 'right', channel: 4 }, width, height);
}

/** As wide as the space allows, between the mode's limits. */
function attempt(
  topology: Topology,
  { mode, direction, channel }: Candidate,
  width: number,
  height: number,
): PlanLayout {
  const lay = (boxWidth: number): PlanLayout => ({
    mode,
    ...layOut(topology, direction, { width: boxWidth, height: HEIGHTS[mode] }, channel),
  });
  let [least, most] = WIDTHS[mode];
  let best = lay(least);
  if (best.width > width || best.height > height) return best;
  while (least < most) {
    const middle = (least + most + 1) >> 1;
    const wider = lay(middle);
    if (wider.width <= width) {
      best = wider;
      least = middle;
    } else {
      most = middle - 1;
    }
  }
  return best;
}

function topologyOf({ vertices, edges }: Pick<JobModel, 'vertices' | 'edges'>): Topology {
  const index = new Map(vertices.map(({ id }, i) => [id, i]));
  const links = edges.map(({ source, target }) => ({
    from: index.get(source) ?? -1,
    to: index.get(target) ?? -1,
  }));
  return analyse(vertices.length, links);
}

function shapeOf({ vertices, edges }: Pick<JobModel, 'vertices' | 'edges'>): string {
  const ids = vertices.map(({ id }) => id);
  return JSON.stringify([ids, edges.map(({ source, target }) => [source, target])]);
}

function remember<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const value = make();
  if (cache.size >= REMEMBERED_MAX) cache.delete(cache.keys().next().value ?? '');
  cache.set(key, value);
  return value;
}
