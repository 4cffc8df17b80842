// Who may import whom. The table is the one of engine/STYLE.md.

import { describe, expect, test } from 'vitest';
import { type Import, importsOf, type SourceFile, sourceFiles } from './source-files.ts';

/** Layers of the engine from the floor up, each with those that it may import beside itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  rpc: ['core'],
  ha: ['core'],
  network: ['core'],
  state: ['core'],
  checkpoint: ['core', 'state'],
  connectors: ['core'],
  graph: ['core'],
  operators: ['core', 'state', 'connectors', 'graph'],
  api: ['core', 'state', 'connectors', 'graph', 'operators'],
  task: ['core', 'network', 'state', 'checkpoint', 'connectors', 'operators', 'graph'],
  program: ['core', 'connectors', 'graph', 'api', 'operators'],
  runtime: ['core', 'rpc', 'ha', 'network', 'state', 'checkpoint', 'connectors', 'graph', 'task'],
  rest: ['core', 'checkpoint', 'graph', 'runtime', 'program'],
  entrypoint: ['*'],
};

/** What the terminal side may know of the engine: the door, the processes' entries, plain data. */
const SEEN_BY_CLI = [
  /^engine\/index\.ts$/,
  /^engine\/core\//,
  /^engine\/entrypoint\//,
  /^engine\/rest\/(?:rest-client|rest-failure|flink-client|flink-messages|rest-messages|job-view|submission-format|version)\.ts$/,
  /^engine\/program\/(?:bundle|plan)\.ts$/,
  /^engine\/graph\/(?:stream-graph|job-graph|json-plan)\.ts$/,
];

const engine = sourceFiles(/^engine\/.*\.ts$/);
const cli = sourceFiles(/^cli\/.*\.tsx?$/);

function layerOf(path: string): string {
  const [, layer = '', rest] = path.split('/');
  return rest === undefined ? 'index' : layer;
}

function violations(
  files: readonly SourceFile[],
  isAllowed: (one: Import) => boolean,
): readonly string[] {
  return files
    .flatMap(importsOf)
    .filter((one) => !isAllowed(one))
    .map(({ from, to }) => `${from} imports ${to}`);
}

describe('layers', () => {
  test('each imports only what lies below it', () => {
    const bad = violations(engine, ({ from, to }) => {
      if (!to.startsWith('engine/') || layerOf(from) === 'index') return true;
      const [own, other] = [layerOf(from), layerOf(to)];
      const allowed = LAYERS[own] ?? [];
      return own === other || allowed.includes('*') || allowed.includes(other);
    });
    expect(bad).toEqual([]);
  });

  test('every folder of the engine is one', () => {
    const folders = new Set(
      engine.map(({ path }) => layerOf(path)).filter((one) => one !== 'index'),
    );
    expect([...folders].filter((folder) => !(folder in LAYERS))).toEqual([]);
  });

  test('nobody imports the cli, and the cli sees no more of the engine than the door', () => {
    expect(violations(engine, ({ to }) => !to.startsWith('cli/'))).toEqual([]);
    const bad = violations(
      cli,
      ({ to }) => !to.startsWith('engine/') || SEEN_BY_CLI.some((seen) => seen.test(to)),
    );
    expect(bad).toEqual([]);
  });

  test('a component of the runtime knows another only by its gateway, settings and events', () => {
    const isOpen = (to: string): boolean =>
      /-(?:gateway|events|details|submission|driver)\.ts$/.test(to);
    const component = (path: string): string => path.split('/')[2] ?? '';
    const bad = violations(engine, ({ from, to, isType }) => {
      if (layerOf(from) !== 'runtime' || layerOf(to) !== 'runtime') return true;
      if (component(from) === component(to) || component(from) === 'dispatcher') return true;
      return isType || isOpen(to);
    });
    expect(bad).toEqual([]);
  });
});
