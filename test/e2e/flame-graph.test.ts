// Flame graphs of a job whose functions do what they are called, in a slot that two vertices share.

import { expect, test } from 'vitest';
import { RestClient } from '../../engine/rest/rest-client.ts';
import { Place } from './harness/tool.ts';

const NOTEBOOK = `import { env, discard } from 'sluice';

function burn(n) {
  let x = n;
  for (let i = 0; i < 3e6; i++) x = (x * 31 + i) % 1000003;
  return x;
}
// %% Burning
env.generate((i) => i, { ratePerSecond: 2_000 })
  .map((n) => burn(n)).name('Burn')
  .keyBy((n) => n % 2)
  .reduce((a, b) => a + b)
  .sinkTo(discard());
`;

interface Node {
  readonly name: string;
  readonly value: number;
  readonly children: readonly Node[];
}
interface FlameGraph {
  readonly endTimestamp: number;
  readonly data?: Node;
}

test('each vertex has its own calls, with lines of the notebook, and the rest of the time is waiting', async () => {
  const place = new Place();
  place.write('n.ts', NOTEBOOK);
  const cluster = place.start('cluster', '--rest-port', '0', '--quiet');
  const [, url = ''] = await cluster.until(/ready: (http:\S+)$/m);
  const { out } = await place.run('run', 'n.ts', '-m', url, '-d', '--json');
  const { jobid } = JSON.parse(out) as { readonly jobid: string };
  const client = new RestClient({ url, token: undefined });
  await expect.poll(async () => (await client.job(jobid)).state).toBe('RUNNING');
  const { vertices } = await client.job(jobid);
  const graphOf = async (vertex: number, type: string): Promise<Node> => {
    const path = `/jobs/${jobid}/vertices/${vertices[vertex]?.id}/flamegraph?type=${type}`;
    let graph: FlameGraph = { endTimestamp: -3 };
    await expect
      .poll(
        async () => {
          graph = await client.ask<FlameGraph>(path);
          return graph.endTimestamp;
        },
        { timeout: 10_000, interval: 200 },
      )
      .toBeGreaterThan(0);
    return graph.data ?? { name: '', value: 0, children: [] };
  };
  const [burning, counting] = [await graphOf(0, 'on_cpu'), await graphOf(1, 'on_cpu')];
  const namesIn = (node: Node): readonly string[] => [node.name, ...node.children.flatMap(namesIn)];
  // `burn` itself may have been inlined before anybody looked.
  expect(namesIn(burning)).toContain('(anonymous):10 (n.ts)');
  expect(namesIn(counting).join()).not.toContain('n.ts');

  const [full, waiting] = [await graphOf(1, 'full'), await graphOf(1, 'off_cpu')];
  expect(full.value).toBe(counting.value + waiting.value);
  expect(waiting.value).toBeGreaterThan(burning.value / 2);
  expect(namesIn(waiting)).toContain('waiting for its turn in the slot');
  client.close();
}, 40_000);
