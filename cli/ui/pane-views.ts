// Which view fills which pane, from which slices: the one place where the model, the user's choices and the
// views meet. `inputs` are compared by identity before anything is drawn.

import type { PaneId } from './layout.ts';
import { planView } from './plan/plan.ts';
import { paceOf } from './plan/plan-vertex.ts';
import {
  type Context,
  currentDetails,
  currentJob,
  outputOf,
  selectedCell,
  selectedJobId,
  shownOutput,
} from './state/selection.ts';
import type { UiState } from './state/ui-state.ts';
import { rate, total } from './text/figures.ts';
import type { Look } from './text/look.ts';
import { type Span, span } from './text/spans.ts';
import { cellsView } from './views/cells.ts';
import { checkpointsView } from './views/checkpoints.ts';
import { exceptionsView } from './views/exceptions.ts';
import { jobsView } from './views/jobs.ts';
import { logsCaption, logsView } from './views/logs.ts';
import { type OutputInput, outputCaption, outputView } from './views/output.ts';
import { slotsView } from './views/slots.ts';
import { subtasksCaption, subtasksView } from './views/subtasks.ts';

export function drawPane(
  pane: PaneId,
  context: Context,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  const { ui, model, nowMs } = context;
  const scroll = ui.scroll[pane] ?? 0;
  const job = currentDetails(context);
  const empty = emptyText(context);
  switch (pane) {
    case 'cells': {
      const { notebook, cluster } = model;
      const cell = selectedCell(context)?.index ?? 0;
      return cellsView({ notebook, cluster, cell, scroll, nowMs }, width, height, look);
    }
    case 'jobs': {
      const filter = ui.filters.jobs ?? '';
      const input = { cluster: model.cluster, job: selectedJobId(context), filter, nowMs };
      return jobsView(input, width, height, look);
    }
    case 'plan':
      return planView({ job, vertex: ui.vertex, nowMs, empty }, width, height, look);
    case 'slots':
      return slotsView({ cluster: model.cluster, scroll }, width, height, look);
    case 'checkpoints':
      return checkpointsView({ job, scroll, nowMs, empty }, width, height, look);
    case 'exceptions':
      return exceptionsView({ job, scroll, nowMs, empty }, width, height, look);
    case 'output':
      return outputView(outputInput(context), width, height, look);
    case 'subtasks':
      return subtasksView({ job, vertex: ui.vertex, scroll, nowMs, empty }, width, height, look);
    case 'logs':
      return logsView({ log: model.log, scroll }, width, height, look);
  }
}

/** Drawn on the pane's upper border. */
export function drawCaption(pane: PaneId, context: Context, look: Look): readonly Span[] {
  const { glyphs } = look;
  const dot = span('faint', ` ${glyphs.separator} `);
  const job = currentDetails(context);
  switch (pane) {
    case 'output':
      return outputCaption(outputInput(context), glyphs);
    case 'jobs': {
      const filter = context.ui.filters.jobs ?? '';
      const count = context.model.cluster?.jobs.length;
      const jobs = span('dim', `${total(count)} ${count === 1 ? 'job' : 'jobs'}`);
      return filter === '' ? [jobs] : [span('accent', `/${filter}`), dot, jobs];
    }
    case 'plan': {
      if (job === undefined) return [];
      const sources = job.vertices.filter(
        ({ id }) => !job.edges.some(({ target }) => target === id),
      );
      const perSecond = sources.reduce((sum, vertex) => sum + paceOf(vertex), 0);
      return [span('dim', job.name), dot, span('number', rate(perSecond).padStart(7))];
    }
    case 'exceptions':
      return job === undefined || job.exceptions.length === 0
        ? []
        : [span('bad', `${job.exceptions.length}`)];
    case 'slots': {
      const { cluster } = context.model;
      if (cluster === undefined) return [];
      return [span('dim', `${cluster.slotsFree} of ${cluster.slotsTotal} free`)];
    }
    case 'subtasks':
      return subtasksCaption(job, context.ui.vertex);
    case 'logs':
      return logsCaption(context.model.log);
    case 'cells':
    case 'checkpoints':
      return [];
  }
}

/** Everything that the pane's rows depend on, but its size. */
export function paneInputs(pane: PaneId, context: Context, look: Look): readonly unknown[] {
  const { ui, model, nowMs } = context;
  const common = [look, nowMs, ui.page, ui.scroll[pane], ui.filters[pane]];
  switch (pane) {
    case 'cells':
      return [...common, model.notebook, model.cluster, ui.cell];
    case 'jobs':
      return [...common, model.cluster, ui.job];
    case 'output':
      return [
        look,
        ui.page,
        ui.filters.output,
        model.outputs,
        ui.frozen,
        ui.outputRow,
        ...choices(ui),
        model.cluster,
        model.notebook,
      ];
    case 'slots':
      return [look, ui.scroll.slots, model.cluster];
    case 'logs':
      return [look, ui.scroll.logs, model.log];
    case 'subtasks':
    case 'plan':
    case 'checkpoints':
    case 'exceptions':
      return [...common, ...choices(ui), model.cluster, model.notebook];
  }
}

/** What decides which job is shown. */
function choices(ui: UiState): readonly unknown[] {
  return [ui.vertex, ui.cell, ui.job, ui.jobId, ui.filters.jobs];
}

function outputInput(context: Context): OutputInput {
  const { ui, model } = context;
  const output = shownOutput(context);
  return {
    output,
    row: ui.outputRow,
    isFrozen: ui.frozen !== undefined,
    missed: outputOf(context, model.outputs).total - output.total,
    filter: ui.filters.output ?? '',
    refusal: outputRefusal(context),
  };
}

function outputRefusal({ ui, model }: Context): string | undefined {
  if (model.cluster?.isSluice === false)
    return "Flink's REST API tells figures, not records: look where the job's sinks write";
  return ui.page === 'job' && model.notebook === undefined
    ? 'rows go to who has submitted the job'
    : undefined;
}

function emptyText(context: Context): string {
  if (context.model.cluster === undefined) return 'connecting…';
  if (currentJob(context) === undefined) {
    const isNotebook = context.ui.page === 'notebook';
    return isNotebook ? 'no job yet: ctrl+j runs the selected cell' : 'no job is selected';
  }
  return context.ui.page === 'jobs' ? 'enter looks into the selected job' : 'looking into the job…';
}
