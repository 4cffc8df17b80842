// The API as a notebook meets it: compiled from text, evaluated, and told where it went wrong.

import { describe, expect, test } from 'vitest';
import { attachPreview, createApi } from '../../engine/api/create-api.ts';
import type { Surroundings } from '../../engine/core/surroundings.ts';
import { evaluate } from '../../engine/program/evaluate.ts';
import type { EvaluationMode, Program } from '../../engine/program/program.ts';
import { runProgram } from '../../engine/program/program-run.ts';
import { streamGraphHash } from '../../engine/program/stream-graph-hash.ts';
import { compile, stopBundlerAfterTests, surroundings } from '../program/notebooks.ts';

stopBundlerAfterTests();

const modules = { createApi, preview: attachPreview };

const NOTEBOOK = `
import { count, env, minutes, replay, tumbling, watermarks } from 'sluice';

interface Flight { origin: string; time: number }

// %% Flights
const flights = env
  .from<Flight>([{ origin: 'ATL', time: 1 }, { origin: 'LAX', time: 2 }])
  .withWatermarks(watermarks.boundedOutOfOrderness(minutes(30)), (f) => f.time);
flights.print('not a sink of the next cell');

// %% Departures by airport
const departures = replay(flights, { speed: env.param('pace', 60) })
  .keyBy((f) => f.origin)
  .window(tumbling({ size: minutes(5) }))
  .aggregate(count(), (airport, window, flights) => ({ airport, until: window.end, flights }));
departures.print();

// %% Preview
departures.filter((d) => d.flights > 1)
`;

async function evaluated(
  title: string,
  mode: EvaluationMode,
  given: Partial<Surroundings> = {},
  text = NOTEBOOK,
  collections: Parameters<typeof evaluate>[4] = [],
): Promise<Program> {
  const { bundle } = await compile(text, title);
  return evaluate(bundle, mode, { ...surroundings, ...given }, modules, collections);
}

describe('a cell', () => {
  test('is a job with its own sinks, operators named after where they stand', async () => {
    const { graph } = await evaluated('Departures by airport', 'program');
    expect(graph.name).toBe('Departures by airport');
    expect(graph.nodes.map(({ name, uid, origin }) => [name, uid, origin?.line])).toEqual([
      ['Source: collection', 'Flights/flights/source-1', 8],
      ['Replay', 'Departures by airport/departures/replay-1', 13],
      ['TumblingEventTimeWindows', 'Departures by airport/departures/window-1', 16],
      ['Sink: print', 'Departures by airport/sink-1', 17],
    ]);
  });

  test('builds the same job in a slot', async () => {
    const built = await evaluated('Departures by airport', 'program');
    const { collections } = built.graph;
    const slot = await evaluated('Departures by airport', 'slot', {}, NOTEBOOK, collections);
    expect(streamGraphHash(slot)).toBe(streamGraphHash(built));
    expect(slot.blobs.size).toBe(0);
    expect(slot.functions.size).toBe(built.functions.size);
  });

  test('takes its parameters from the submission', async () => {
    const { graph } = await evaluated('Departures by airport', 'program', {
      parameters: { pace: '5' },
    });
    expect(graph.nodes[1]?.params).toEqual({ speed: 5 });
  });

  test('that ends with a stream shows it', async () => {
    const { graph } = await evaluated('Preview', 'program');
    expect(graph.nodes.at(-1)).toMatchObject({
      kind: 'sink',
      params: { connector: { name: 'collect', options: { name: 'preview' } } },
    });
  });
});

describe('a mistake', () => {
  test('is told with the call, the cell and its line', async () => {
    const text = NOTEBOOK.replace('minutes(5)', 'minutes(-5)');
    const { bundle } = await compile(text, 'Departures by airport');
    const result = await runProgram({ bundle, surroundings }, modules);
    expect(result).toMatchObject({
      status: 'failed',
      error: {
        message:
          'window (cell "Departures by airport", line 15): the size is -300000; ' +
          'give whole milliseconds above 0, such as minutes(5)',
      },
      diagnostic: { file: 'flights.ts', line: 15 },
    });
  });

  test('made with no stream at hand has its line too', async () => {
    const text = `import { env, outputTag } from 'sluice';\n\nconst tag = outputTag('');\nenv.from([1]).print();`;
    const { bundle } = await compile(text);
    const result = await runProgram({ bundle, surroundings }, modules);
    expect(result).toMatchObject({
      error: { message: expect.stringContaining('outputTag') },
      diagnostic: { line: 3 },
    });
  });
});
