// What a user gets wrong is told with the thing, the place and what to do, and with an exit code that says
// whose turn it is.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Place } from './harness/tool.ts';

const cell = (code: string): string => `import { csv, env } from 'sluice';\n// %% A\n${code}\n`;

describe('a notebook', () => {
  test('that is not there is named, with where it was looked for', async () => {
    const place = new Place();
    const { code, err } = await place.run('run', 'missing.ts');
    expect(code).toBe(2);
    expect(err).toContain(
      `cannot read the notebook missing.ts: there is no such file (${join(place.folder, 'missing.ts')})`,
    );
  });

  test('is a file, not a folder', async () => {
    const place = new Place();
    mkdirSync(join(place.folder, 'folder'));
    const { code, err } = await place.run('run', 'folder');
    expect({ code, err }).toMatchObject({
      code: 2,
      err: expect.stringContaining('it is a folder'),
    });
  });

  test.each([
    ['does not parse', 'env.from([1).print();', /a\.ts:3:12: Unexpected token/],
    [
      'imports what is not there',
      "import { x } from './x.ts';\nenv.from([x]).print();",
      /a\.ts:3:19: cannot find module "\.\/x\.ts"/,
    ],
    [
      'has an option that does not fit',
      '// %% B parallelism="many"\nenv.from([1]).print();',
      /a\.ts:4:1: "B": parallelism\.default: "many" is not a whole number/,
    ],
  ])('with a cell that %s does not run, not in part either', async (_, code, says) => {
    const place = new Place();
    place.write('a.ts', `${cell(code)}// %% Fine\nenv.from([1]).print();\n`);
    const result = await place.run('run', 'a.ts');
    expect(result).toMatchObject({ code: 4, out: '' });
    expect(result.err).toMatch(says);
  });

  test('without a sink has nothing to run', async () => {
    const place = new Place();
    place.write('a.ts', cell('const a = env.from([1]);'));
    const { code, err } = await place.run('run', 'a.ts');
    expect({ code, err }).toEqual({
      code: 4,
      err: 'error a.ts: nothing to run: its cells have no sink (.print(), .sinkTo(…)) and end in no stream\n',
    });
  });

  test('with a type error runs all the same; run --check stops before it does', async () => {
    const place = new Place();
    place.write('a.ts', cell('const n: string = 3;\nenv.from([n]).print();'));
    expect(await place.run('run', 'a.ts')).toMatchObject({ code: 0, out: '3\n' });
    const checked = await place.run('run', '--check', 'a.ts');
    expect(checked).toMatchObject({ code: 4, out: '' });
    expect(checked.err).toContain("a.ts:3:7: Type 'number' is not assignable to type 'string'");
  });

  test('with a type error that runs long enough is warned of', async () => {
    const place = new Place();
    place.write(
      'a.ts',
      cell('const n: string = 3;\nenv.generate(() => n, { ratePerSecond: 10 }).print();'),
    );
    const run = place.start('run', 'a.ts');
    await run.until(/warning a\.ts:3:7: Type 'number' is not assignable/, 'err');
    run.kill('SIGINT');
    await run.ended();
  });
});

describe('the command line', () => {
  test.each([
    [['--jsn'], /run has no flag --jsn; did you mean --json\?/],
    [['-p', '0'], /--parallelism takes a whole number of at least 1, not "0"/],
    [['--cell', 'nope'], /a\.ts has no cell "nope"; there are:\n {2}1 {2}a\.ts\n {2}2 {2}A/],
    [['-Dparallelism.default=x'], /-Dparallelism\.default: "x" is not a whole number/],
    [['-D', 'nothing'], /-D takes name=value, not "nothing"/],
    [['--detached'], /--detached needs --jobmanager/],
  ])('is refused with %j', async (flags, says) => {
    const place = new Place();
    place.write('a.ts', cell('env.from([1]).print();'));
    const { code, err } = await place.run('run', 'a.ts', ...flags);
    expect(code).toBe(2);
    expect(err).toMatch(says);
  });

  test('a key that no option reads is a warning with the nearest one', async () => {
    const place = new Place();
    place.write('a.ts', cell('env.from([1]).print();'));
    const { code, err } = await place.run('run', 'a.ts', '-Dparalelism.default=1');
    expect(code).toBe(0);
    expect(err).toContain('did you mean parallelism.default?');
  });

  test('a cluster that does not answer is exit code 3', async () => {
    const place = new Place();
    place.write('a.ts', cell('env.from([1]).print();'));
    const { code, err } = await place.run('run', 'a.ts', '-m', '127.0.0.1:1');
    expect(code).toBe(3);
    expect(err).toContain('no cluster answers at http://127.0.0.1:1');
  });

  test('more slots than there are is said at once', async () => {
    const place = new Place();
    place.write('a.ts', cell('env.from([1]).rebalance().map((n) => n).print();'));
    const { code, err } = await place.run('run', 'a.ts', '-p', '99');
    expect(code).toBe(1);
    expect(err).toMatch(/the job needs 99 slots and the cluster can give it \d+/);
  });
});

describe('a data file', () => {
  const read = (more = ''): string =>
    cell(`env.read(csv('data.csv', { a: 'int', b: 'int' }${more})).print();`);

  test('that is not there is named, with its full path', async () => {
    const place = new Place();
    place.write('a.ts', read());
    const { code, err } = await place.run('run', 'a.ts');
    expect(code).toBe(1);
    expect(err).toContain(`there is no file data.csv (${join(place.folder, 'data.csv')})`);
    expect(err).toContain('cell "A", line 3');
  });

  test('with a bad value fails the job with file, line and column, or is read without it', async () => {
    const place = new Place();
    writeFileSync(join(place.folder, 'data.csv'), 'a,b\n1,2\n3,x\n5,6\n');
    place.write('a.ts', read());
    const { code, err } = await place.run('run', 'a.ts');
    expect(code).toBe(1);
    expect(err).toContain('data.csv, line 3, column b: "x" is not an int');
    place.write('a.ts', read(", { onMalformed: 'skip' }"));
    const skipped = await place.run('run', 'a.ts');
    expect(skipped).toMatchObject({ code: 0, out: '{"a":1,"b":2}\n{"a":5,"b":6}\n' });
    expect(skipped.err).toContain('1 skipped');
  });
});

test('a checkpoint that cannot be written is declined and told; the job goes on', async () => {
  const place = new Place();
  // A file stands where the folder should be: as a full disk, it takes nothing.
  const inTheWay = place.write('checkpoints', '');
  place.write(
    'a.ts',
    cell(
      `env.generate((i) => i, { ratePerSecond: 500 }).keyBy((i) => i % 7).reduce((a, b) => a + b).print();`,
    ),
  );
  const run = place.start(
    ...['run', 'a.ts', '--eager', `-Dexecution.checkpointing.dir=${inTheWay}`],
    ...['-Dstate.storage.fs.memory-threshold=0'],
  );
  await run.until(/checkpoint/i, 'err');
  const rows = run.lines.length;
  await run.rows(rows + 500);
  run.kill('SIGINT');
  const { err } = await run.ended();
  expect(err).toContain(inTheWay);
  expect(err).toMatch(/A: CANCELED .* 0 checkpoints/);
});
