// For a terminal too small for panes: everything that matters in one line, most important first.

import { total } from '../text/figures.ts';
import type { Look } from '../text/look.ts';
import { compose, type Span, span } from '../text/spans.ts';
import { jobMark } from '../views/marks.ts';
import type { HeaderInput } from './header.ts';

export interface StatusInput extends HeaderInput {
  readonly rows: number;
}

export function statusLineView(
  input: StatusInput,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  const { cluster, job, notebook } = input;
  const spans: Span[] = [span('title', 'sluice')];
  if (job !== undefined) {
    spans.push(span('text', ' '), jobMark(job.state, look.glyphs), span('text', ` ${job.name}`));
    spans.push(span('dim', ` ${job.tasksRunning}/${job.tasksTotal}`));
  } else {
    const state = cluster === undefined ? 'connecting' : cluster.link;
    spans.push(span('dim', ` ${notebook?.path ?? ''} ${state}`));
  }
  spans.push(span('dim', ` ${total(input.rows)} rows`));
  return compose(look, width, height, [{ spans }]);
}
