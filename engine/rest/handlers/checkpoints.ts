// The checkpoints of a job, in Flink's shapes.

import type { CheckpointStats } from '../../checkpoint/checkpoint-stats.ts';
import type { JobDetails } from '../../runtime/jobmaster/job-details.ts';
import { jobRoute } from '../job-lookup.ts';
import {
  checkpointConfigJson,
  checkpointDetailsJson,
  checkpointOfVertexJson,
  checkpointsJson,
} from '../json/checkpoints-json.ts';
import { integerOf, vertexIdIn } from '../request-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { notFound } from '../rest-error.ts';
import type { RestRequest, Route } from '../router.ts';

export const checkpointRoutes = (context: RestContext): readonly Route[] => [
  jobRoute(context, '/checkpoints', checkpointsJson),
  jobRoute(context, '/checkpoints/config', checkpointConfigJson),
  jobRoute(context, '/checkpoints/details/:checkpointid', (details, request) =>
    checkpointDetailsJson(checkpointOf(details, request)),
  ),
  jobRoute(context, '/checkpoints/details/:checkpointid/subtasks/:vertexid', (details, request) => {
    const id = vertexIdIn(request);
    const found = checkpointOfVertexJson(checkpointOf(details, request), id);
    if (found === undefined) throw notFound(`There is no checkpoint statistics for task ${id}.`);
    return found;
  }),
];

function checkpointOf({ checkpoints }: JobDetails, request: RestRequest): CheckpointStats {
  const id = integerOf(request, 'checkpointid');
  const { completed, savepoint, failed } = checkpoints.latest;
  const found = [...checkpoints.history, completed, savepoint, failed].find(
    (stats) => stats?.id === id,
  );
  if (found === undefined)
    throw notFound(`Could not find checkpointing statistics for checkpoint ${id}.`);
  return found;
}
