// Jobs in a whole cluster, from their submission to their end.

import { expect, test } from 'vitest';
import { MiniCluster } from '../harness/mini-cluster.ts';
import { byKey, expectedRows, stories } from './programs.ts';

test.each([1, 2, 3, 4])(
  'a job runs to its end, and its client has every row: parallelism %i',
  async (p) => {
    for (const threads of ['slot', 'chain'] as const) {
      const cluster = new MiniCluster({ taskManagers: 2, threads });
      for (const story of stories) {
        const job = cluster.submit(story.program, { 'parallelism.default': p });
        expect(await cluster.end(job)).toBe('FINISHED');
        expect(byKey(job.rows.of('rows'), story.isOrdered)).toEqual(expectedRows(story));
      }
    }
  },
);
