// Flights within the United States, 1 to 5 January 2001, replayed in the order in which they were reported.
//
//   npx sluice notebooks/flights.ts        the screen: five days in a minute
//   npx sluice run notebooks/flights.ts    rows alone, as fast as they can be computed
//
// speed="7200"

import { csv, days, env, hours, minutes, outputTag, replay, sliding } from 'sluice';
import { topN, tumbling, watermarks } from 'sluice';

// %% Flights, as they were reported
interface Flight {
  /** When it left, and by how many minutes it arrived late. */
  readonly time: number;
  readonly delay: number;
  readonly origin: string;
  readonly destination: string;
  readonly distance: number;
}

// The file is in the order of departures. The later a flight is, the later we hear of it.
const reportedAt = (f: Flight) => f.time + minutes(f.delay);

const flights = replay(
  env
    .read(
      csv('data/flights.csv.gz', {
        time: 'local-time',
        delay: 'int',
        origin: 'string',
        destination: 'string',
        distance: 'int',
      }),
      { orderBy: reportedAt },
    )
    .withWatermarks(watermarks.boundedOutOfOrderness(minutes(30)), (f) => f.time),
  { by: reportedAt, speed: 'max' },
);

const day = (time: number) => new Date(time).toUTCString().slice(0, 11);
const clock = (time: number) => new Date(time).toUTCString().slice(17, 22);

// %% Mean delay by airport
const tooLate = outputTag<Flight>('too late');

const delays = flights
  .keyBy((f) => f.origin)
  .window(sliding({ size: hours(1), slide: minutes(10) }))
  .sideOutputLateData(tooLate)
  .aggregate(
    {
      create: () => ({ flights: 0, sum: 0 }),
      add: (a, f: Flight) => ({ flights: a.flights + 1, sum: a.sum + f.delay }),
    },
    (airport, { end }, { flights, sum }) => ({ airport, end, flights, minutes: sum / flights }),
  );

delays
  .filter((d) => d.flights >= 10)
  .keyBy((d) => d.airport)
  .window(tumbling({ size: hours(6) }))
  .reduce((a, b) => (b.minutes > a.minutes ? b : a))
  .windowAll(tumbling({ size: hours(6) }))
  .aggregate(topN(3, (d) => d.minutes), (_, { end }, worst) => {
    const hoursOf = worst.map((d) => `${d.airport} ${d.minutes.toFixed(0)} min (${clock(d.end)})`);
    return `${day(end)} ${clock(end)}  worst: ${hoursOf.join(', ')}`;
  })
  .print();

// %% Late reports
delays
  .getSideOutput(tooLate)
  .withWatermarks(watermarks.monotonous(), reportedAt)
  .windowAll(tumbling({ size: days(1) }))
  .apply((_, { start }, late) => `${day(start)} ${late.length}`)
  .print();

// %% Turnarounds
const patient = flights.withWatermarks(watermarks.boundedOutOfOrderness(hours(20)), (f) => f.time);
const short = patient.filter((f) => f.distance < 400);
const turn = short
  .keyBy((f) => [f.origin, f.destination])
  .intervalJoin(short.keyBy((f) => [f.destination, f.origin]))
  .between(minutes(75), minutes(150))
  .process((out, back) => ({ airport: out.destination, wasLate: out.delay >= 60, isLate: back.delay >= 60 }));
turn.windowAll(tumbling({ size: days(1) })).apply((_, { start }, all) => {
  const late = all.filter((t) => t.wasLate);
  const ontime = all.filter((t) => !t.wasLate);
  const s = (l: typeof all) => `${l.filter((t) => t.isLate).length} of ${l.length}, ${Math.round(100*l.filter((t) => t.isLate).length/l.length)}`;
  return `${day(start)} after a late flight ${s(late)}; ${s(ontime)}`;
})
.print();
