// The mistakes that are made most with the API, and what is said of each. A line holds one mistake; `^` says
// where it is told.

import { beforeAll, describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../cli/compiler/diagnostics.ts';
import { emptyFolder, openService } from './checked-notebooks.ts';

const PREAMBLE = `
import { count, csv, env, files, hours, mean, minutes, sliding, sum } from 'sluice';
import { topN, tumbling, value, watermarks } from 'sluice';
interface Flight { time: number; delay: number; origin: string; gate?: string }
const untimed = env.from<Flight>([]);
const flights = untimed.withWatermarks(watermarks.monotonous(), (f) => f.time);
const byOrigin = flights.keyBy((f) => f.origin);
const hourly = byOrigin.window(tumbling({ size: hours(1) }));
`;

const ASYNC =
  'does not wait for promises: await what you need at the top level of a cell, and give a plain function';
const KEY =
  'keyBy needs a key that can be compared: a string, number, bigint, boolean, Date, or a tuple of these';
const NO_TIME =
  "a window over event time needs event time: call withWatermarks(…) on the source, or write time: 'processing'";

const MISTAKES: Record<string, readonly (readonly [code: string, message: string])[]> = {
  'a name that is misspelt': [
    ['flights.keyBy((f) => f.^orgin);', "Property 'orgin' does not exist: did you mean 'origin'?"],
    ['byOrigin.sum((f) => f.^dealy);', "Property 'dealy' does not exist: did you mean 'delay'?"],
    ['flights.^keyby((f) => f.origin);', "Property 'keyby' does not exist: did you mean 'keyBy'?"],
    ['^session({ gap: 1 });', "Cannot find name 'session': it can be imported from 'sluice'"],
    [
      'tumbling({ ^length: 1 });',
      "'length' does not exist in type '{ size: number; offset?: number; time?: \"event\"; }'",
    ],
    [
      'env.generate((i) => i, { ^perSecond: 10 });',
      "there is no option 'perSecond' here, but 'count', 'ratePerSecond'",
    ],
    [
      'env.generate((i) => ({ i }), { ^rate: 10 }).map(({ i }) => i + 1).filter((i) => i.odd);',
      "there is no option 'rate' here, but 'count', 'ratePerSecond'",
    ],
    ['tumbling({ size: 1, ^ofset: 1 });', "'ofset' does not exist: did you mean 'offset'?"],
    [
      'tumbling({ size: 1, ^time: "procesing" });',
      "Type '\"procesing\"' is not assignable to type 'TimeDomain | undefined'. Did you mean '\"processing\"'?",
    ],
    [
      "csv('f.csv', { ^at: 'timestamp' });",
      "'timestamp' is none of 'boolean', 'date', 'float', 'int', 'json', 'local-time', 'string', 'time'",
    ],
  ],
  'another library’s name': [
    [
      'flights.^groupBy((f) => f.origin);',
      "Property 'groupBy' does not exist: did you mean 'keyBy'?",
    ],
    ['flights.^addSink((f) => f);', "Property 'addSink' does not exist: did you mean 'sinkTo'?"],
  ],
  'a step that is missing': [
    ['flights.^count();', "'count' needs a key: call keyBy(…) before it"],
    ['flights.^window(tumbling({ size: 1 }));', "'window' needs a key: call keyBy(…) before it"],
    ['byOrigin.^apply((key) => key);', "'apply' needs windows: call window(…) before it"],
    [
      'hourly.^print();',
      "'print' needs a stream: end the window with aggregate, reduce, process or apply before it",
    ],
    [
      'flights.print().^map((f) => f);',
      "'map' needs a stream, and a sink gives none: keep the stream in a variable to use it twice",
    ],
    ['untimed.windowAll(^tumbling({ size: 1 }));', NO_TIME],
    ['untimed.keyBy((f) => f.origin).window(^sliding({ size: 2, slide: 1 }));', NO_TIME],
  ],
  'a key that is none': [
    ['flights.keyBy((f) => ^f);', KEY],
    [
      'flights.keyBy((f) => ^f.gate);',
      'keyBy needs a key for every record, and this one may be missing: give it a default, such as ?? 0',
    ],
    ["flights.keyBy(^'origin');", "a function is wanted here, not 'string'"],
    [
      'byOrigin.connect(^flights.keyBy((f) => f.delay));',
      "both sides need keys of one type: 1 and '1' are two keys",
    ],
  ],
  'a function that does not answer at once': [
    ['flights.map(^async (f) => f.delay);', `map ${ASYNC}`],
    ['flights.map(^(f) => fetch(f.origin)).filter((r) => r.ok);', `map ${ASYNC}`],
    ['flights.filter(^async (f) => f.delay > 3);', `filter ${ASYNC}`],
    ['flights.keyBy(^async (f) => f.origin);', `keyBy ${ASYNC}`],
    ['flights.process(^async (f, ctx, out) => out.collect(f));', `process ${ASYNC}`],
    ['flights.process(^{ async process(f, ctx, out) { out.collect(f); } });', `process ${ASYNC}`],
  ],
  'a duration that is none': [
    ["tumbling({ ^size: '5 minutes' });", 'a duration is a number of milliseconds: minutes(5)'],
    [
      "watermarks.boundedOutOfOrderness(^'90s');",
      'a duration is a number of milliseconds: seconds(90)',
    ],
    [
      "minutes(^'five');",
      "Argument of type 'string' is not assignable to parameter of type 'number'",
    ],
    [
      'tumbling(^hours(1));',
      "Argument of type 'number' is not assignable to parameter of type '{ size: number; offset?: number; time?: \"event\"; }'",
    ],
    [
      'sliding(^{ size: 1 });',
      "Property 'slide' is missing in type '{ size: number; }', and is needed in type '{ size: number; slide: number; offset?: number; time?: \"event\"; }'",
    ],
    [
      'byOrigin.window(^hours(1));',
      'a window (tumbling(…), sliding(…), session(…), cumulative(…), global()) is wanted here',
    ],
  ],
  'a value of another type': [
    [
      'byOrigin.count().map((t) => t[^2]);',
      "Tuple type '[string, number]' of length '2' has no element at index '2'",
    ],
    [
      'byOrigin.count().map(([, n]) => n.^trim());',
      "Property 'trim' does not exist on type 'number'",
    ],
    [
      'flights.filter((f) => ^f.gate);',
      "Type 'string | undefined' is not assignable to type 'boolean'",
    ],
    [
      'hourly.aggregate(mean((f) => ^f.origin));',
      "Type 'string' is not assignable to type 'number'",
    ],
    [
      'untimed.withWatermarks(watermarks.monotonous(), ^(f) => f.origin);',
      "the function gives 'string', and 'number' is wanted",
    ],
    ["env.read(^'f.csv');", 'a format (lines(…), csv(…), ndjson(…)) is wanted here'],
    [
      'byOrigin.process((f, ctx) => ctx.state(value({ name: "n", default: 0 })).update(^f.origin));',
      "Argument of type 'string' is not assignable to parameter of type 'number'",
    ],
    [
      'for (const f of ^flights) {}',
      'a stream is a plan: when the program runs there are no records yet; print, collect or process them',
    ],
    [
      'const ^city: { at: { name: number, country: string, continent: string }, size: number } = 0 as never as { at: { name: string, country: string, continent: string }, size: number };',
      "Type 'string' is not assignable to type 'number' (of 'at.name')",
    ],
  ],
  'an aggregate that does not fit': [
    [
      'hourly.aggregate(^count);',
      'an aggregate (count(), sum(…), mean(…), your own) is wanted here; did you mean to call this expression?',
    ],
    ['hourly.aggregate(^topN((f) => f.delay));', 'Expected 2 arguments, but got 1'],
    [
      'hourly.^aggregate({ create: () => ({ n: 0 }), add: (a, f) => ({ m: f.delay }) });',
      "Property 'n' is missing in type '{ m: number; }', and is needed in type '{ n: number; }'",
    ],
    [
      'hourly.^aggregate(sum((f) => f.delay), (key, window, total, more) => total);',
      'the function takes 4 arguments, and is given 3',
    ],
    [
      'hourly.aggregate(count(), (key, { ^stop }, n) => n);',
      "Property 'stop' does not exist on type 'Window'",
    ],
  ],
  'a sink of other records': [
    [
      "flights.map((f) => f.origin).sinkTo(^files('out', { format: 'csv' }));",
      "the sink takes 'object', and the records are 'string'",
    ],
    [
      'flights.map((f) => f.delay).sinkTo(^(text: string) => text.length);',
      "the sink takes 'string', and the records are 'number'",
    ],
    [
      "flights.sinkTo(^'out');",
      'a sink (files(…), socketSink(…), a function of the record, your own) is wanted here',
    ],
  ],
};

const FINE = [
  'flights.sinkTo(async (f) => { await fetch(f.origin); });',
  "const text = await (await fetch('x')).text();",
  'const load = async (n: number) => n; await Promise.all([1].map(load));',
  'const same = <T,>(of: import("sluice").DataStream<T>) => of.map((one) => one);',
  'flights.map((f) => ({ ...f, late: f.delay > 3 })).keyBy((f) => [f.origin, f.late]).count();',
];

const mistakes = Object.values(MISTAKES).flat();
const lineOf = (code: string): string => code.replace('^', '');
const text = `${[PREAMBLE.trimStart(), ...mistakes.map(([code]) => lineOf(code)), ...FINE].join('\n')}\n`;
const service = openService();
const folder = emptyFolder();
let found: readonly Diagnostic[] = [];

beforeAll(async () => {
  found = (await service.check(folder.notebook(text))) ?? [];
});

const saidOf = (code: string) =>
  found
    .filter((problem) => problem.text === lineOf(code))
    .map(({ column, message }) => ({ column, message }));

describe.each(Object.entries(MISTAKES))('%s', (_, cases) => {
  test.each(cases)('%s', (code, message) => {
    expect(saidOf(code)).toEqual([{ column: code.indexOf('^') + 1, message }]);
  });
});

describe('no mistake', () => {
  test.each(FINE)('%s', (code) => {
    expect(saidOf(code)).toEqual([]);
  });

  test('is found elsewhere', () => {
    expect(found).toHaveLength(mistakes.length);
  });
});
