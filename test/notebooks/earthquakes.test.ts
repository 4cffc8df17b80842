// Sessions that grow together late, timers and state, against plain loops over the file. There is a watermark
// after each record, twelve hours behind the latest quake.

import { expect, test } from 'vitest';
import { DAY, dateOf, HOUR, readData } from './read-data.ts';
import { notebook, run, unordered } from './run-notebook.ts';

interface Quake {
  readonly updated: number;
  readonly time: number;
  readonly magnitude: number;
  readonly place: string;
}

interface Session {
  readonly place: string;
  readonly start: number;
  readonly end: number;
  readonly magnitudes: readonly number[];
}

const quakes: readonly Quake[] = readData('earthquakes.csv.gz').map((fields) => ({
  updated: Number(fields['updated']),
  time: Number(fields['time']),
  magnitude: Number(fields['magnitude']),
  place: fields['place'] ?? '',
}));
const regionOf = ({ place }: Quake): string => place.slice(place.lastIndexOf(', ') + 1).trim();

/** Calls for each quake with the watermark before it, and for each watermark that rises. */
function replay(
  onQuake: (quake: Quake, watermark: number) => void,
  onWatermark: (watermark: number) => void,
): void {
  let watermark = -Infinity;
  for (const quake of quakes) {
    onQuake(quake, watermark);
    if (quake.time - 12 * HOUR - 1 <= watermark) continue;
    watermark = quake.time - 12 * HOUR - 1;
    onWatermark(watermark);
  }
  onWatermark(Infinity);
}

/** What sessions say when they end, what they say again within a day, and whom they do not take any more. */
function swarms(): { fired: readonly Session[]; late: readonly Quake[] } {
  let open: Session[] = [];
  let before = -Infinity;
  const fired: Session[] = [];
  const late: Quake[] = [];
  replay(
    (quake, watermark) => {
      if (quake.magnitude < 2.5) return;
      const place = regionOf(quake);
      const alone = {
        place,
        start: quake.time,
        end: quake.time + 3 * HOUR,
        magnitudes: [quake.magnitude],
      };
      const touches = (one: Session): boolean =>
        one.place === place && one.start <= alone.end && alone.start <= one.end;
      const session = [...open.filter(touches), alone].reduce((a, b) => ({
        place,
        start: Math.min(a.start, b.start),
        end: Math.max(a.end, b.end),
        magnitudes: [...a.magnitudes, ...b.magnitudes],
      }));
      if (session.end - 1 + DAY <= watermark) return void late.push(quake);
      open = [...open.filter((one) => !touches(one)), session];
      if (session.end - 1 <= watermark) fired.push(session);
    },
    (watermark) => {
      fired.push(...open.filter(({ end }) => end - 1 > before && end - 1 <= watermark));
      open = open.filter(({ end }) => end - 1 + DAY > watermark);
      before = watermark;
    },
  );
  return { fired, late };
}

/** Strong quakes whose day was over, with how many had followed, as far as was known then. */
function aftershocks(): readonly object[] {
  const known: Quake[] = [];
  const waiting = new Set<Quake>();
  const told: object[] = [];
  replay(
    (quake, watermark) => {
      if (quake.time + DAY <= watermark) return;
      known.push(quake);
      waiting.add(quake);
    },
    (watermark) => {
      for (const main of waiting) {
        if (main.time + DAY > watermark) continue;
        waiting.delete(main);
        const followed = known.filter(
          (one) =>
            regionOf(one) === regionOf(main) && one.time > main.time && one.time <= main.time + DAY,
        );
        if (main.magnitude >= 5 && followed.length > 0)
          told.push({
            date: dateOf(main.time),
            magnitude: main.magnitude,
            place: main.place,
            followedBy: followed.length,
          });
      }
    },
  );
  return told;
}

test.each(['1', '2'])(
  'with parallelism %s every row is what plain loops over the file give',
  async (parallelism) => {
    const { valuesOf } = await run(notebook('earthquakes.ts'), '-p', parallelism);
    const { fired, late } = swarms();
    const big = fired.filter(({ magnitudes }) => magnitudes.length >= 5);
    const expected = big.map(({ place, start, end, magnitudes }) => ({
      place,
      from: dateOf(start),
      to: dateOf(end),
      quakes: magnitudes.length,
      strongest: Math.max(...magnitudes),
    }));
    expect(unordered(valuesOf('Swarms'))).toEqual(unordered(expected));
    const lateByPlace = Map.groupBy(late, regionOf);
    const counts = [...lateByPlace].map(([place, all]) => ({ place, late: all.length }));
    expect(unordered(valuesOf('Known too late'))).toEqual(unordered(counts));
    expect(unordered(valuesOf('Aftershocks'))).toEqual(unordered(aftershocks()));
  },
);
