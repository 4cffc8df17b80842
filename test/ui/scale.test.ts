// A cluster of a thousand jobs, one of them with four vertices of 1,600 subtasks on 400 TaskManagers: each
// pane draws what it shows, not what there is.

import { expect, test } from 'vitest';
import type { Page } from '../../cli/ui/commands.ts';
import { PANES } from '../../cli/ui/layout.ts';
import { drawPane } from '../../cli/ui/pane-views.ts';
import type { Context } from '../../cli/ui/state/selection.ts';
import { initialUi } from '../../cli/ui/state/ui-state.ts';
import { UNICODE } from '../../cli/ui/text/glyphs.ts';
import { createLook } from '../../cli/ui/text/look.ts';
import { cluster, edge, job, manyJobs, NOW, taskManager, vertex } from './fixtures.ts';

const LOOK = createLook('dark', 'unicode');
const FRAMES = 30;
/** All panes of a page; the budget of a frame is 2 ms, and this is drawn when the cluster was looked at. */
const BUDGET_MS = 16;

const names = ['source', 'parse', 'count', 'sink'];
const wide = job(
  'wide',
  names.map((name) => vertex(name, { parallelism: 1_600, busy: 0.5, watermarkMs: NOW })),
  names.slice(1).map((name, i) => edge(names[i] ?? '', name)),
);
const managers = Array.from({ length: 400 }, (_, i) => taskManager(i + 1, 4, 4));

function context(page: Page, scroll: number): Context {
  const ui = {
    ...initialUi(200, 60, true),
    ...{ page, jobId: wide.id, vertex: 'count' },
    scroll: { subtasks: scroll, slots: scroll },
  };
  const model = {
    ...{ notebook: undefined, outputs: {}, log: undefined, notice: undefined },
    cluster: { ...cluster([wide], managers), jobs: manyJobs(1_000) },
    isEmbedded: false,
    isReadOnly: false,
  };
  return { ui, model, nowMs: NOW, glyphs: UNICODE };
}

test.each(['job', 'jobs'] as const)('page %s stays within its budget of CPU time', (page) => {
  const draw = (scroll: number): void => {
    const at = context(page, scroll);
    for (const pane of PANES[page]) drawPane(pane, at, 100, 40, LOOK);
  };
  draw(0);
  draw(1_000);
  const before = process.cpuUsage();
  for (let i = 0; i < FRAMES; i++) draw(i);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000 / FRAMES).toBeLessThan(BUDGET_MS);
});

test('the last subtask can be scrolled to', () => {
  const rows = drawPane('subtasks', context('job', 1_599), 100, 12, LOOK).join('\n');
  expect(rows).toContain('1600');
  expect(rows).toContain('taskmanager-400');
});
