// The line after `:`. Its commands are those of the key table and a few with an argument; a wrong one names
// the nearest. Completion knows commands and what may follow them: cells, jobs, panes.

import { type ActionName, KEYS } from '../keys.ts';
import { PANES } from '../layout.ts';
import {
  ask,
  FILTERED,
  isAvailable,
  notice,
  perform,
  type Result,
  same,
  setMouse,
} from './actions.ts';
import { jobRefusal } from './job-actions.ts';
import { revealCell } from './movement.ts';
import { rescaleCommand } from './rescaling.ts';
import { type Context, currentDetails } from './selection.ts';
import { focusOf, focusOn } from './ui-state.ts';

interface CommandSpec {
  readonly name: string;
  readonly action: ActionName | undefined;
  /** What may follow, for completion. */
  readonly values?: (context: Context) => readonly string[];
  readonly run?: (context: Context, argument: string) => Result;
}

export function runLine(context: Context, text: string): Result {
  const [name = ''] = text.trim().split(/\s/);
  if (name === '') return same(context.ui);
  const spec = SPECS.find((candidate) => candidate.name === name);
  if (spec === undefined) return notice(context, `no command "${name}"; ${suggestion(name)}`);
  const argument = text.trim().slice(name.length).trim();
  if (argument !== '' && spec.run !== undefined) return spec.run(context, argument);
  if (spec.action !== undefined) return perform(context, spec.action);
  return notice(context, `${name} what? ${spec.values?.(context).join(', ') ?? ''}`);
}

/** What the line could become, each a whole line. */
export function completions(context: Context, text: string): readonly string[] {
  const space = text.indexOf(' ');
  if (space < 0) {
    return SPECS.filter(({ name }) => name.startsWith(text)).map(({ name }) => name);
  }
  const spec = SPECS.find(({ name }) => name === text.slice(0, space));
  const begun = text.slice(space + 1).toLowerCase();
  const values = spec?.values?.(context) ?? [];
  return values
    .filter((value) => value.toLowerCase().startsWith(begun))
    .map((value) => `${text.slice(0, space)} ${value}`);
}

/** The longest beginning that all completions share. */
export function commonCompletion(lines: readonly string[]): string {
  const [first = '', ...rest] = lines;
  let length = first.length;
  for (const line of rest) {
    while (!line.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
}

const WITH_ARGUMENT: readonly CommandSpec[] = [
  { name: 'run', action: 'run-cell', values: cellTitles, run: runCell },
  { name: 'cancel', action: 'cancel-job', values: jobNames, run: cancelJob },
  { name: 'rescale', action: undefined, values: parallelisms, run: rescaleTo },
  { name: 'job', action: undefined, values: jobNames, run: lookInto },
  {
    name: 'pane',
    action: undefined,
    values: ({ ui }) => PANES[ui.page],
    run: showPane,
  },
  {
    name: 'theme',
    action: undefined,
    values: () => ['dark', 'light'],
    run: setTheme,
  },
  { name: 'mouse', action: 'mouse', values: () => ['on', 'off'], run: mouseTo },
  { name: 'filter', action: 'filter', run: filterTo },
];

const SPECS: readonly CommandSpec[] = [
  ...WITH_ARGUMENT,
  ...KEYS.flatMap(({ command, action }) =>
    command === undefined ? [] : [{ name: command, action }],
  ),
].filter(({ name }, i, all) => all.findIndex((other) => other.name === name) === i);

function runCell(context: Context, argument: string): Result {
  const cells = context.model.notebook?.cells ?? [];
  const cell =
    cells.find(({ title }) => title.toLowerCase() === argument.toLowerCase()) ??
    cells.find(({ index }) => String(index + 1) === argument);
  if (cell === undefined) return notice(context, `no cell "${argument}"`);
  const ui = revealCell({ ...context, ui: { ...context.ui, cell: cell.index } });
  return perform({ ...context, ui }, 'run-cell');
}

function cancelJob(context: Context, argument: string): Result {
  const job = findByName(context, argument);
  if (job === undefined) return notice(context, `no job "${argument}"`);
  return ask(context, job, { kind: 'cancel-job', jobId: job.id });
}

/** `rescale 4`. */
function rescaleTo(context: Context, argument: string): Result {
  if (!/^[1-9]\d*$/.test(argument)) return notice(context, 'rescale to which parallelism?');
  const job = currentDetails(context);
  if (job === undefined || !isAvailable(context, 'rescale'))
    return notice(context, jobRefusal(context, 'rescale') ?? 'no job is shown');
  const command = rescaleCommand(context, job, Number(argument));
  if (command === undefined) return notice(context, 'its parallelism stays what it is');
  return ask(context, job, command);
}

function parallelisms(): readonly string[] {
  return ['1', '2', '4', '8'];
}

function lookInto(context: Context, argument: string): Result {
  const job = findByName(context, argument);
  if (job === undefined) return notice(context, `no job "${argument}"`);
  const ui = { ...context.ui, page: 'jobs', job: job.id, filters: {} } as const;
  return perform({ ...context, ui }, 'enter-job');
}

function showPane(context: Context, argument: string): Result {
  const pane = PANES[context.ui.page].find((candidate) => candidate === argument);
  return pane === undefined
    ? notice(context, `no pane "${argument}" on this page`)
    : same(focusOn(context.ui, pane));
}

function setTheme(context: Context, argument: string): Result {
  if (argument !== 'dark' && argument !== 'light')
    return notice(context, 'theme dark or theme light');
  return { ui: context.ui, out: [{ kind: 'theme', theme: argument }] };
}

function mouseTo(context: Context, argument: string): Result {
  return setMouse(context, argument !== 'off');
}

/** Of the focused pane, or of the one on the page that has a filter. */
function filterTo({ ui }: Context, argument: string): Result {
  const pane = [focusOf(ui), ...PANES[ui.page]].find((candidate) => FILTERED.includes(candidate));
  return same(pane === undefined ? ui : { ...ui, filters: { ...ui.filters, [pane]: argument } });
}

function findByName({ model }: Context, name: string): { id: string; name: string } | undefined {
  const jobs = model.cluster?.jobs ?? [];
  return jobs.find((job) => job.name === name) ?? jobs.find(({ id }) => id.startsWith(name));
}

function cellTitles({ model }: Context): readonly string[] {
  return (model.notebook?.cells ?? [])
    .filter(({ kind }) => kind !== 'markdown')
    .map(({ title }) => title);
}

function jobNames({ model }: Context): readonly string[] {
  return [...new Set((model.cluster?.jobs ?? []).map(({ name }) => name))];
}

function suggestion(name: string): string {
  const near = SPECS.find((spec) => spec.name.startsWith(name.slice(0, 2)));
  return near === undefined ? '? lists everything' : `did you mean "${near.name}"?`;
}
