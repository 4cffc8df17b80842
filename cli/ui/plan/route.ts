// Fourth step of the plan's layout: the space between two ranks is a channel of parallel tracks. Each source
// whose bus bends gets one: two buses share a track only where they do not meet, and where one bus leaves
// its rank on the line on which another arrives, the first turns off earlier, so that no two lines lie on
// top of each other (but in a ring of such pairs, which is rare). The order of tracks avoids crossings.

import type { Placed } from './place.ts';
import type { Ranked } from './ranks.ts';

export interface Routes {
  /** By segment: its track within the channel after its rank; -1 where it runs straight. */
  readonly tracks: readonly number[];
  /** Tracks in use, by the rank before the channel. */
  readonly channels: readonly number[];
}

interface Bus {
  readonly source: number;
  readonly out: number;
  readonly ins: readonly number[];
  readonly low: number;
  readonly high: number;
  track: number;
}

export function routeSegments(
  { ranks, layers, segments }: Ranked,
  { outPorts, inPorts }: Placed,
): Routes {
  const tracks = new Array<number>(segments.length).fill(-1);
  const channels = layers.map(() => 0);
  layers.forEach((_, rank) => {
    const inChannel = segments.flatMap((segment, i) => (ranks[segment.from] === rank ? [i] : []));
    const buses = new Map<number, Bus>();
    for (const i of inChannel) {
      const source = segments[i]?.from ?? 0;
      const ins = [...(buses.get(source)?.ins ?? []), inPorts[i] ?? 0];
      buses.set(source, busOf(source, outPorts[i] ?? 0, ins));
    }
    const bent = [...buses.values()].filter((bus) => bus.low !== bus.high);
    channels[rank] = assignTracks(bent);
    for (const i of inChannel) tracks[i] = buses.get(segments[i]?.from ?? 0)?.track ?? -1;
  });
  return { tracks, channels };
}

function busOf(source: number, out: number, ins: readonly number[]): Bus {
  return {
    source,
    out,
    ins,
    low: Math.min(out, ...ins),
    high: Math.max(out, ...ins),
    track: -1,
  };
}

/** Sets each bus's track, counted from the source's side; returns how many are needed. */
function assignTracks(buses: readonly Bus[]): number {
  const waiting = [...buses].sort(byDirection);
  const placed: Bus[] = [];
  let used = 0;
  while (waiting.length > 0) {
    // The first that need not wait for another; in a ring of them, simply the first.
    const free = waiting.findIndex((bus) => !waiting.some((other) => mustPrecede(other, bus)));
    const [bus] = waiting.splice(Math.max(0, free), 1);
    if (bus === undefined) break;
    bus.track = firstTrack(bus, placed);
    placed.push(bus);
    used = Math.max(used, bus.track + 1);
  }
  return used;
}

function firstTrack(bus: Bus, placed: readonly Bus[]): number {
  let track = 0;
  for (const other of placed) {
    if (mustPrecede(other, bus)) track = Math.max(track, other.track + 1);
  }
  while (placed.some((other) => other.track === track && meet(other, bus))) track++;
  return track;
}

/** `first` leaves its rank on a line on which `second` arrives. */
function mustPrecede(first: Bus, second: Bus): boolean {
  return first !== second && second.ins.includes(first.out) && second.out !== first.out;
}

function meet(a: Bus, b: Bus): boolean {
  return a.low <= b.high && b.low <= a.high;
}

/** Of buses that go down, the lower turns off first; of those that go up, the upper. */
function byDirection(a: Bus, b: Bus): number {
  const aUp = a.low < a.out;
  const bUp = b.low < b.out;
  if (aUp !== bUp) return aUp ? 1 : -1;
  return aUp ? a.out - b.out : b.out - a.out;
}
