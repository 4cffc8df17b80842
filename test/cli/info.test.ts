// sluice info: what would run, without a cluster.

import { expect, test } from 'vitest';
import { Place } from '../e2e/harness/tool.ts';

const NOTEBOOK = `import { env } from 'sluice';
// %% Counts
env.fromSequence(1, 9).map((n) => n % 3).name('Mod <3>').keyBy((n) => n).count().print();
// %% Plain
env.fromSequence(1, 2).print();
`;

test('shows the vertices of each job, what is chained, and how records travel', async () => {
  const place = new Place();
  place.write('n.ts', NOTEBOOK);
  const { code, out, err } = await place.run(
    'info',
    'n.ts',
    '--parallelism',
    '3',
    '--cell',
    'Counts',
  );
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.split('\n').slice(0, -1)).toEqual([
    '----------------------- Execution Plan -----------------------',
    'Job: Counts',
    '',
    expect.stringMatching(/^1 {2}Source: .*\(parallelism 3\)$/),
    '   +- Mod <3>',
    '',
    expect.stringMatching(/^2 {2}.*\(parallelism 3\)$/),
    expect.stringMatching(/^ {3}\+- Sink: /),
    '   ◀─ HASH ─ 1',
    '--------------------------------------------------------------',
  ]);
  expect(await place.leftovers()).toEqual([]);
});

test('with --json it is one document with a plan of each job, as REST has it', async () => {
  const place = new Place();
  place.write('n.ts', NOTEBOOK);
  const { out } = await place.run('info', 'n.ts', '--json');
  const { plans } = JSON.parse(out) as { readonly plans: readonly { readonly name: string }[] };
  expect(plans.map(({ name }) => name)).toEqual(['Counts', 'Plain']);
  expect(plans[0]).toMatchObject({ type: 'STREAMING', nodes: [{ parallelism: 1 }, {}] });
});

test('what does not compile is said, with exit code 4', async () => {
  const place = new Place();
  place.write('n.ts', "import { env } from 'sluice';\n// %% A\nenv.nothing().print();\n");
  expect(await place.run('info', 'n.ts')).toMatchObject({ code: 4, out: '' });
});
