// Checkpoints of a fixture job: forty completed ones of varying length, one failed, one in flight whose
// acknowledgements advance with `beat`.

import type {
  CheckpointModel,
  CheckpointsModel,
  VertexModel,
} from '../../cli/model/cluster-model.ts';

const TRIGGERED = Date.UTC(2026, 10, 22, 14, 2, 10, 800);

export function checkpoints(vertices: readonly VertexModel[], beat = 0): CheckpointsModel {
  const newest = 42 + Math.floor(beat / 10);
  const history = Array.from({ length: 40 }, (_, i) => completed(newest - 1 - i, i, vertices));
  return {
    completed: newest - 2,
    failed: 1,
    inProgress: 1,
    restored: 0,
    history: [inFlight(newest, vertices, beat % 10), ...history],
    durationP50Ms: 24,
    durationP95Ms: 61,
    intervalMs: 1_000,
  };
}

function inFlight(id: number, vertices: readonly VertexModel[], step: number): CheckpointModel {
  const byVertex = Object.fromEntries(
    vertices.map(({ id: vertex, parallelism }, i) => {
      const share = Math.min(1, Math.max(0, (step + 4 - 2 * i) / 4));
      return [vertex, { acknowledged: Math.round(share * parallelism), total: parallelism }];
    }),
  );
  const acknowledged = Object.values(byVertex).reduce((sum, one) => sum + one.acknowledged, 0);
  return {
    ...base(id, vertices, 0),
    status: 'IN_PROGRESS',
    durationMs: 20 + step * 18,
    acknowledged,
    sizeBytes: acknowledged * 90_000,
    byVertex,
  };
}

function completed(id: number, index: number, vertices: readonly VertexModel[]): CheckpointModel {
  const hasFailed = id % 40 === 37;
  const checkpoint = base(id, vertices, index + 1);
  return {
    ...checkpoint,
    status: hasFailed ? 'FAILED' : 'COMPLETED',
    acknowledged: hasFailed ? checkpoint.subtasks - 2 : checkpoint.subtasks,
    failure: hasFailed ? 'perAirport (3/4) declined: not all sources are running' : undefined,
  };
}

function base(id: number, vertices: readonly VertexModel[], index: number): CheckpointModel {
  return {
    id,
    status: 'COMPLETED',
    isSavepoint: id % 25 === 0,
    triggerMs: TRIGGERED - index * 1_000,
    durationMs: 12 + ((id * 37) % 50) + (id % 13 === 0 ? 90 : 0),
    sizeBytes: 1_100_000 + (id % 7) * 21_000,
    acknowledged: 0,
    subtasks: vertices.reduce((sum, { parallelism }) => sum + parallelism, 0),
    failure: undefined,
    byVertex: undefined,
  };
}
