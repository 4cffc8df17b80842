// What a state looks like, everywhere the same: a sign of its own and a style. The sign alone says it too.

import type {
  ClusterModel,
  JobModel,
  JobState,
  JobSummary,
  TaskState,
} from '../../model/cluster-model.ts';
import type { CellModel } from '../../model/notebook-model.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { type Span, span } from '../text/spans.ts';
import type { StyleName } from '../text/theme.ts';

interface Mark {
  readonly glyph: keyof Glyphs;
  readonly style: StyleName;
}

const JOB: Readonly<Record<JobState, Mark>> = {
  INITIALIZING: { glyph: 'starting', style: 'warn' },
  CREATED: { glyph: 'starting', style: 'warn' },
  RUNNING: { glyph: 'live', style: 'good' },
  FAILING: { glyph: 'failed', style: 'bad' },
  FAILED: { glyph: 'failed', style: 'bad' },
  CANCELLING: { glyph: 'stopped', style: 'warn' },
  CANCELED: { glyph: 'stopped', style: 'dim' },
  FINISHED: { glyph: 'finished', style: 'good' },
  RESTARTING: { glyph: 'restarting', style: 'warn' },
  SUSPENDED: { glyph: 'stopped', style: 'warn' },
  RECONCILING: { glyph: 'starting', style: 'warn' },
};

const TASK: Readonly<Record<TaskState, Mark>> = {
  CREATED: { glyph: 'idle', style: 'dim' },
  SCHEDULED: { glyph: 'starting', style: 'warn' },
  DEPLOYING: { glyph: 'starting', style: 'warn' },
  INITIALIZING: { glyph: 'starting', style: 'warn' },
  RUNNING: { glyph: 'live', style: 'good' },
  FINISHED: { glyph: 'finished', style: 'good' },
  CANCELING: { glyph: 'stopped', style: 'warn' },
  CANCELED: { glyph: 'stopped', style: 'dim' },
  FAILED: { glyph: 'failed', style: 'bad' },
  RECONCILING: { glyph: 'starting', style: 'warn' },
};

// A remote cluster may name a state that Flink adds one day.
const UNKNOWN: Mark = { glyph: 'idle', style: 'dim' };

export function jobMark(state: JobState, glyphs: Glyphs): Span {
  const { glyph, style } = JOB[state] ?? UNKNOWN;
  return span(style, glyphs[glyph]);
}

export function taskMark(state: TaskState, glyphs: Glyphs): Span {
  const { glyph, style } = TASK[state] ?? UNKNOWN;
  return span(style, glyphs[glyph]);
}

export function jobStyle(state: JobState): StyleName {
  return (JOB[state] ?? UNKNOWN).style;
}

/** Of a cell: what its job does now, else what became of its last run. */
export function cellMark(cell: CellModel, job: JobSummary | undefined, glyphs: Glyphs): Span {
  if (cell.kind === 'markdown') return span('dim', glyphs.text);
  switch (cell.run.status) {
    case 'idle':
      return span('dim', glyphs.idle);
    case 'compiling':
    case 'submitting':
      return span('warn', glyphs.starting);
    case 'failed':
      return span('bad', glyphs.failed);
    case 'job': {
      if (cell.stale) return span('warn', glyphs.stale);
      return job === undefined ? span('warn', glyphs.starting) : jobMark(job.state, glyphs);
    }
  }
}

export function findJob(
  cluster: ClusterModel | undefined,
  id: string | undefined,
): JobModel | JobSummary | undefined {
  if (cluster === undefined || id === undefined) return undefined;
  return cluster.details[id] ?? cluster.jobs.find((job) => job.id === id);
}

const ENDED: ReadonlySet<JobState> = new Set(['FAILED', 'CANCELED', 'FINISHED']);

export function hasEnded(state: JobState): boolean {
  return ENDED.has(state);
}

/** `◌ nothing here yet` in the middle of an empty pane would shout; a quiet line at its top says it. */
export function emptyRows(text: string, hint?: string): readonly { readonly spans: Span[] }[] {
  const first = { spans: [span('dim', ` ${text}`)] };
  return hint === undefined ? [first] : [first, { spans: [span('faint', ` ${hint}`)] }];
}
