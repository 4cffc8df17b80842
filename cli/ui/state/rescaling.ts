// Another parallelism for the job that is shown: of the selected vertex while the plan has the focus, else of all
// that have the job's greatest. What is joined one to one goes along: the cluster would refuse it otherwise.

import type { JobModel, VertexModel } from '../../model/cluster-model.ts';
import type { JobCommand } from '../commands.ts';
import { EMPTY_LINE } from './line-edit.ts';
import type { Context } from './selection.ts';
import { type Dialog, focusOf } from './ui-state.ts';

export function parallelismQuestion(context: Context, job: JobModel): Dialog {
  const vertex = selectedVertex(context, job);
  const chosen = chosenVertices(job, vertex);
  return {
    kind: 'parallelism',
    job: { id: job.id, name: vertex?.name ?? job.name },
    now: vertex?.parallelism ?? widest(job),
    max: Math.min(...chosen.map(({ maxParallelism }) => maxParallelism)),
    line: EMPTY_LINE,
  };
}

/** Undefined where nothing would change. */
export function rescaleCommand(
  context: Context,
  job: JobModel,
  parallelism: number,
): JobCommand | undefined {
  const vertex = selectedVertex(context, job);
  const chosen = chosenVertices(job, vertex);
  const parallelisms = Object.fromEntries(
    chosen.map(({ id, maxParallelism }) => [id, Math.min(parallelism, maxParallelism)]),
  );
  if (chosen.every((one) => one.parallelism === parallelisms[one.id])) return undefined;
  const what = vertex?.name ?? job.name;
  return { kind: 'rescale', jobId: job.id, what, parallelism, parallelisms };
}

function selectedVertex({ ui }: Context, { vertices }: JobModel): VertexModel | undefined {
  return focusOf(ui) === 'plan' ? vertices.find(({ id }) => id === ui.vertex) : undefined;
}

const widest = ({ vertices }: JobModel): number =>
  Math.max(1, ...vertices.map(({ parallelism }) => parallelism));

function chosenVertices(job: JobModel, vertex: VertexModel | undefined): readonly VertexModel[] {
  const most = widest(job);
  const first =
    vertex === undefined ? job.vertices.filter((v) => v.parallelism === most) : [vertex];
  const ids = new Set(first.map(({ id }) => id));
  const forward = job.edges.filter(({ shipStrategy }) => shipStrategy === 'FORWARD');
  for (let size = 0; size < ids.size; ) {
    size = ids.size;
    for (const { source, target } of forward)
      if (ids.has(source) || ids.has(target)) ids.add(source).add(target);
  }
  return job.vertices.filter(({ id }) => ids.has(id));
}
