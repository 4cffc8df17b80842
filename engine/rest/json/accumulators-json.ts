// Accumulators as Flink's REST API shows them: of a job, of a vertex, of each subtask. What an attempt that
// failed has added is not counted.

import {
  accumulatorText,
  mergedAccumulators,
  type NamedAccumulator,
} from '../../core/accumulators.ts';
import type { JobDetails, VertexDetails } from '../../runtime/jobmaster/job-details.ts';
import { serializedAccumulator } from '../serialized-accumulator.ts';
import { taskManagerOf } from './times.ts';
import type { Attempt } from './vertex-json.ts';

type Json = Readonly<Record<string, unknown>>;
type Observed = Attempt['metrics'];

/** @param isSerialized With the values as Java serializes them, too. */
export const jobAccumulatorsJson = (details: JobDetails, isSerialized: boolean): Json => ({
  'job-accumulators': [],
  'user-task-accumulators': accumulators(details.vertices.flatMap(ofVertex)),
  'serialized-user-task-accumulators': isSerialized ? serializedAccumulators(details) : {},
});

/** By name; what has no form in Java is left out. */
export const serializedAccumulators = ({ vertices }: JobDetails): Json =>
  Object.fromEntries(
    [...mergedAccumulators(vertices.flatMap(ofVertex))].flatMap(([name, value]) => {
      const serialized = value && serializedAccumulator(value);
      return serialized === undefined ? [] : [[name, serialized]];
    }),
  );

export const vertexAccumulatorsJson = (details: VertexDetails): Json => ({
  id: details.vertex.id,
  'user-accumulators': accumulators(ofVertex(details)),
});

export const subtaskAccumulatorsJson = ({ vertex, subtasks }: VertexDetails): Json => ({
  id: vertex.id,
  parallelism: vertex.parallelism,
  subtasks: subtasks.map(({ subtask, current, metrics }) => ({
    subtask,
    attempt: current.attempt,
    endpoint: taskManagerOf(current),
    'user-accumulators': accumulators(addedBy(metrics)),
  })),
});

export const attemptAccumulatorsJson = (
  { vertex }: VertexDetails,
  { subtask, execution, metrics }: Attempt,
): Json => ({
  subtask,
  attempt: execution.attempt,
  id: `${execution.attemptId}_${vertex.id}_${subtask}_${execution.attempt}`,
  'user-accumulators': accumulators(addedBy(metrics)),
});

const ofVertex = ({ subtasks }: VertexDetails): readonly NamedAccumulator[] =>
  subtasks.flatMap(({ metrics }) => addedBy(metrics));

const addedBy = (metrics: Observed): readonly NamedAccumulator[] =>
  metrics?.user?.accumulators ?? [];

const accumulators = (all: readonly NamedAccumulator[]): readonly Json[] =>
  [...mergedAccumulators(all)].map(([name, value]) =>
    value === undefined
      ? { name, type: 'null', value: 'the subtasks use this name for different kinds' }
      : { name, type: value.kind, value: accumulatorText(value) },
  );
