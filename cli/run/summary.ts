// What a run came to: a line for each job and one for all of it.

import type { JobView } from '../../engine/rest/job-view.ts';
import type { AccumulatorMessage } from '../../engine/rest/rest-messages.ts';

interface JobFigures {
  readonly records: number;
  readonly windows: number;
  readonly late: number;
  readonly skipped: number;
  readonly checkpoints: number;
  readonly restarts: number;
  readonly durationMs: number;
}

function figuresOf(job: JobView, nowMs: number): JobFigures {
  const subtasks = job.vertices.flatMap((vertex) => vertex.subtasks);
  const total = (key: 'lateRecords' | 'windowsFired' | 'skippedRecords'): number =>
    subtasks.reduce((sum, subtask) => sum + subtask[key], 0);
  const sources = job.vertices.flatMap(({ operators }) =>
    operators.filter(({ kind }) => kind === 'source'),
  );
  return {
    records: sources.reduce((sum, { recordsOut }) => sum + recordsOut, 0),
    windows: total('windowsFired'),
    late: total('lateRecords'),
    skipped: total('skippedRecords'),
    checkpoints: job.checkpoints.completed,
    restarts: job.restarts,
    durationMs: (job.endMs ?? nowMs) - job.startMs,
  };
}

/** `late: FINISHED in 1.2 s · 82,282 records · …`. Figures that are 0 and would only be noise are left out. */
export function summaryLine(job: JobView, rows: number, nowMs: number): string {
  const figures = figuresOf(job, nowMs);
  const parts = [
    `${count(figures.records)} records in`,
    `${count(rows)} rows out`,
    figures.windows > 0 ? `${count(figures.windows)} windows` : undefined,
    figures.late > 0 ? `${count(figures.late)} late` : undefined,
    figures.skipped > 0 ? `${count(figures.skipped)} skipped` : undefined,
    `${count(figures.checkpoints)} checkpoint${figures.checkpoints === 1 ? '' : 's'}`,
    figures.restarts > 0
      ? `${count(figures.restarts)} restart${figures.restarts === 1 ? '' : 's'}`
      : undefined,
  ].filter((part) => part !== undefined);
  return `${job.name}: ${job.state} in ${(figures.durationMs / 1_000).toFixed(1)} s · ${parts.join(' · ')}`;
}

const count = (n: number): string => n.toLocaleString('en-US');

/** As `bin/flink` tells them; none when nothing was accumulated. */
export const accumulatorLines = (accumulators: readonly AccumulatorMessage[]): readonly string[] =>
  accumulators.length === 0
    ? []
    : [
        'Accumulator Results: ',
        ...accumulators.map(({ name, type, value }) => `- ${name} (${type}): ${value}`),
      ];
