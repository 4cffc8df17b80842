// The demo against the same questions asked of the file in plain loops: no row of it is taken on trust.

import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../harness/temporary-directory.ts';
import { DAY, dateOf, floor, HOUR, MINUTE, readData } from './read-data.ts';
import { notebook, run, unordered } from './run-notebook.ts';

interface Flight {
  readonly time: number;
  readonly delay: number;
  readonly origin: string;
  readonly destination: string;
  readonly distance: number;
}

interface Figure {
  readonly airport: string;
  readonly figure: number;
}

const flights: readonly Flight[] = readData('flights.csv.gz').map((fields) => ({
  time: Date.parse(`${fields['time']}Z`),
  delay: Number(fields['delay']),
  origin: fields['origin'] ?? '',
  destination: fields['destination'] ?? '',
  distance: Number(fields['distance']),
}));
const reportedAt = ({ time, delay }: Flight): number => time + delay * MINUTE;
const reports = flights.toSorted((a, b) => reportedAt(a) - reportedAt(b));

/** The windows of an hour, every ten minutes, and the flights that were too late for all of theirs. */
function delaysAndLate(): { hours: Map<string, Flight[]>; late: Flight[] } {
  const hours = new Map<string, Flight[]>();
  const late: Flight[] = [];
  let highest = -Infinity;
  let watermark = -Infinity;
  for (const [i, flight] of reports.entries()) {
    const ends = [1, 2, 3, 4, 5, 6].map((n) => floor(flight.time, 10 * MINUTE) + n * 10 * MINUTE);
    const open = ends.filter((end) => end - 1 > watermark);
    if (open.length === 0) late.push(flight);
    for (const end of open) add(hours, `${flight.origin} ${end}`, flight);
    highest = Math.max(highest, flight.time);
    if ((i + 1) % 64 === 0) watermark = highest - 30 * MINUTE - 1;
  }
  return { hours, late };
}

function add<T>(groups: Map<string, T[]>, key: string, one: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [one]);
  else group.push(one);
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((a, b) => a + b) / numbers.length;

/** A row for each window of the size: its beginning, and who leads. */
function leaders(
  title: string,
  size: number,
  figures: readonly (Figure & { time: number })[],
): string[] {
  const windows = [...Map.groupBy(figures, ({ time }) => floor(time, size))].sort(
    ([a], [b]) => a - b,
  );
  return windows.map(([start, all]) => {
    const byRank = all.toSorted((a, b) => b.figure - a.figure || (a.airport < b.airport ? -1 : 1));
    const top = byRank.slice(0, 3).map(({ airport, figure }) => `${airport} ${figure.toFixed()}`);
    return `${dateOf(start)}  ${title}: ${top.join(', ')}`;
  });
}

const { hours, late } = delaysAndLate();

/** The worst hour of each airport in each quarter of a day, and of these three. */
function expectedDelays(): string[] {
  const busy = [...hours].filter(([, all]) => all.length >= 10);
  const means = busy.map(([key, all]) => {
    const [airport = '', end] = key.split(' ');
    return { airport, time: Number(end) - 1, figure: mean(all.map(({ delay }) => delay)) };
  });
  const quarters = Map.groupBy(means, ({ airport, time }) => `${airport} ${floor(time, 6 * HOUR)}`);
  const worst = [...quarters.values()].map((all) =>
    all.reduce((a, b) => (b.figure > a.figure ? b : a)),
  );
  return leaders('minutes late', 6 * HOUR, worst);
}

function expectedLate(): string[] {
  const days = Map.groupBy(late, (one) => `${one.origin} ${floor(reportedAt(one), DAY)}`);
  const figures = [...days].map(([key, all]) => {
    const [airport = '', time] = key.split(' ');
    return { airport, time: Number(time), figure: all.length };
  });
  return leaders('reported too late', DAY, figures);
}

function expectedTurnarounds(): string[] {
  const short = flights.filter(({ distance }) => distance < 400);
  const routes = Map.groupBy(short, ({ origin, destination }) => `${origin} ${destination}`);
  const pairs = short.flatMap((out) => {
    const back = routes.get(`${out.destination} ${out.origin}`) ?? [];
    return back
      .filter(({ time }) => time >= out.time + 75 * MINUTE && time <= out.time + 150 * MINUTE)
      .map(({ time, delay }) => ({ time, wasLate: out.delay >= 60, isLate: delay >= 60 }));
  });
  const groups = Map.groupBy(
    pairs,
    ({ time, wasLate }) => `${dateOf(floor(time, DAY))} ${wasLate}`,
  );
  return [...groups.values()].map((all) => {
    const [{ time, wasLate } = { time: 0, wasLate: false }] = all;
    const percent = mean(all.map(({ isLate }) => (isLate ? 100 : 0))).toFixed(1);
    const flight = wasLate ? 'late' : 'punctual';
    return `${dateOf(floor(time, DAY))}  late back after a ${flight} flight: ${percent} %`;
  });
}

describe.each(['1', '2'])('with parallelism %s', (parallelism) => {
  test('every row is what plain loops over the file give', async () => {
    const demo = await run(notebook('flights.ts'), '-p', parallelism);
    expect(unordered(demo.valuesOf('Mean delay by airport'))).toEqual(unordered(expectedDelays()));
    expect(unordered(demo.valuesOf('Late reports'))).toEqual(unordered(expectedLate()));
    expect(unordered(demo.valuesOf('Turnarounds'))).toEqual(unordered(expectedTurnarounds()));
  });

  test('every hour of every airport has its flights, and every other flight is late', async () => {
    const { valuesOf } = await run(withAllRows(), '-p', parallelism, ...ALL_ROWS);
    const expected = [...hours].map(([key, all]) => {
      const [airport, end] = key.split(' ');
      return [airport, Number(end), all.length, mean(all.map(({ delay }) => delay))];
    });
    expect(unordered(valuesOf('All hours'))).toEqual(unordered(expected));
    expect(late).toHaveLength(7_111);
    expect(unordered(valuesOf('All late'))).toEqual(unordered(late));
  });
});

test('at a pace the rows are the same as at once', async () => {
  const [atOnce, paced] = [
    await run(notebook('flights.ts')),
    await run(notebook('flights.ts'), '--set', 'speed=200000'),
  ];
  expect(paced.rows).toEqual(atOnce.rows);
});

test('it fits on a screen, and so do its rows', async () => {
  expect(
    readFileSync(notebook('flights.ts'), 'utf8').trimEnd().split('\n').length,
  ).toBeLessThanOrEqual(80);
  const { rows } = await run(notebook('flights.ts'));
  expect(rows.length).toBeGreaterThanOrEqual(20);
  expect(rows.length).toBeLessThanOrEqual(50);
  for (const { value } of rows) expect(String(value).length).toBeLessThanOrEqual(80);
});

const ALL_ROWS = ['--cell', 'All hours', '--cell', 'All late'];

/** A copy of the notebook, with cells that show what its rows are made of. */
function withAllRows(): string {
  const directory = temporaryDirectory();
  symlinkSync(notebook('data'), join(directory, 'data'));
  const path = join(directory, 'flights.ts');
  const cells = `
// %% All hours
delays
  .process(({ airport, flights, figure }, ctx, out) => {
    out.collect([airport, ctx.timestamp + 1, flights, figure]);
  })
  .print();

// %% All late
delays.getSideOutput(tooLate).print();
`;
  writeFileSync(path, `${readFileSync(notebook('flights.ts'), 'utf8')}${cells}`);
  return path;
}
