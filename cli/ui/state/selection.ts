// What the user means by "the job", "the cell", "the vertex" on the page that is shown: worked out from what
// was chosen and what is there now, so that a choice of something that has gone does no harm.

import type { JobModel, JobSummary } from '../../model/cluster-model.ts';
import type { CellModel, OutputModel } from '../../model/notebook-model.ts';
import { contentRect, layoutOf, PANES, type PaneId } from '../layout.ts';
import type { ScreenModel } from '../store.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { cellsLayout } from '../views/cells.ts';
import { exceptionRows } from '../views/exceptions.ts';
import { matchingJobs } from '../views/jobs.ts';
import { findJob, hasEnded } from '../views/marks.ts';
import { shownVertex } from '../views/subtasks.ts';
import type { UiState } from './ui-state.ts';

/** Everything that a key's meaning depends on. */
export interface Context {
  readonly ui: UiState;
  readonly model: ScreenModel;
  readonly nowMs: number;
  readonly glyphs: Glyphs;
}

export function selectedCell({ ui, model }: Pick<Context, 'ui' | 'model'>): CellModel | undefined {
  const cells = model.notebook?.cells ?? [];
  if (ui.cell !== undefined) return cells[Math.min(ui.cell, cells.length - 1)];
  return cells.find(({ kind }) => kind === 'job' || kind === 'unknown') ?? cells[0];
}

export function selectedJobId({ ui, model }: Pick<Context, 'ui' | 'model'>): string | undefined {
  const filter = ui.filters.jobs ?? '';
  const jobs = matchingJobs({ cluster: model.cluster, job: ui.job, filter, nowMs: 0 });
  return (jobs.find(({ id }) => id === ui.job) ?? jobs[0])?.id;
}

/** The job that the page shows: the entered, the selected one, or the selected cell's, else the newest cell's. */
export function currentJob({
  ui,
  model,
}: Pick<Context, 'ui' | 'model'>): JobModel | JobSummary | undefined {
  switch (ui.page) {
    case 'job':
      return findJob(model.cluster, ui.jobId);
    case 'jobs':
      return findJob(model.cluster, selectedJobId({ ui, model }));
    case 'notebook': {
      const cells = [...(model.notebook?.cells ?? [])].reverse();
      const selected = selectedCell({ ui, model });
      const owner = [selected, ...cells].find((cell) => cell?.jobId !== undefined);
      return findJob(model.cluster, owner?.jobId);
    }
  }
}

/** Undefined as long as only the job's summary is known. */
export function currentDetails(context: Pick<Context, 'ui' | 'model'>): JobModel | undefined {
  const job = currentJob(context);
  return job !== undefined && 'vertices' in job ? job : undefined;
}

export function isRunning(job: JobSummary | undefined): boolean {
  return job !== undefined && !hasEnded(job.state);
}

/** Of the job that the page shows; frozen, as it was then. */
export function shownOutput(context: Pick<Context, 'ui' | 'model'>): OutputModel {
  return outputOf(context, context.ui.frozen ?? context.model.outputs);
}

export function outputOf(
  context: Pick<Context, 'ui' | 'model'>,
  outputs: Readonly<Record<string, OutputModel>>,
): OutputModel {
  return outputs[currentJob(context)?.id ?? ''] ?? NO_OUTPUT;
}

const NO_OUTPUT: OutputModel = { rows: [], dropped: 0, total: 0, messages: 0 };

export function hasPane(ui: UiState, pane: PaneId): boolean {
  return PANES[ui.page].includes(pane);
}

/** Rows and columns inside a pane's border; of its last place where it is not shown now. */
export function paneSize(
  ui: UiState,
  pane: PaneId,
): { readonly width: number; readonly height: number } {
  const rect =
    contentRect(layoutOf(ui), pane) ??
    contentRect(layoutOf({ ...ui, recent: [pane, ...ui.recent] }), pane);
  return { width: rect?.width ?? 0, height: rect?.height ?? 0 };
}

/** How far a pane's content can be scrolled. */
export function scrollMax(context: Context, pane: PaneId): number {
  const { ui, model, nowMs, glyphs } = context;
  const { width, height } = paneSize(ui, pane);
  const details = currentDetails(context);
  switch (pane) {
    case 'cells': {
      if (model.notebook === undefined) return 0;
      const cell = selectedCell(context)?.index ?? 0;
      return Math.max(0, cellsLayout(model.notebook, cell, width, height, glyphs).rows - height);
    }
    case 'checkpoints':
      return Math.max(0, (details?.checkpoints.history.length ?? 0) - 1);
    case 'exceptions':
      return details === undefined
        ? 0
        : Math.max(0, exceptionRows(details, nowMs, width, glyphs).length - height);
    case 'subtasks':
      return details === undefined
        ? 0
        : Math.max(0, (shownVertex(details, ui.vertex)?.subtasks.length ?? 0) - 1);
    case 'logs':
      return Math.max(0, (model.log?.lines.length ?? 0) - height);
    case 'slots':
      return model.cluster?.taskManagers.reduce((sum, { slots }) => sum + slots + 1, 0) ?? 0;
    case 'plan':
    case 'jobs':
    case 'output':
      return 0;
  }
}
