// Cells that go wrong in every way a program can: each fails its own job, with a cause that a person can use
// and the cell's line, and the other job of the notebook goes on as if nothing had happened.

import { describe, expect, test } from 'vitest';
import { Place, until } from './harness/tool.ts';

/** The line of the hostile cell's first statement. */
const LINE = 7;

const notebook = (code: string): string => `import { env } from 'sluice';

// %% Good
env.fromSequence(1, 3).print();

// %% Bad
${code}
`;

const TRAPS = `new Proxy({}, {
  get() { throw new Error('trap'); },
  getPrototypeOf() { throw new Error('trap'); },
})`;

describe('the other job goes on beside a function that', () => {
  test.each([
    ['throws null', '() => { throw null; }', /threw null, not an Error/],
    [
      'throws what throws when it is looked at',
      `() => { throw ${TRAPS}; }`,
      /threw an object that is not an Error/,
    ],
    ['recurses for ever', 'function down(): number { return down() + 1; }', /call stack size/],
    ['leaves a rejection alone', `() => void Promise.reject(new Error('lost'))`, /lost/],
    ['exits', '() => process.exit(3)', /called process\.exit\(3\)/],
    [
      'uses up the memory',
      '() => { const all: unknown[] = []; for (;;) all.push(new Array(1_000).fill(all.length)); }',
      /out of memory/,
    ],
    [
      'asks for more than there can be',
      `() => 'x'.repeat(2 ** 29 - 30).split('')`,
      /its process was killed|aborted/,
    ],
    [
      'returns what throws when it is read',
      `() => ({ get bad() { throw new Error('unreadable'); } })`,
      /unreadable/,
    ],
    [
      'deletes what everything rests on',
      '() => { for (const key of [Symbol.iterator, "map", "push"]) Reflect.deleteProperty(Array.prototype, key); }',
      /built-ins/,
    ],
  ])('%s', async (_, code, cause) => {
    const place = new Place();
    place.write('bad.ts', notebook(`env.from([1]).map(${code}).print();`));
    const { code: exit, out, err } = await place.run('run', 'bad.ts');
    expect(out).toBe('1\n2\n3\n');
    expect(exit).toBe(1);
    expect(err).toMatch(cause);
    expect(err).toContain(`cell "Bad", line ${LINE}`);
    expect(err).toMatch(/^Good: FINISHED/m);
    expect(err).toMatch(/^Bad: FAILED/m);
  });
});

describe('the other job goes on beside a program that', () => {
  test.each([
    ['throws null', 'throw null;', /cell "Bad": threw null, not an Error/],
    ['throws what throws when it is looked at', `throw ${TRAPS};`, /not an Error/],
    ['exits', 'process.exit(3);', /cell "Bad": the program called process\.exit\(3\)/],
    [
      'never ends',
      'for (;;) {}',
      /cell "Bad": the program has not built its job within 1500 ms \(sluice\.program\.timeout\)/,
    ],
    ['waits for ever', 'await new Promise(() => undefined);', /a promise that nobody settles/],
    [
      'deletes what everything rests on',
      'Reflect.deleteProperty(globalThis, "Map");',
      /the program has deleted globalThis\.Map/,
    ],
    ['gives an async function', 'env.from([1]).map(async (n) => n).print();', /async function/],
  ])('%s', async (_, code, cause) => {
    const place = new Place();
    place.write('bad.ts', notebook(`${code}\nenv.from([1]).print();`));
    const {
      code: exit,
      out,
      err,
    } = await place.run(...['run', 'bad.ts', '-Dsluice.program.timeout=1500 ms']);
    expect(out).toBe('1\n2\n3\n');
    expect(exit).toBe(4);
    expect(err).toMatch(cause);
    expect(err).toMatch(new RegExp(`^error bad\\.ts:${LINE}:`, 'm'));
    expect(err).toMatch(/^Good: FINISHED/m);
  });
});

test('rows are nothing but rows, whatever a cell writes to stdout', async () => {
  const place = new Place();
  const write = `process.stdout.write('raw\\n'); console.log('log');`;
  place.write(
    'talks.ts',
    notebook(`${write}\nenv.from([7]).map((n) => { ${write} return n; }).print();`),
  );
  const { code, out, err } = await place.run('run', 'talks.ts');
  expect({ code, out }).toEqual({ code: 0, out: '1\n2\n3\n7\n' });
  expect(err).toMatch(/^raw$/m);
  expect(err).toMatch(/^log$/m);
});

const LOOPS = [
  ['a map', 'env.from([1]).map(() => { for (;;) {} }).print();'],
  [
    'a sink',
    'env.from([1]).sinkTo({ createWriter: () => ({ write() { for (;;) {} } }) } as never);',
  ],
] as const;

describe('an endless loop in', () => {
  test.each(LOOPS)('%s fails its job, with where it is', async (_, code) => {
    const place = new Place();
    place.write('bad.ts', notebook(code));
    const {
      code: exit,
      out,
      err,
    } = await place.run(...['run', 'bad.ts', '-Dsluice.task.stuck-timeout=1 s']);
    expect({ exit, out }).toEqual({ exit: 1, out: '1\n2\n3\n' });
    expect(err).toMatch(/has not returned for 1 s \(sluice\.task\.stuck-timeout\)/);
    expect(err).toContain(`cell "Bad", line ${LINE}`);
  });

  test.each(LOOPS)('%s does not keep a job from being cancelled', async (_, code) => {
    const place = new Place();
    place.write('bad.ts', notebook(code));
    const run = place.start('run', 'bad.ts', '--eager');
    await run.rows(3);
    await until(() => place.taskManagers().length > 1);
    run.kill('SIGINT');
    const at = performance.now();
    const { code: exit, err } = await run.ended();
    expect(performance.now() - at).toBeLessThan(2_000);
    expect(exit).toBe(130);
    expect(err).toMatch(/^Bad: CANCELED/m);
  });
});
