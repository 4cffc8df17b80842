// `sluice run` as a script uses it: rows on stdout, talk on stderr, an exit code; flags; slow and impatient
// readers; and rows that stay the same when a TaskManager is killed while they are made.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { kill, Place, sluice, until } from './harness/tool.ts';

const FULL = process.env['SLUICE_TEST_FULL'] !== undefined;

const TWO_JOBS = `import { env } from 'sluice';
const n = Number(env.param('n', 3));

// %% Squares
env.fromSequence(1, n).map((i) => i * i).print();

// %% Words
env.fromSequence(1, n).map((i) => \`word \${i}\`).print('word');
`;

/** Ends after about two seconds; at any parallelism the same rows. */
const WINDOWS = `import { count, env, seconds, tumbling, watermarks } from 'sluice';

// %% Counts
env
  .generate((i) => ({ key: i % 7, time: i * 10 }), { count: 30_000, ratePerSecond: 15_000 })
  .withWatermarks(watermarks.boundedOutOfOrderness(seconds(1)), ({ time }) => time)
  .keyBy(({ key }) => key)
  .window(tumbling({ size: seconds(10) }))
  .aggregate(count(), (key, { start }, n) => \`\${start} \${key} \${n}\`)
  .print();
`;

const FOREVER = `import { env } from 'sluice';

// %% Forever
env.generate((i) => i, { ratePerSecond: 1_000 }).print();
`;

const MANY = `import { env } from 'sluice';

// %% Many
env.fromSequence(1, 70_000).map((n) => ({ n, text: 'x'.repeat(20) })).print();
`;

describe('rows', () => {
  test('come in the order of the cells, the same in every run', async () => {
    const place = new Place();
    place.write('two.ts', TWO_JOBS);
    const first = await place.run('run', 'two.ts');
    expect(first).toMatchObject({ code: 0 });
    expect(first.out).toBe('1\n4\n9\nword:> word 1\nword:> word 2\nword:> word 3\n');
    expect((await place.run('run', 'two.ts')).out).toBe(first.out);
    expect(first.err).toMatch(/^Squares: FINISHED in [\d.]+ s · 3 records in · 3 rows out · .*\n/);
    expect(await place.leftovers()).toEqual([]);
  });

  test('are JSON lines with --json', async () => {
    const place = new Place();
    place.write('two.ts', TWO_JOBS);
    const { out } = await place.run('run', 'two.ts', '--json', '--cell', 'Words', '--set', 'n=1');
    expect(JSON.parse(out)).toEqual({ job: 'Words', sink: 'word', subtask: 0, value: 'word 1' });
  });

  test.each([['-p', '2'], ['--parallelism=2'], ['-Dparallelism.default=2']])(
    'come from every subtask with %s %s',
    async (...flags) => {
      const place = new Place();
      place.write('two.ts', TWO_JOBS);
      const { out, code } = await place.run('run', 'two.ts', '--cell', 'Squares', ...flags);
      expect(code).toBe(0);
      expect(out.split('\n').toSorted()).toEqual(['', '1> 1', '1> 9', '2> 4']);
    },
  );

  test('come each once, whenever a TaskManager is killed', { timeout: 120_000 }, async () => {
    const place = new Place();
    place.write('windows.ts', WINDOWS);
    const undisturbed = await place.run('run', 'windows.ts', '-p', '2');
    expect(undisturbed).toMatchObject({ code: 0 });
    const expected = undisturbed.out.split('\n').toSorted();
    for (const rows of FULL ? [0, 0, 1, 20, 40, 60, 80, 100, 120, 140] : [1]) {
      const run = place.start('run', 'windows.ts', '-p', '2');
      await run.rows(rows);
      await until(() => place.taskManagers().length > 0 || run.child.exitCode !== null);
      for (const pid of place.taskManagers()) kill(pid, 'SIGKILL');
      const { code, out, err } = await run.ended();
      expect({ rows, code, all: out.split('\n').toSorted() }).toEqual({
        rows,
        code: 0,
        all: expected,
      });
      // Rows come in batches: with the later ones the job may have come to its end.
      if (rows === 1) expect(err).toContain(' restart');
    }
  });
});

