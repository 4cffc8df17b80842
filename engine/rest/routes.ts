// All routes of the Dispatcher's door. Flink's paths come first, sluice's own under `/sluice/v1/`.

import { cancelJob } from './handlers/cancel-job.ts';
import { events } from './handlers/events.ts';
import { jobView } from './handlers/job-view.ts';
import { messages } from './handlers/messages.ts';
import { config, jobsOverview, overview } from './handlers/overview.ts';
import { results } from './handlers/results.ts';
import { submitJob } from './handlers/submit-job.ts';
import { taskManagers } from './handlers/task-managers.ts';
import { checkpointTrigger } from './handlers/trigger-checkpoint.ts';
import { jobIdOf } from './path-parameters.ts';
import type { RestContext } from './rest-context.ts';
import { ok, type Route } from './router.ts';

export function routesOf(context: RestContext): readonly Route[] {
  return [
    config(context),
    overview(context),
    jobsOverview(context),
    cancelJob(context),
    ...checkpointTrigger(context),
    taskManagers(context),
    submitJob(context),
    viewJob(context),
    results(context),
    messages(context),
    events(context),
  ];
}

const viewJob = ({ dispatcher }: RestContext): Route => ({
  method: 'GET',
  path: '/sluice/v1/jobs/:jobid',
  handle: (request) => ok(jobView(dispatcher.details(jobIdOf(request)))),
});
