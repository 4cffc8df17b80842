// Flights within the United States, 1 to 5 January 2001, in the order in which they were reported. In the
// screen the five days pass in a minute; `npx sluice run notebooks/flights.ts` prints all rows at once.
// speed="7200"
import { count, csv, env, hours, mean, minutes, outputTag, replay, watermarks } from 'sluice';

// %% Flights, as they were reported
// The file has them by departure, `time`. The later one arrives, `delay`, the later we hear of it.
type Report = { readonly origin: string; readonly time: number; readonly delay: number };
const reportedAt = ({ time, delay }: Report) => time + minutes(delay);
const file = csv('data/flights.csv.gz', {
  time: 'local-time',
  delay: 'int',
  origin: 'string',
  destination: 'string',
  distance: 'int',
});
const reports = env
  .read(file, { orderBy: reportedAt })
  .withWatermarks(watermarks.boundedOutOfOrderness(minutes(30)), ({ time }) => time);
const flights = replay(reports, { by: reportedAt, speed: 'max' });

// %% Mean delay by airport
import { sliding, tumbling } from 'sluice';

// A window closes when the watermark reaches its end. Who is reported after that, is too late for it.
const tooLate = outputTag<Report>('too late');
const delays = flights
  .keyBy(({ origin }) => origin)
  .window(sliding({ size: hours(1), slide: minutes(10) }))
  .sideOutputLateData(tooLate)
  .aggregate(
    { create: () => ({ n: 0, sum: 0 }), add: (a, f) => ({ n: a.n + 1, sum: a.sum + f.delay }) },
    (airport, _, { n, sum }) => ({ airport, flights: n, figure: sum / n }),
  );
// Results go into windows again: each airport's worst hour in a quarter of a day, and of these the worst.
delays
  .filter(({ flights }) => flights >= 10)
  .keyBy(({ airport }) => airport)
  .window(tumbling({ size: hours(6) }))
  .reduce((a, b) => (b.figure > a.figure ? b : a))
  .windowAll(tumbling({ size: hours(6) }))
  .apply((_, { start }, worst) => `${date(start)}  minutes late: ${topThree(worst)}`)
  .print();

type Figure = { readonly airport: string; readonly figure: number };
const before = (a: Figure, b: Figure) => b.figure - a.figure || (a.airport < b.airport ? -1 : 1);
const text = ({ airport, figure }: Figure) => `${airport} ${figure.toFixed()}`;
const topThree = (all: readonly Figure[]) => all.toSorted(before).slice(0, 3).map(text).join(', ');
const date = (time: number) => new Date(time).toUTCString().slice(0, 22);

// %% Late reports
// In windows over departures they would be late again. By the time of their report they are in order.
delays
  .getSideOutput(tooLate)
  .withWatermarks(watermarks.monotonous(), reportedAt)
  .keyBy(({ origin }) => origin)
  .window(tumbling({ size: hours(24) }))
  .aggregate(count(), (airport, _, figure) => ({ airport, figure }))
  .windowAll(tumbling({ size: hours(24) }))
  .apply((_, { start }, late) => `${date(start)}  reported too late: ${topThree(late)}`)
  .print();

// %% Turnarounds
// After a flight comes one back. Here none may be lost: a bound of 20 hours waits for the latest.
const short = flights
  .withWatermarks(watermarks.boundedOutOfOrderness(hours(20)), ({ time }) => time)
  .filter(({ distance }) => distance < 400);
short
  .keyBy(({ origin, destination }) => [origin, destination])
  .intervalJoin(short.keyBy(({ origin, destination }) => [destination, origin]))
  .between(minutes(75), minutes(150))
  .process((out, back) => ({ wasLate: out.delay >= 60, isLate: back.delay >= 60 }))
  .keyBy(({ wasLate }) => wasLate)
  .window(tumbling({ size: hours(24) }))
  .aggregate(
    mean(({ isLate }) => (isLate ? 100 : 0)),
    (wasLate, { start }, percent) =>
      `${date(start)}  late back after a ${wasLate ? 'late' : 'punctual'} flight: ${percent.toFixed(1)} %`,
  )
  .print();
