import { describe, expect, test, vi } from 'vitest';
import { evaluate } from '../../engine/program/evaluate.ts';
import { compile, programOf, resultOf, stopBundlerAfterTests, surroundings } from './notebooks.ts';
import { tinyModules } from './tiny-api.ts';

stopBundlerAfterTests();

const NOTEBOOK = `
import { env, from } from 'sluice';
// %% Flights
const flights = from([1, 2, 3]).map((x: number) => x * 2);
flights.print('flights');
// %% Late
const late = flights.filter((x) => x > 2);
late.print('late');
`;

describe('a program', () => {
  test('is the graph that leads to the sinks of its cell, with its functions', async () => {
    const { graph, functions } = await programOf(NOTEBOOK);
    expect(graph.name).toBe('Late');
    expect(graph.nodes.map(({ uid, origin }) => [uid, origin?.line])).toEqual([
      ['Flights/flights/source-1', 4],
      ['Flights/flights/map-1', 4],
      ['Late/late/filter-1', 7],
      ['Late/sink-1', 8],
    ]);
    expect([...functions.keys()]).toEqual(['2.map', '3.filter']);
    expect((functions.get('2.map') as (x: number) => number)(4)).toBe(8);
  });

  test('is the same in a slot, and every time', async () => {
    const { bundle } = await compile(NOTEBOOK);
    const { graph } = await evaluate(bundle, 'program', surroundings, tinyModules);
    for (const mode of ['program', 'slot', 'slot'] as const) {
      const again = await evaluate(bundle, mode, surroundings, tinyModules, graph.collections);
      expect(again.graph).toEqual(graph);
    }
  });

  test('of a cell that ends with a stream, and has no sink, is its preview', async () => {
    const { graph } = await programOf(`${NOTEBOOK}// %% Look\nlate.map((x) => -x)\n`);
    expect(graph.nodes.at(-1)).toMatchObject({
      ...{
        kind: 'sink',
        uid: 'Look/sink-1',
        params: { connector: { options: { label: 'preview' } } },
      },
    });
    expect(graph.nodes).toHaveLength(5);
  });

  test('of a cell with a sink is that, whatever the cell ends with', async () => {
    const { graph } = await programOf(`${NOTEBOOK}flights;\n`);
    expect(graph.nodes.filter(({ kind }) => kind === 'sink')).toHaveLength(1);
  });

  test('of a library cell is empty', async () => {
    const { graph, functions, blobs } = await programOf(
      NOTEBOOK.replace("late.print('late');", ''),
    );
    expect([graph.nodes, graph.edges, functions.size, blobs.size]).toEqual([[], [], 0, 0]);
  });

  test('has the sinks that its cell attaches after waiting, and in other cells’ functions', async () => {
    const text =
      "import { from } from 'sluice';\n// %% A\nconst show = (s: any) => s.print('shown');\nshow(from([1]));\n" +
      '// %% B\nawait Promise.resolve();\nshow(from([2]));\n';
    const { graph } = await programOf(text);
    expect(graph.nodes.map(({ uid }) => uid)).toEqual(['B/source-1', 'A/show/sink-1']);
  });
});

describe('what a bundle is given', () => {
  test('is Node’s modules, with named and default imports', async () => {
    const text =
      "import fs, { existsSync } from 'node:fs';\nimport * as path from 'path';\nimport { setTimeout as wait } from 'node:timers/promises';\n" +
      'await wait(0);\n[fs.existsSync === existsSync, path.sep, path.default.sep];\n';
    expect(await resultOf(text)).toEqual([true, '/', '/']);
  });

  test.each(['program', 'slot'] as const)(
    'is the submission’s environment, in a %s',
    async (mode) => {
      const text =
        "import { env as named } from 'node:process';\nimport whole from 'process';\n" +
        '// %% A\n[process.env, named, whole.env, process.env.HOME, process.pid, () => process.env.CITY];\n';
      const environment = { CITY: 'Oslo' };
      const [direct, named, whole, home, pid, later] = (await resultOf(text, {
        mode,
        environment,
      })) as unknown[];
      expect([direct, named, whole]).toEqual([environment, environment, environment]);
      expect([home, pid]).toEqual([undefined, process.pid]);
      expect((later as () => string)()).toBe('Oslo');
      expect(process.env['CITY']).toBeUndefined();
    },
  );

  test('is an environment that the program can change only for itself', async () => {
    expect(
      await resultOf("process.env.MINE = 'x';\n[process.env.MINE, process.env.CITY];\n"),
    ).toEqual(['x', undefined]);
    await expect(resultOf('(process as any).env = {};\n')).rejects.toThrow(TypeError);
    expect(process.env['MINE']).toBeUndefined();
    expect(process.env['PATH']).toBeDefined();
  });

  test('is parameters, with defaults', async () => {
    const text =
      "import { env } from 'sluice';\n[env.param('speed', 1), env.param('toString', 2)];\n";
    const { graph, result } = await programOf(text, { parameters: { speed: '10', unasked: 'x' } });
    expect(result).toEqual(['10', 2]);
    expect(graph.parameters).toEqual({ speed: '10', toString: 2 });
  });

  test('is nothing that Node does not have', async () => {
    await expect(resultOf("import x from 'node:nothing';\nx;\n")).rejects.toThrow(
      'there is no module "node:nothing" in a program',
    );
  });
});

test('a collection is drained by the program, and by no slot', async () => {
  const drained = vi.fn();
  vi.stubGlobal('drained', drained);
  const { bundle } = await compile(
    "import { from } from 'sluice';\n// %% A\nfrom(numbers()).print();\n" +
      'function* numbers() {\n  yield* [1, 2];\n  (globalThis as any).drained();\n}\n',
  );
  const { graph, blobs } = await evaluate(bundle, 'program', surroundings, tinyModules);
  expect(graph.collections).toEqual([{ key: [...blobs.keys()][0], count: 2 }]);
  const slot = await evaluate(bundle, 'slot', surroundings, tinyModules, graph.collections);
  expect(slot).toMatchObject({ graph, blobs: new Map() });
  expect(drained).toHaveBeenCalledTimes(1);
  vi.unstubAllGlobals();
});

test('what the program throws is thrown, with its stack in the notebook’s lines', async () => {
  const text =
    '// %% A\nfunction fail(): never {\n  throw new TypeError("no");\n}\n// %% B\nfail();\n';
  const error = await programOf(text).catch((thrown: unknown) => thrown as Error);
  expect(error).toBeInstanceOf(TypeError);
  expect((error as Error).stack?.split('\n').slice(0, 3)).toEqual([
    'TypeError: no',
    '    at fail (flights.ts:3:9)',
    '    at flights.ts:6:1',
  ]);
});
