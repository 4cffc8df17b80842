import { expect, test } from 'vitest';
import type { JobId } from '../../engine/core/ids.ts';
import { jsonPlan } from '../../engine/graph/json-plan.ts';
import { GraphBuilder, hash, vertexWith } from './graph-builder.ts';

const jobId = 'ee98ab33fc75943760d0e97aa36a7aca' as JobId;

test('the plan of a job has the shape of the one that Flink gives', () => {
  const g = new GraphBuilder();
  const parse = g.after(g.source('Source: Numbers', { parallelism: 2 }), 'map', 'Parse');
  const stamp = g.after(g.after(parse, 'filter', 'Positive'), 'timestamps', 'Stamp');
  const description = 'Window(TumblingEventTimeWindows(1000), EventTimeTrigger, sum)';
  const window = g.after(
    stamp,
    'window',
    'Window sum',
    {
      params: { window: { assigner: { kind: 'count' }, trigger: null }, keyed: true },
      description,
      parallelism: 2,
    },
    hash,
  );
  const fields = ['auction', 'price'];
  const total = g.after(window, 'keyed-reduce', 'Total', { parallelism: 2 }, { ...hash, fields });
  g.after(total, 'sink', 'Sink: discard', { parallelism: 2 });
  const busy = g.after(stamp, 'map', 'Busy', { parallelism: 1 });
  g.after(busy, 'sink', 'Sink: discard busy', { parallelism: 1 });

  const job = g.job();
  const id = (operator: string): string => vertexWith(job, operator).id;
  const node = {
    operator: '',
    operator_strategy: '',
    optimizer_properties: {},
  };
  const input = { num: 0, exchange: 'pipelined_bounded' };
  expect(jsonPlan(jobId, job)).toEqual({
    jid: 'ee98ab33fc75943760d0e97aa36a7aca',
    name: 'test',
    type: 'STREAMING',
    nodes: [
      {
        ...node,
        id: id('Parse'),
        parallelism: 2,
        description: 'Source: Numbers<br/>+- Parse<br/>   +- Positive<br/>      +- Stamp<br/>',
      },
      {
        ...node,
        id: id('Window sum'),
        parallelism: 2,
        description: `${description}<br/>`,
        inputs: [{ ...input, id: id('Stamp'), ship_strategy: 'HASH' }],
      },
      {
        ...node,
        id: id('Total'),
        parallelism: 2,
        description: 'Total<br/>+- Sink: discard<br/>',
        inputs: [{ ...input, id: id('Window sum'), ship_strategy: 'HASH [auction, price]' }],
      },
      {
        ...node,
        id: id('Busy'),
        parallelism: 1,
        description: 'Busy<br/>+- Sink: discard busy<br/>',
        inputs: [{ ...input, id: id('Stamp'), ship_strategy: 'REBALANCE' }],
      },
    ],
  });
});

test('the inputs of a vertex are numbered', () => {
  const g = new GraphBuilder();
  const join = g.after(g.source('Source: a'), 'interval-join', 'Join', {}, hash);
  g.edge(g.source('Source: b'), join, { ...hash, input: 1 });
  const joined = jsonPlan(jobId, g.job()).nodes.at(-1);
  expect(joined?.inputs?.map(({ num }) => num)).toEqual([0, 1]);
});

test('names cannot break out of the HTML that the dashboard makes of them', () => {
  const g = new GraphBuilder();
  g.source('<script>"a" & \\b</script>');
  expect(jsonPlan(jobId, g.job()).nodes[0]?.description).toBe(
    '&lt;script&gt;&quot;a&quot; &amp; &#92;b&lt;/script&gt;<br/>',
  );
});
