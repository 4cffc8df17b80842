// From a notebook to its jobs, when whoever asked gives up.

import { expect, test } from 'vitest';
import { NotebookParser } from '../../cli/compiler/parse-notebook.ts';
import { notebookJobs } from '../../cli/run/notebook-jobs.ts';

const ENDLESS = new NotebookParser().parse('/endless.ts', 'for (;;) {}\n');
const WANTED = { cells: [], parameters: {}, configuration: {}, programTimeoutMs: 2 ** 30 };

test('jobs that are given up while their cells are compiled are not built', async () => {
  const compiling = AbortSignal.abort(new Error('given up'));
  const jobs = notebookJobs(ENDLESS, ENDLESS.cells, WANTED, () => undefined, compiling);
  await expect(jobs).rejects.toBe(compiling.reason);
});
