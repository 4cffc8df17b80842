// Moving within the focused pane. Panes with a selection (cells, jobs, rows, vertices) move it and keep it in
// sight; the others scroll.

import type { PaneId } from '../layout.ts';
import { cellsLayout } from '../views/cells.ts';
import { matchingJobs } from '../views/jobs.ts';
import { matchingRows } from '../views/output.ts';
import {
  type Context,
  currentDetails,
  paneSize,
  scrollMax,
  selectedCell,
  selectedJobId,
  shownOutput,
} from './selection.ts';
import { focusOf, type UiState } from './ui-state.ts';

export type Step = 'up' | 'down' | 'page-up' | 'page-down' | 'first' | 'last';

export function move(context: Context, step: Step, pane = focusOf(context.ui)): UiState {
  switch (pane) {
    case 'cells':
      return moveCell(context, step);
    case 'jobs':
      return moveJob(context, step);
    case 'output':
      return moveRow(context, step);
    case 'plan':
      return moveVertex(context, step);
    case 'logs':
      // It is read from its end.
      return scrollBy(context, pane, -distance(context, pane, step));
    case 'slots':
    case 'checkpoints':
    case 'exceptions':
    case 'subtasks':
      return scrollBy(context, pane, distance(context, pane, step));
  }
}

/** Where nothing is selected by scrolling: the wheel over cells. */
export function scrollBy(context: Context, pane: PaneId, rows: number): UiState {
  const { ui } = context;
  const now = ui.scroll[pane] ?? 0;
  const next = Math.max(0, Math.min(scrollMax(context, pane), now + rows));
  return next === now ? ui : { ...ui, scroll: { ...ui.scroll, [pane]: next } };
}

/** Scrolls just as far as needed to show the selected cell, its title first. */
export function revealCell(context: Context): UiState {
  const { ui, model, glyphs } = context;
  if (model.notebook === undefined) return ui;
  const { width, height } = paneSize(ui, 'cells');
  const cell = selectedCell(context)?.index ?? 0;
  const { cells, rows } = cellsLayout(model.notebook, cell, width, height, glyphs);
  const top = cells[cell]?.top ?? 0;
  const bottom = Math.min(rows, cells[cell + 1]?.top ?? rows);
  const now = Math.min(ui.scroll.cells ?? 0, Math.max(0, rows - height));
  const shown = bottom > now + height ? Math.min(top, bottom - height) : now;
  const next = Math.min(shown, top);
  return { ...ui, scroll: { ...ui.scroll, cells: next } };
}

function moveCell(context: Context, step: Step): UiState {
  if (step === 'page-up' || step === 'page-down') {
    return scrollBy(context, 'cells', distance(context, 'cells', step));
  }
  const cells = context.model.notebook?.cells.length ?? 0;
  const now = selectedCell(context)?.index ?? 0;
  const cell = clamp(now + distance(context, 'cells', step), cells);
  return revealCell({ ...context, ui: { ...context.ui, cell } });
}

function moveJob(context: Context, step: Step): UiState {
  const { ui, model, nowMs } = context;
  const filter = ui.filters.jobs ?? '';
  const jobs = matchingJobs({ cluster: model.cluster, job: ui.job, filter, nowMs });
  const now = jobs.findIndex(({ id }) => id === selectedJobId(context));
  const next = clamp(now + distance(context, 'jobs', step), jobs.length);
  return { ...ui, job: jobs[next]?.id };
}

/** Beyond the newest row it follows again. */
function moveRow(context: Context, step: Step): UiState {
  const { ui } = context;
  const rows = matchingRows({
    output: shownOutput(context),
    row: ui.outputRow,
    isFrozen: false,
    missed: 0,
    filter: ui.filters.output ?? '',
  });
  const selected = rows.findIndex(({ number }) => number >= (ui.outputRow ?? Number.NaN));
  const now = selected < 0 ? rows.length : selected;
  const next = now + distance(context, 'output', step);
  if (next >= rows.length || step === 'last') return { ...ui, outputRow: undefined };
  return { ...ui, outputRow: rows[Math.max(0, next)]?.number };
}

function moveVertex(context: Context, step: Step): UiState {
  const vertices = currentDetails(context)?.vertices ?? [];
  const now = vertices.findIndex(({ id }) => id === context.ui.vertex);
  if (now < 0) return { ...context.ui, vertex: vertices[0]?.id };
  const next = clamp(now + distance(context, 'plan', step), vertices.length);
  return { ...context.ui, vertex: vertices[next]?.id };
}

const END = 1_000_000_000;

function distance({ ui }: Context, pane: PaneId, step: Step): number {
  const page = Math.max(1, paneSize(ui, pane).height >> 1);
  switch (step) {
    case 'up':
      return -1;
    case 'down':
      return 1;
    case 'page-up':
      return -page;
    case 'page-down':
      return page;
    case 'first':
      return -END;
    case 'last':
      return END;
  }
}

function clamp(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, index));
}
