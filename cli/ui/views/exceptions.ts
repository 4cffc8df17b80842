// What went wrong in a job, newest first: when and where, the message in red, its stack below, lines of the
// notebook in it brighter than the rest.

import type { ExceptionModel, JobModel } from '../../model/cluster-model.ts';
import { escapeUntrusted } from '../text/escape.ts';
import { age } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import type { Look } from '../text/look.ts';
import { compose, EMPTY_ROW, type Row, row, span } from '../text/spans.ts';
import { wrapText } from '../text/width.ts';
import { emptyRows } from './marks.ts';

export interface ExceptionsInput {
  readonly job: JobModel | undefined;
  /** Rows above the pane. */
  readonly scroll: number;
  readonly nowMs: number;
  readonly empty: string;
}

const LINES_MAX = 40;
const INDENT = 3;

export function exceptionsView(
  input: ExceptionsInput,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  const { job, scroll } = input;
  if (job === undefined) return compose(look, width, height, emptyRows(input.empty));
  if (job.exceptions.length === 0) {
    const restarts = job.restarts === 0 ? '' : `, restarted ${job.restarts} times`;
    return compose(look, width, height, emptyRows(`no exceptions${restarts}`));
  }
  const rows = exceptionRows(job, input.nowMs, width, look.glyphs);
  return compose(look, width, height, rows.slice(scroll));
}

export function exceptionRows(
  job: JobModel,
  nowMs: number,
  width: number,
  glyphs: Glyphs,
): readonly Row[] {
  return job.exceptions.flatMap((exception) => [
    headRow(exception, nowMs, glyphs),
    ...exception.text
      .split('\n')
      .slice(0, LINES_MAX)
      .flatMap((line, i) => lineRows(line, i, width)),
    EMPTY_ROW,
  ]);
}

function headRow({ atMs, task, taskManager }: ExceptionModel, nowMs: number, glyphs: Glyphs): Row {
  const where = [task, taskManager].filter((part) => part !== undefined).join(' on ');
  return {
    spans: [span('bad', ` ${glyphs.failed} `), span('strong', where === '' ? 'job' : where)],
    right: [span('dim', `${age(nowMs - atMs)} ago `)],
  };
}

function lineRows(text: string, index: number, width: number): readonly Row[] {
  const style = index === 0 ? 'bad' : /\.ts:\d+/.test(text) ? 'text' : 'dim';
  const [first = '', ...more] = wrapText(escapeUntrusted(text), width - INDENT - 2);
  return [
    row(span(style, ' '.repeat(INDENT) + first)),
    ...more.map((rest) => row(span(style, ' '.repeat(INDENT + 2) + rest))),
  ];
}
