// Another parallelism for the job that is shown: of the selected vertex while the plan has the focus, else of all
// that have the job's greatest. What is joined one to one goes along: the cluster would refuse it otherwise.

import type { JobModel, VertexModel } from '../../model/cluster-model.ts';
import { type Context, currentDetails } from './selection.ts';
import { type Dialog, focusOf } from './ui-state.ts';

/** One subtask more or less. Undefined where nothing would change. */
export function stepQuestion(context: Context, step: 1 | -1): Dialog | undefined {
  const details = currentDetails(context);
  if (details === undefined) return undefined;
  const vertex = selectedVertex(context, details);
  const now = vertex?.parallelism ?? widest(details);
  return rescaleQuestion(context, now + step);
}

export function rescaleQuestion(context: Context, parallelism: number): Dialog | undefined {
  const details = currentDetails(context);
  if (details === undefined || !(parallelism >= 1)) return undefined;
  const vertex = selectedVertex(context, details);
  const chosen = chosenVertices(details, vertex);
  const parallelisms = Object.fromEntries(
    chosen.map(({ id, maxParallelism }) => [id, Math.min(parallelism, maxParallelism)]),
  );
  if (chosen.every((one) => one.parallelism === parallelisms[one.id])) return undefined;
  const what = vertex === undefined ? details.name : vertex.name;
  return {
    kind: 'confirm',
    question: `Run "${what}" with parallelism ${parallelism}?`,
    detail: 'A checkpoint is taken, and the job begins anew from it.',
    onYes: { kind: 'rescale-job', jobId: details.id, parallelisms },
  };
}

function selectedVertex(context: Context, { vertices }: JobModel): VertexModel | undefined {
  const { ui } = context;
  return focusOf(ui) === 'plan' ? vertices.find(({ id }) => id === ui.vertex) : undefined;
}

const widest = ({ vertices }: JobModel): number =>
  Math.max(0, ...vertices.map(({ parallelism }) => parallelism));

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
