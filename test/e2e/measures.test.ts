// What functions measure, from the function to REST and to the summary of a run.

import { expect, test } from 'vitest';
import { Place } from './harness/tool.ts';

const NOTEBOOK = `import { env } from 'sluice';
// %% Measures
env.fromSequence(1, 100).setParallelism(2).process({
  open(ctx) {
    this.seen = ctx.accumulators.counter('seen');
    this.rest = ctx.accumulators.histogram('mod 3');
    this.group = ctx.metrics.group('parity');
  },
  process(n, ctx, out) {
    this.seen.add();
    this.rest.add(n % 3);
    this.group.counter(n % 2 === 0 ? 'even' : 'odd').inc();
    out.collect(n);
  },
}).name('Look').filter(() => false).print();
`;

test('a run tells what its functions have added up, over all subtasks', async () => {
  const place = new Place();
  place.write('n.ts', NOTEBOOK);
  const { code, err } = await place.run('run', 'n.ts');
  expect(code).toBe(0);
  expect(err).toContain(
    'Accumulator Results: \n- mod 3 (Histogram): {0=33, 1=34, 2=33}\n- seen (LongCounter): 100\n',
  );
});
