// What is joined before it travels gives the same rows as what travels record by record.

import { expect, test } from 'vitest';
import { notebook, run, unordered } from './run-notebook.ts';

test.each(['flights', 'earthquakes'])('%s', async (name) => {
  const rowsOf = async (which: string): Promise<readonly string[]> => {
    const flags = ['-p', '2', `-Dpipeline.pre-aggregation=${which}`];
    const { rows } = await run(notebook(`${name}.ts`), ...flags);
    return unordered(rows.map(({ job, sink, value }) => [job, sink, value]));
  };
  const off = await rowsOf('off');
  expect(await rowsOf('auto')).toEqual(off);
  expect(await rowsOf('all')).toEqual(off);
});
