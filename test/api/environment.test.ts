import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { attachPreview, createApi } from '../../engine/api/create-api.ts';
import * as sluice from '../../engine/index.ts';
import { apiOf, graphOf, newRecorder, refusal } from './program.ts';

test('a notebook gets the names that index.ts lists, and no others', () => {
  const names = (module: object): ReadonlySet<string> => new Set(Object.keys(module));
  expect(names(createApi(newRecorder()))).toEqual(names(sluice));
});

test('what a notebook gets is, but for env, what index.ts exports', () => {
  const { env, ...rest } = createApi(newRecorder());
  for (const [name, exported] of Object.entries(rest))
    expect(exported, name).toBe((sluice as Readonly<Record<string, unknown>>)[name]);
  expect(env).not.toBe(sluice.env);
});

describe('param', () => {
  const parameters = { airport: 'ATL', n: '5', dry: 'true', bad: 'x' };

  test('gives what was set, as a value of the type of the default', () => {
    const { env } = apiOf(newRecorder({ parameters }));
    expect(env.param('airport', 'LAX')).toBe('ATL');
    expect(env.param('n', 1)).toBe(5);
    expect(env.param('dry', false)).toBe(true);
  });

  test('gives the default when nothing was set', () => {
    const { env } = apiOf(newRecorder());
    expect([env.param('airport', 'LAX'), env.param('n', 1), env.param('dry', false)]).toEqual([
      'LAX',
      1,
      false,
    ]);
  });

  test('is remembered with the job', () => {
    const graph = graphOf(
      ({ env }) => {
        env.fromSequence(env.param('from', 3), env.param('n', 1)).print();
      },
      { parameters },
    );
    expect(graph.parameters).toEqual({ from: 3, n: '5' });
  });

  test.each<[string, (env: typeof sluice.env) => unknown, string]>([
    [
      'a number that is none',
      (env) => env.param('bad', 1),
      'param (cell "late", line 12): --set bad=x: give a number, such as 1',
    ],
    ['a boolean that is none', (env) => env.param('bad', true), '--set bad=x: give true or false'],
    [
      'a default of another kind',
      (env) => env.param('bad', {} as never),
      'the default of bad is an object',
    ],
    ['no name', (env) => env.param('', 1), 'the name is ""'],
  ])('refuses %s', (_, call, message) => {
    expect(refusal(({ env }) => call(env), parameters)).toContain(message);
  });
});

describe('configure', () => {
  test('puts its settings into the job, as text', () => {
    const graph = graphOf(({ env, seconds }) => {
      env.configure({ 'parallelism.default': 2, 'execution.checkpointing.interval': seconds(10) });
      env.configure({ 'pipeline.object-reuse': true });
      env.from([1]).print();
    });
    expect(graph.configuration).toEqual({
      'parallelism.default': '2',
      'execution.checkpointing.interval': '10000',
      'pipeline.object-reuse': 'true',
    });
  });

  test.each<[string, unknown, string]>([
    ['no object', 'parallelism', 'the settings are "parallelism"'],
    [
      'a setting without a value',
      { 'rest.port': undefined },
      'rest.port is undefined; give a text',
    ],
  ])('refuses %s', (_, values, message) => {
    expect(refusal(({ env }) => env.configure(values as never))).toContain(message);
  });
});

describe('execute', () => {
  test('names the job', async () => {
    const recorder = newRecorder();
    const { env } = apiOf(recorder);
    env.from([1]).print();
    await env.execute('my job');
    expect(recorder.build().graph.name).toBe('my job');
  });

  test('refuses an empty name', () => {
    expect(refusal(({ env }) => env.execute(''))).toContain('the name is ""');
  });

  test('leaves the name of the cell where it has none', async () => {
    const recorder = newRecorder();
    const { env } = apiOf(recorder);
    env.from([1]).print();
    await env.execute();
    expect(recorder.build().graph.name).toBe('Test');
  });
});

describe('the preview of a cell', () => {
  test('collects the stream that its last expression is', () => {
    const recorder = newRecorder();
    attachPreview(
      apiOf(recorder)
        .env.from([1])
        .keyBy((n) => n),
      recorder,
    );
    expect(recorder.build().graph.nodes.at(-1)).toMatchObject({
      kind: 'sink',
      params: { connector: { name: 'collect', options: { name: 'preview' } } },
    });
  });

  test.each([42, undefined, null, {}, 'stream'])('is none of %j', (value) => {
    const recorder = newRecorder();
    attachPreview(value, recorder);
    expect(recorder.hasSink).toBe(false);
  });

  test('is none of a stream of another evaluation', () => {
    const recorder = newRecorder();
    const other = newRecorder();
    attachPreview(apiOf(other).env.from([1]), recorder);
    expect([recorder.hasSink, other.hasSink]).toEqual([false, false]);
  });
});

describe('a program that sluice did not start', () => {
  const index = fileURLToPath(new URL('../../engine/index.ts', import.meta.url));

  test('may use what needs no job', () => {
    expect(sluice.tumbling({ size: sluice.minutes(5) }).spec).toMatchObject({ sizeMs: 300_000 });
  });

  test.each<[string, () => unknown]>([
    ['a source', () => sluice.env.from([1])],
    ['a parameter', () => sluice.env.param('n', 1)],
    ['a setting', () => sluice.env.configure({ 'rest.port': 0 })],
  ])('is told how to start it by %s', (_, call) => {
    expect(call).toThrow(/sluice has not started it; run it with: npx sluice run \S+/);
  });

  test('is told its own name', async () => {
    const program = `import { env } from ${JSON.stringify(index)}; env.from([1]).print();`;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    await expect(run).rejects.toThrow('run it with: npx sluice run FILE');
  });
});
