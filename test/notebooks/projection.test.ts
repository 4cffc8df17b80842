// What leaves fields behind gives the same rows as what carries all of them.

import { expect, test } from 'vitest';
import { notebook, run, unordered } from './run-notebook.ts';

test.each(['flights', 'earthquakes'])('%s', async (name) => {
  const rowsOf = async (projection: string): Promise<readonly string[]> => {
    const flags = ['-p', '2', `-Dpipeline.projection=${projection}`];
    const { rows } = await run(notebook(`${name}.ts`), ...flags);
    return unordered(rows.map(({ job, sink, value }) => [job, sink, value]));
  };
  expect(await rowsOf('true')).toEqual(await rowsOf('false'));
});
