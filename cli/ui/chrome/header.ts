// The line at the top: what is open and how it does on the left; the cluster, its slots, the last checkpoint
// and the time on the right. Parts that do not fit go, least important first; figures keep their width.

import type { ClusterModel, JobModel, JobSummary } from '../../model/cluster-model.ts';
import type { NotebookModel } from '../../model/notebook-model.ts';
import { age, clockTime, duration } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import type { Look } from '../text/look.ts';
import { compose, type Row, type Span, span, spansWidth } from '../text/spans.ts';
import { jobMark, jobStyle } from '../views/marks.ts';

export interface HeaderInput {
  readonly notebook: NotebookModel | undefined;
  readonly cluster: ClusterModel | undefined;
  readonly job: JobModel | JobSummary | undefined;
  readonly isEmbedded: boolean;
  /** On the notebook's page its name says enough. */
  readonly hasJobName: boolean;
  readonly nowMs: number;
}

export function headerView(
  input: HeaderInput,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  return compose(look, width, height, [headerRow(input, width, look.glyphs)]);
}

function headerRow(input: HeaderInput, width: number, glyphs: Glyphs): Row {
  const left = leftSpans(input, glyphs);
  const room = width - spansWidth(left) - 3;
  const kept: (readonly Span[])[] = [];
  let used = 0;
  // Built from the least important; taken from the most important.
  for (const part of rightParts(input, glyphs)) {
    used += spansWidth(part) + 3;
    if (used > room) break;
    kept.push(part);
  }
  const right = kept.reverse().flatMap((part) => [span('text', '   '), ...part]);
  return { spans: left, right: [...right, span('text', ' ')] };
}

function leftSpans({ notebook, job, hasJobName }: HeaderInput, glyphs: Glyphs): readonly Span[] {
  const spans = [span('title', ' sluice')];
  if (notebook !== undefined) {
    spans.push(span('text', ` ${notebook.path}`));
    if (notebook.watching) spans.push(span('dim', ` ${glyphs.separator} watching`));
  }
  if (job !== undefined) {
    spans.push(span('text', '  '), jobMark(job.state, glyphs));
    if (hasJobName) spans.push(span('text', ` ${job.name}`));
    spans.push(span(jobStyle(job.state), ` ${job.state.toLowerCase()}`));
    if ('restarts' in job && job.restarts > 0) {
      spans.push(span('warn', ` ${glyphs.restarting}${job.restarts}`));
    }
  }
  return spans;
}

/** Most important first. */
function rightParts(input: HeaderInput, glyphs: Glyphs): readonly (readonly Span[])[] {
  const { cluster, job, isEmbedded, nowMs } = input;
  const clock = [span('dim', clockTime(nowMs))];
  if (cluster === undefined) return [[span('warn', `connecting${glyphs.ellipsis}`)], clock];
  const used = cluster.slotsTotal - cluster.slotsFree;
  const slots = [
    span('dim', 'TM '),
    span('text', String(cluster.taskManagers.length)),
    span('dim', ` ${glyphs.separator} slots `),
    span('text', `${used}/${cluster.slotsTotal}`),
  ];
  const place = isEmbedded ? 'embedded' : cluster.address;
  const link = [span('dim', place), ...linkSpans(cluster, glyphs)];
  const checkpoint = job === undefined ? [] : lastCheckpoint(job, nowMs, glyphs);
  const parts = [clock, slots, ...(checkpoint.length === 0 ? [] : [checkpoint]), link];
  return cluster.link === 'live' ? parts : [link, ...parts.slice(0, -1)];
}

function linkSpans({ link }: ClusterModel, glyphs: Glyphs): readonly Span[] {
  switch (link) {
    case 'live':
      return [];
    case 'connecting':
      return [span('warn', ` ${glyphs.starting} connecting`)];
    case 'lost':
      return [span('bad', ` ${glyphs.failed} connection lost`)];
  }
}

function lastCheckpoint(
  job: JobModel | JobSummary,
  nowMs: number,
  glyphs: Glyphs,
): readonly Span[] {
  if (!('checkpoints' in job)) return [];
  const last = job.checkpoints.history.find(({ status }) => status === 'COMPLETED');
  if (last === undefined) return [];
  const since = age(nowMs - last.triggerMs - last.durationMs);
  return [
    span('dim', 'checkpoint '),
    span('text', `#${last.id} ${duration(last.durationMs).padStart(6)}`),
    span('dim', ` ${glyphs.separator} ${since.padStart(5)} ago`),
  ];
}
