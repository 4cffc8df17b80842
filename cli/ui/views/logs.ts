// The end of a log: warnings and errors stand out, stacks stand back. It follows the newest line until it is
// scrolled.

import type { LogModel } from '../../model/cluster-model.ts';
import type { Look } from '../text/look.ts';
import { compose, row, type Span, span } from '../text/spans.ts';
import type { StyleName } from '../text/theme.ts';
import { emptyRows } from './marks.ts';

export interface LogsInput {
  readonly log: LogModel | undefined;
  /** Lines below the pane. */
  readonly scroll: number;
}

export function logsView(
  { log, scroll }: LogsInput,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  if (log === undefined) return compose(look, width, height, emptyRows('asking for the log…'));
  if (log.problem !== undefined)
    return compose(look, width, height, emptyRows('no log here', log.problem));
  const end = Math.max(Math.min(height, log.lines.length), log.lines.length - scroll);
  const shown = log.lines.slice(Math.max(0, end - height), end);
  return compose(
    look,
    width,
    height,
    shown.map((line) => row(span(styleOf(line), ` ${shortened(line)}`))),
  );
}

export function logsCaption(log: LogModel | undefined): readonly Span[] {
  return log === undefined ? [] : [span('dim', log.taskManager ?? 'JobManager')];
}

/** Of a line of Flink's the day and the package go: the message begins where it can be read. */
const shortened = (line: string): string =>
  line.replace(
    /^\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d),\d+ (\w+) +(?:[\w$]+\.)*([\w$]+) +\[[^\]]*\] - /,
    '$1 $2 $3: ',
  );

function styleOf(line: string): StyleName {
  if (/\bERROR\b/.test(line)) return 'bad';
  if (/\bWARN\b/.test(line)) return 'warn';
  return /^\s/.test(line) ? 'dim' : 'text';
}