describe('a reader of stdout', () => {
  test('that is slow stops the sink and loses nothing', async () => {
    const place = new Place();
    place.write('many.ts', MANY);
    const reader = '(while [ ! -e go ]; do sleep 0.05; done; cat)';
    const run = place.command([
      'sh',
      '-c',
      `"${sluice.join('" "')}" run many.ts --json | ${reader}`,
    ]);
    await until(() => place.taskManagers().length > 0);
    await sleep(1_500);
    // Stopped, not kept in memory: the job is still there while nobody reads.
    expect(place.taskManagers()).not.toEqual([]);
    place.write('go', '');
    const { out } = await run.ended();
    const numbers = out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as Line).value.n);
    expect(numbers).toEqual(Array.from({ length: 70_000 }, (_, i) => i + 1));
  });

  test('that has seen enough ends the run quietly', async () => {
    const place = new Place();
    place.write('forever.ts', FOREVER);
    const command = `set -o pipefail; "${sluice.join('" "')}" run forever.ts | head -1`;
    const run = await place.command(['bash', '-c', command]).ended();
    expect(run).toEqual({ code: 0, signal: null, out: '0\n', err: '' });
    expect(await place.leftovers()).toEqual([]);
  });
});

interface Line {
  readonly value: { readonly n: number };
}

describe('from outside', () => {
  test('one interrupt cancels, and what came of it is told', async () => {
    const place = new Place();
    place.write('forever.ts', FOREVER);
    const run = place.start('run', 'forever.ts');
    await run.rows(1);
    run.kill('SIGINT');
    const { code, out, err } = await run.ended();
    expect(code).toBe(130);
    const rows = out.split('\n').slice(0, -1);
    expect(rows).toEqual(rows.map((_, i) => String(i)));
    expect(err).toMatch(/^Forever: CANCELED in/);
    expect(err).toContain(` ${rows.length.toLocaleString('en-US')} rows out`);
    expect(await place.leftovers()).toEqual([]);
  });

  test('a second interrupt does not wait for the first', async () => {
    const place = new Place();
    // Its sink never comes back: cancelling it takes the time that a task is given.
    place.write(
      'stuck.ts',
      `import { env } from 'sluice';\nenv.from([1]).map(() => { for (;;) {} }).print();\n`,
    );
    const run = place.start('run', 'stuck.ts', '-Dtask.cancellation.timeout=60 s');
    await until(() => place.taskManagers().length > 0);
    await sleep(500);
    run.kill('SIGINT');
    await sleep(100);
    run.kill('SIGINT');
    expect(await run.ended()).toMatchObject({ code: 130 });
    expect(await place.leftovers()).toEqual([]);
  });

  test('an interrupt while a program builds its job ends it, too', async () => {
    const place = new Place();
    place.write('slow.ts', `console.log('begun');\nfor (;;) {}\n`);
    const run = place.start('run', 'slow.ts');
    await until(() => place.processes().length > 1);
    run.kill('SIGINT');
    expect(await run.ended()).toMatchObject({ code: 130 });
    expect(await place.leftovers()).toEqual([]);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends it with %i', async (signal, expected) => {
    const place = new Place();
    place.write('forever.ts', FOREVER);
    const run = place.start('run', 'forever.ts');
    await run.rows(1);
    run.kill(signal);
    expect(await run.ended()).toMatchObject({ code: expected, signal: null });
    expect(await place.leftovers()).toEqual([]);
  });

  test('SIGKILL leaves nothing behind', async () => {
    const place = new Place();
    place.write('forever.ts', FOREVER);
    const run = place.start('run', 'forever.ts');
    await run.rows(1);
    run.kill('SIGKILL');
    await run.ended();
    expect(await place.leftovers()).toEqual([]);
  });
});
