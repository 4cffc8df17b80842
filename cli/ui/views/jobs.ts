// All jobs of the cluster, newest first as the cluster lists them: state, name, tasks, when and how long.
// Only the rows in the pane are made, so a thousand jobs cost as much as ten.

import type { ClusterModel, JobSummary } from '../../model/cluster-model.ts';
import { age, clockTime } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import type { Look } from '../text/look.ts';
import { alignLeft, alignRight, compose, type Row, row, span } from '../text/spans.ts';
import { emptyRows, jobMark, jobStyle } from './marks.ts';

export interface JobsInput {
  readonly cluster: ClusterModel | undefined;
  /** Id of the selected job. */
  readonly job: string | undefined;
  readonly filter: string;
  readonly nowMs: number;
}

const NAME_LEAST = 12;
/** Mark, tasks, blanks. */
const FIXED = 14;
const COLUMNS = { state: 12, started: 10, ran: 9, id: 10 };

export function jobsView(
  input: JobsInput,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  const jobs = matchingJobs(input);
  if (input.cluster === undefined) return compose(look, width, height, emptyRows('connecting…'));
  if (jobs.length === 0) {
    const text = input.filter === '' ? 'no jobs yet' : `no job has "${input.filter}"`;
    return compose(look, width, height, emptyRows(text));
  }
  const shown = jobColumns(width);
  const first = firstJob(jobs, input.job, height - 1);
  const rows = jobs
    .slice(first, first + height - 1)
    .map((job) => jobRow(job, input, width, shown, look.glyphs));
  return compose(look, width, height, [headingRow(width, shown), ...rows]);
}

export function matchingJobs({ cluster, filter }: JobsInput): readonly JobSummary[] {
  const jobs = cluster?.jobs ?? [];
  if (filter === '') return jobs;
  const wanted = filter.toLowerCase();
  return jobs.filter(({ name, state, id }) =>
    `${name} ${state} ${id}`.toLowerCase().includes(wanted),
  );
}

/** Id of the job that is drawn on a row of the pane, for the mouse. */
export function jobAt(input: JobsInput, height: number, y: number): string | undefined {
  const jobs = matchingJobs(input);
  return y < 1 ? undefined : jobs[firstJob(jobs, input.job, height - 1) + y - 1]?.id;
}

function firstJob(jobs: readonly JobSummary[], id: string | undefined, height: number): number {
  const selected = Math.max(
    0,
    jobs.findIndex((job) => job.id === id),
  );
  return Math.max(0, Math.min(jobs.length - height, selected - (height >> 1)));
}

type ColumnName = keyof typeof COLUMNS;

/** Those that leave the name room, in the order in which they matter. */
function jobColumns(width: number): ReadonlySet<ColumnName> {
  const shown = new Set<ColumnName>();
  let room = width - FIXED - NAME_LEAST;
  for (const name of ['ran', 'state', 'started', 'id'] as const) {
    room -= COLUMNS[name];
    if (room >= 0) shown.add(name);
  }
  return shown;
}

function nameWidth(width: number, shown: ReadonlySet<ColumnName>): number {
  let used = FIXED;
  for (const name of shown) used += COLUMNS[name];
  return Math.max(0, width - used);
}

function headingRow(width: number, shown: ReadonlySet<ColumnName>): Row {
  const cell = (name: ColumnName, title: string): string =>
    shown.has(name) ? `  ${alignRight(title, COLUMNS[name] - 2)}` : '';
  const state = shown.has('state') ? `  ${alignLeft('state', COLUMNS.state - 2)}` : '';
  const name = alignLeft('name', nameWidth(width, shown));
  const tail = `${cell('started', 'started')}${cell('ran', 'ran')}${cell('id', 'id')}`;
  return row(span('dim', `    ${name}${state}${alignRight('tasks', 9)}${tail}`));
}

function jobRow(
  job: JobSummary,
  { job: selected, nowMs }: JobsInput,
  width: number,
  shown: ReadonlySet<ColumnName>,
  glyphs: Glyphs,
): Row {
  const isSelected = job.id === selected;
  const ran = age((job.endMs ?? nowMs) - job.startMs);
  const cell = (name: ColumnName, text: string): string =>
    shown.has(name) ? `  ${alignRight(text, COLUMNS[name] - 2)}` : '';
  const state = shown.has('state')
    ? `  ${alignLeft(job.state.toLowerCase(), COLUMNS.state - 2)}`
    : '';
  return {
    isSelected,
    spans: [
      span('accent', isSelected ? glyphs.selected : ' '),
      span('text', ' '),
      jobMark(job.state, glyphs),
      span('text', ` ${alignLeft(job.name, nameWidth(width, shown), glyphs.ellipsis)}`),
      span(jobStyle(job.state), state),
      span('text', alignRight(`${job.tasksRunning}/${job.tasksTotal}`, 9)),
      span('dim', cell('started', clockTime(job.startMs))),
      span('dim', cell('ran', ran)),
      span('faint', cell('id', job.id.slice(0, COLUMNS.id - 2))),
    ],
  };
}
