// The queries against plain loops over the same events. Here all of them together, as one job over one source,
// over few events; `npm run test:full` runs each as it is, over as many as Flink's rows are known for.

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../../harness/temporary-directory.ts';
import { notebook, run } from '../run-notebook.ts';
import { answers, canonical, type Events } from './answers.ts';
import { eventsOf, type Generator } from './events.ts';

const folder = notebook('nexmark');
const queries = readdirSync(folder)
  .filter((file) => /^q\d+\.ts$/.test(file))
  .map((file) => basename(file, '.ts'));

test('each query has an answer, but for the one that goes by the clock', () => {
  expect(queries.filter((query) => !(query in answers))).toEqual(['q12']);
});

/** A notebook with one cell that prints all rows, labelled with their queries. */
function allInOne(): string {
  const copy = temporaryDirectory();
  cpSync(folder, copy, { recursive: true });
  for (const query of queries) {
    const path = join(copy, `${query}.ts`);
    const labelled = readFileSync(path, 'utf8').replace('.print()', `.print('${query}')`);
    writeFileSync(path, `${labelled}\nexport const ${query} = true;\n`);
  }
  // A cell imports what it uses.
  const imports = queries.map((query) => `import { ${query} } from './${query}.ts';\n`);
  const all = join(copy, 'all.ts');
  writeFileSync(all, `${imports.join('')}[${queries.join(', ')}];\n`);
  return all;
}

/** Nearly all prices are different. Here there are six, so that ties are the rule. */
async function withFewPrices(all: string): Promise<Generator> {
  const path = join(dirname(all), 'generator.ts');
  const text = readFileSync(path, 'utf8');
  const few = text.replace('random.nextDouble() * 6', 'Math.floor(random.nextDouble() * 6)');
  expect(few).not.toBe(text);
  writeFileSync(path, few);
  return (await import(path)) as Generator;
}

const set = (events: number, rate: number): readonly string[] => [
  ...['--set', `events=${events}`],
  ...['--set', `rate=${rate}`],
];

describe('all queries in one job', () => {
  async function check(all: string, given: Events, ...flags: readonly string[]): Promise<void> {
    const { rows } = await run(all, ...flags);
    const bySink = Map.groupBy(rows, ({ sink }) => sink);
    for (const [query, answer] of Object.entries(answers)) {
      const values = (bySink.get(query) ?? []).map(({ value }) => value);
      expect(canonical(values), query).toEqual(canonical(answer(given)));
    }
  }

  test.each([['1'], ['2'], ['2', '-Dpipeline.projection=false']])(
    'windows of many events, %s subtasks %s',
    async (...parallelism) => {
      const given = eventsOf(4_000, 200);
      await check(allInOne(), given, ...set(4_000, 200), '-p', ...parallelism);
    },
  );

  test('windows of few events, past midnight', async () => {
    const given = eventsOf(3_000, 0.03);
    await check(allInOne(), given, ...set(3_000, 0.03), '-p', '2');
  });

  test('equal prices, also at the ends of windows', async () => {
    const all = allInOne();
    const given = eventsOf(4_000, 32, await withFewPrices(all));
    const ofOtherWindows = given.bids.filter(({ dateTime, price }) => {
      const isAtEnd = dateTime % 10_000 === 0;
      const before = given.bids.filter(
        (bid) => bid.dateTime >= dateTime - 10_000 && bid.dateTime < dateTime,
      );
      return isAtEnd && price === Math.max(...before.map((bid) => bid.price));
    });
    expect(ofOtherWindows.length).toBeGreaterThan(0);
    await check(all, given, ...set(4_000, 32), '-p', '2');
  });
});

const compared = process.env['SLUICE_TEST_FULL'] === '1' ? Object.entries(answers) : [];
test.each(
  compared.flatMap(([query, answer]) =>
    [1, 2, 4].map((parallelism) => ({ query, answer, parallelism })),
  ),
)('$query with $parallelism subtasks', async ({ query, answer, parallelism }) => {
  const path = notebook(`nexmark/${query}.ts`);
  const { rows } = await run(path, ...set(100_000, 10_000), '-p', String(parallelism));
  const given = canonical(rows.map(({ value }) => value));
  const expected = canonical(answer(eventsOf(100_000, 10_000)));
  // Not as a diff of a hundred thousand lines.
  expect(given.length).toBe(expected.length);
  expect(given.find((row, i) => row !== expected[i])).toBeUndefined();
});
