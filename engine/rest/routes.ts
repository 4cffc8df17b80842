// All routes of the Dispatcher's door. Flink's paths come first, sluice's own under `/sluice/v1/`.

import { cancelRoutes } from './handlers/cancel-job.ts';
import { checkpointRoutes } from './handlers/checkpoints.ts';
import { events } from './handlers/events.ts';
import { jarRoutes } from './handlers/jars.ts';
import { jobRoutes } from './handlers/job.ts';
import { jobManagerRoutes } from './handlers/job-manager.ts';
import { jobView } from './handlers/job-view.ts';
import { logRoutes } from './handlers/logs.ts';
import { messages } from './handlers/messages.ts';
import { metricRoutes } from './handlers/metrics.ts';
import { notHereRoutes } from './handlers/not-here.ts';
import { overviewRoutes } from './handlers/overview.ts';
import { resourceRequirementRoutes } from './handlers/resource-requirements.ts';
import { results } from './handlers/results.ts';
import { savepointRoutes } from './handlers/savepoints.ts';
import { shutDownCluster } from './handlers/shut-down.ts';
import { submitJob } from './handlers/submit-job.ts';
import { taskManagerRoutes } from './handlers/task-managers.ts';
import { checkpointTrigger } from './handlers/trigger-checkpoint.ts';
import { vertexRoutes } from './handlers/vertices.ts';
import { detailsOf } from './job-lookup.ts';
import { JobObservations } from './job-observations.ts';
import { openApi } from './open-api.ts';
import type { RestContext } from './rest-context.ts';
import { ok, type Route } from './router.ts';

export function routesOf(context: RestContext): readonly Route[] {
  const observations = new JobObservations(context);
  const routes = [
    ...overviewRoutes(context),
    ...jobRoutes(context),
    ...vertexRoutes(context),
    ...checkpointRoutes(context),
    ...metricRoutes(context),
    ...taskManagerRoutes(context),
    ...jobManagerRoutes(context),
    ...logRoutes(context),
    ...cancelRoutes(context),
    ...checkpointTrigger(context),
    ...savepointRoutes(context),
    ...resourceRequirementRoutes(context),
    ...jarRoutes(context),
    shutDownCluster(context),
    ...notHereRoutes(context),
    submitJob(context),
    viewJob(context),
    results(context, observations),
    messages(context),
    events(context, observations),
  ];
  return [...routes, openApi(routes)];
}

const viewJob = (context: RestContext): Route => ({
  method: 'GET',
  path: '/sluice/v1/jobs/:jobid',
  handle: (request) => ok(jobView(detailsOf(context, request))),
});
