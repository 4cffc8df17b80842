// What does not compile. Behind @ts-expect-error stand the first words of the message, which
// messages.test.ts holds against what tsc says.

import {
  count,
  csv,
  env,
  files,
  hours,
  type KeyedStream,
  lines,
  mean,
  minutes,
  outputTag,
  sliding,
  sum,
  tumbling,
  value,
  watermarks,
} from 'sluice';
import { describe, test } from 'vitest';

interface Flight {
  readonly origin: string;
  readonly gate?: string;
  readonly time: number;
  readonly delay: number;
}

const untimed = env.from<Flight>([]);
const flights = untimed.withWatermarks(watermarks.monotonous(), (f) => f.time);
const byOrigin = flights.keyBy((f) => f.origin);

describe('refused', () => {
  test('a key that is an object', () => {
    // @ts-expect-error keyBy needs a key that can be compared
    flights.keyBy((f) => ({ origin: f.origin }));
    // @ts-expect-error keyBy needs a key that can be compared
    flights.keyBy((f) => [f.origin, { delay: f.delay }]);
    // @ts-expect-error keyBy needs a key that can be compared
    flights.keyBy((f) => f);
  });

  test('a key that may be missing', () => {
    // @ts-expect-error keyBy needs a key for every record
    flights.keyBy((f) => f.gate);
    // @ts-expect-error keyBy needs a key for every record
    flights.keyBy((f) => (f.delay > 0 ? f.delay : null));
  });

  test('a field that the record does not have', () => {
    // @ts-expect-error Property 'dealy' does not exist
    flights.map((f) => f.dealy);
    // @ts-expect-error Property 'dealy' does not exist
    byOrigin.window(tumbling({ size: hours(1) })).aggregate(mean((f) => f.dealy));
  });

  test('a window over event time on a stream without', () => {
    const keyed = untimed.keyBy((f) => f.origin);
    // @ts-expect-error a window over event time needs event time
    keyed.window(tumbling({ size: minutes(5) }));
    // @ts-expect-error a window over event time needs event time
    untimed.windowAll(sliding({ size: minutes(5), slide: minutes(1) }));
    const joined = untimed.join(flights).where((f) => f.origin);
    const both = joined.equalTo((f) => f.origin);
    // @ts-expect-error a window over event time needs event time
    both.window(tumbling({ size: minutes(5) }));
  });

  test('sides of a join whose keys never meet', () => {
    const byDelay = flights.keyBy((f) => f.delay);
    // @ts-expect-error both sides need keys of one type
    byOrigin.connect(byDelay);
    // @ts-expect-error both sides need keys of one type
    byOrigin.intervalJoin(byDelay);
    const where = flights.join(flights).where((f) => f.origin);
    // @ts-expect-error both sides need keys of one type
    where.equalTo((f) => f.delay);
  });

  test('a sink of another type', () => {
    // @ts-expect-error not assignable to parameter of type
    flights.sinkTo(files('out', { format: 'lines' }));
    // @ts-expect-error not assignable to
    flights.sinkTo((text: string) => text.length);
  });

  test('a record, or a tag, of another type', () => {
    const tooLate = outputTag<Flight>('too late');
    const names = outputTag<string>('names');
    flights.process((f, ctx) => {
      ctx.output(tooLate, f);
      // @ts-expect-error Argument of type 'string' is not assignable
      ctx.output(tooLate, f.origin);
    });
    const window = byOrigin.window(tumbling({ size: hours(1) }));
    window.sideOutputLateData(tooLate);
    // @ts-expect-error not assignable to parameter of type
    window.sideOutputLateData(names);
  });

  test('state of another type', () => {
    byOrigin.process((_f, ctx) => {
      const last = ctx.state(value({ name: 'last', default: 0 }));
      // @ts-expect-error Argument of type 'string' is not assignable
      last.update('x');
    });
  });

  test('state without a key', () => {
    flights.process((_f, ctx) => {
      // @ts-expect-error Property 'state' does not exist
      ctx.state(value({ name: 'last', default: 0 }));
    });
  });

  test('a sum of what is no number', () => {
    // @ts-expect-error is not assignable to type
    byOrigin.sum((f) => f.origin);
    // @ts-expect-error is not assignable to type
    byOrigin.window(tumbling({ size: hours(1) })).aggregate(sum((f) => f.origin));
  });

  test('a column type that there is not', () => {
    // @ts-expect-error is not assignable to type
    env.read(csv('f.csv', { time: 'timestamp' }));
  });

  test('an aggregate of other records', () => {
    const letters = mean((text: string) => text.length);
    // @ts-expect-error No overload matches this call
    byOrigin.window(tumbling({ size: hours(1) })).aggregate(letters);
  });

  test('a stream where a keyed one is needed', () => {
    const needsKey = (stream: KeyedStream<Flight, string>): unknown => stream.count();
    // @ts-expect-error is missing the following properties
    needsKey(flights);
    // @ts-expect-error Property 'count' does not exist
    flights.count();
    // @ts-expect-error Property 'name' does not exist
    byOrigin.name('x');
  });

  test('a window that nothing was made of, as a stream', () => {
    const windowed = byOrigin.window(tumbling({ size: hours(1) }));
    // @ts-expect-error Property 'print' does not exist
    windowed.print();
    windowed.aggregate(count()).print();
  });

  test('an async function', () => {
    // @ts-expect-error not assignable to
    env.read(lines('log')).filter(async (line) => line.length > 0);
  });
});
