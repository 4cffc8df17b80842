// How each vertex went lately: one value more with each look at the cluster, for the sparklines.

import type { JobModel, VertexHistory, VertexModel } from '../model/cluster-model.ts';

/** More than a screen is wide enough to show. */
const VALUES_MAX = 120;

/** The job with the history of `before`, the same job a look earlier, and what it shows now. */
export function withHistory(job: JobModel, before: JobModel | undefined): JobModel {
  const earlier = new Map(before?.vertices.map(({ id, history }) => [id, history]));
  const vertices = job.vertices.map((vertex) => ({
    ...vertex,
    history: longer(earlier.get(vertex.id), vertex),
  }));
  return { ...job, vertices };
}

function longer(before: VertexHistory | undefined, vertex: VertexModel): VertexHistory {
  const grown = (values: readonly number[] | undefined, value: number): readonly number[] => [
    ...(values ?? []).slice(1 - VALUES_MAX),
    value,
  ];
  const { recordsInPerSecond, recordsOutPerSecond, busy = 0, backPressured = 0 } = vertex;
  return {
    recordsInPerSecond: grown(before?.recordsInPerSecond, recordsInPerSecond),
    recordsOutPerSecond: grown(before?.recordsOutPerSecond, recordsOutPerSecond),
    busy: grown(before?.busy, busy),
    backPressured: grown(before?.backPressured, backPressured),
  };
}
