// Every path of the door, and what it is for, in a line. The OpenAPI document is made of this and of the table
// of routes; a test holds the two together.

import { limits } from '../core/limits.ts';

export interface RouteSummary {
  readonly summary: string;
  /** What a line does not say. */
  readonly description?: string;
  /** Parameters of the query. */
  readonly query?: readonly string[];
  /** Where it is not JSON. */
  readonly type?: string;
  /** Where it is not 200. */
  readonly status?: number;
}

const METRICS = ['get'] as const;
const AGGREGATED = ['get', 'agg'] as const;
const RUN = [
  'entry-class',
  'parallelism',
  'programArg',
  'program-args',
  'savepointPath',
  'allowNonRestoredState',
] as const;
const TEXT = 'text/plain';
const OF_JOB = '/jobs/:jobid';
const OF_VERTEX = `${OF_JOB}/vertices/:vertexid`;
const OF_SUBTASK = `${OF_VERTEX}/subtasks/:subtaskindex`;
const OF_TASK_MANAGER = '/taskmanagers/:taskmanagerid';
const OWN = '/sluice/v1';

const EVENTS = `\`kinds\`, comma-separated, says what is sent; without it: state,checkpoint.

- \`state\`: events \`job\`, \`task\`, \`slots\`, \`taskmanagers\`, as each comes to a new state.
- \`checkpoint\`: \`checkpoint\`, when one begins, is complete or has failed.
- \`barrier\`: \`barrier\`, when the barriers of a checkpoint have passed all subtasks of a vertex.
- \`metrics\`: \`metrics\` of a running job once a second: records, rates and back pressure by vertex. Of more than ${limits.jobsObservedMax} jobs, ${limits.jobsObservedMax} a second in turn. Measured while somebody listens.
- \`sample\`: \`sample\`, once a second for each sink whose rows a client takes: how many it took, and up to ${limits.sampleRowsMax} of them.

\`jobs\`, ids separated by commas, leaves out events of other jobs. Data is one JSON object with \`atMs\` and \`kind\`. The latest ${limits.eventsKeptMax} events of each kind are kept (${limits.observationsKeptMax} of metrics and sample); a reader that comes for more gets \`missed\` with \`after\` and \`firstId\`. A reader that does not read slows nobody.`;

const about = (summary: string, more: Omit<RouteSummary, 'summary'> = {}): RouteSummary => ({
  summary,
  ...more,
});

/** By `GET /jobs/:jobid`. */
export const ROUTE_SUMMARIES: Readonly<Record<string, RouteSummary>> = {
  'GET /config': about('What a dashboard must know before anything else.'),
  'GET /overview': about('The cluster in numbers: TaskManagers, slots, jobs.'),
  'DELETE /cluster': about('Ends all jobs and the cluster.'),

  'GET /jobs': about('Ids and states of all jobs.'),
  'GET /jobs/overview': about(
    'All jobs, with times and how many of their tasks are in which state.',
  ),
  'GET /jobs/metrics': about('Metrics over jobs.', { query: [...AGGREGATED, 'jobs'] }),
  'POST /jobs': about('Where Flink takes a serialized graph: refused.'),
  [`GET ${OF_JOB}`]: about('A job: state, times, vertices, plan.'),
  [`PATCH ${OF_JOB}`]: about('Cancels a job; does not wait.', { query: ['mode'], status: 202 }),
  [`GET ${OF_JOB}/status`]: about('The state of a job.'),
  [`GET ${OF_JOB}/config`]: about('What a job was configured with.'),
  [`GET ${OF_JOB}/plan`]: about('The plan of a job.'),
  [`GET ${OF_JOB}/exceptions`]: about('Its failures, newest first.', { query: ['maxExceptions'] }),
  [`GET ${OF_JOB}/accumulators`]: about('What functions have added up.', {
    query: ['includeSerializedValue'],
  }),
  [`GET ${OF_JOB}/execution-result`]: about('How a job ended, or that it goes on.'),
  [`GET ${OF_JOB}/metrics`]: about('Metrics of a job.', { query: METRICS }),
  [`GET ${OF_JOB}/yarn-cancel`]: about('Cancels a job, for who can only send a GET.', {
    status: 202,
  }),
  [`GET ${OF_JOB}/yarn-stop`]: about('Removed in Flink: refused.', { status: 308 }),
  [`PATCH ${OF_JOB}/clientHeartbeat`]: about('A client lives: taken note of by none.', {
    status: 202,
  }),
  [`POST ${OF_JOB}/coordinators/:operatorid`]: about('Messages to coordinators: refused.', {
    status: 500,
  }),
  [`PATCH ${OF_JOB}/rescaling`]: about('Switched off in Flink: refused.', { status: 503 }),
  [`GET ${OF_JOB}/rescaling/:triggerid`]: about('Switched off in Flink: refused.', { status: 503 }),
  [`GET ${OF_JOB}/resource-requirements`]: about('Bounds of parallelism.'),
  [`PUT ${OF_JOB}/resource-requirements`]: about('Rescales a running job.'),

  [`GET ${OF_JOB}/checkpoints`]: about('Checkpoints: counts, statistics, the latest, the history.'),
  [`POST ${OF_JOB}/checkpoints`]: about('Takes a checkpoint; answers with a trigger id.', {
    status: 202,
  }),
  [`GET ${OF_JOB}/checkpoints/:triggerid`]: about(
    'What became of a checkpoint that was triggered.',
  ),
  [`GET ${OF_JOB}/checkpoints/config`]: about('How checkpoints are taken.'),
  [`GET ${OF_JOB}/checkpoints/details/:checkpointid`]: about('A checkpoint, vertex by vertex.'),
  [`GET ${OF_JOB}/checkpoints/details/:checkpointid/subtasks/:vertexid`]: about(
    'A vertex’s part of a checkpoint, subtask by subtask.',
  ),
  [`POST ${OF_JOB}/savepoints`]: about('Takes a savepoint; answers with a trigger id.', {
    status: 202,
  }),
  [`GET ${OF_JOB}/savepoints/:triggerid`]: about('What became of a savepoint, or of a stop.'),
  [`POST ${OF_JOB}/stop`]: about('Stops a job with a savepoint; answers with a trigger id.', {
    status: 202,
  }),
  'POST /savepoint-disposal': about('Removes a savepoint; answers with a trigger id.'),
  'GET /savepoint-disposal/:triggerid': about('What became of a disposal.'),

  [`GET ${OF_VERTEX}`]: about('A vertex and its subtasks.'),
  [`GET ${OF_VERTEX}/subtasktimes`]: about('When each subtask entered which state.'),
  [`GET ${OF_VERTEX}/taskmanagers`]: about('A vertex by TaskManager.'),
  [`GET ${OF_VERTEX}/accumulators`]: about('What functions have added up.'),
  [`GET ${OF_VERTEX}/subtasks/accumulators`]: about('What functions have added up.'),
  [`GET ${OF_VERTEX}/watermarks`]: about('The watermark of each subtask’s input.'),
  [`GET ${OF_VERTEX}/backpressure`]: about('How much of its time each subtask waits.'),
  [`GET ${OF_VERTEX}/flamegraph`]: about(
    'What its subtasks spend their time on, as a flame graph.',
    {
      query: ['type', 'subtaskindex'],
    },
  ),
  [`GET ${OF_VERTEX}/metrics`]: about('Metrics, `subtask.name`.', { query: METRICS }),
  [`GET ${OF_VERTEX}/jm-operator-metrics`]: about('Metrics of coordinators.', { query: METRICS }),
  [`GET ${OF_VERTEX}/subtasks/metrics`]: about('Metrics over subtasks.', {
    query: [...AGGREGATED, 'subtasks'],
  }),
  [`GET ${OF_SUBTASK}`]: about('The current attempt of a subtask.'),
  [`GET ${OF_SUBTASK}/metrics`]: about('Metrics of a subtask.', { query: METRICS }),
  [`GET ${OF_SUBTASK}/attempts/:attempt`]: about('An attempt of a subtask.'),
  [`GET ${OF_SUBTASK}/attempts/:attempt/accumulators`]: about('What functions have added up.'),

  'GET /taskmanagers': about('All TaskManagers.'),
  'GET /taskmanagers/metrics': about('Metrics over TaskManagers.', {
    query: [...AGGREGATED, 'taskmanagers'],
  }),
  [`GET ${OF_TASK_MANAGER}`]: about('A TaskManager, its slots and its memory.'),
  [`GET ${OF_TASK_MANAGER}/metrics`]: about('Metrics of a TaskManager.', { query: METRICS }),
  [`GET ${OF_TASK_MANAGER}/thread-dump`]: about('What the threads of its slots are doing.'),
  [`GET ${OF_TASK_MANAGER}/logs`]: about('Its files of logs.'),
  [`GET ${OF_TASK_MANAGER}/logs/:filename`]: about('One of them.', { type: TEXT }),
  [`GET ${OF_TASK_MANAGER}/log`]: about('Its log.', { type: TEXT }),
  [`GET ${OF_TASK_MANAGER}/stdout`]: about('What was printed in it.', { type: TEXT }),
  [`GET ${OF_JOB}/taskmanagers/:taskmanagerid/log-url`]: about('Where a dashboard shows its logs.'),

  'GET /jobmanager/config': about('The configuration of the cluster, secrets masked.'),
  [`GET ${OF_JOB}/jobmanager/config`]: about('The configuration of the cluster, secrets masked.'),
  'GET /jobmanager/environment': about('What the JobManager runs on.'),
  [`GET ${OF_JOB}/jobmanager/environment`]: about('What the JobManager runs on.'),
  'GET /jobmanager/metrics': about('Metrics of the JobManager.', { query: METRICS }),
  'GET /jobmanager/thread-dump': about('What the JobManager is doing.'),
  'GET /jobmanager/logs': about('All files of logs.'),
  'GET /jobmanager/logs/:filename': about('One of them.', { type: TEXT }),
  'GET /jobmanager/log': about('The log of the JobManager.', { type: TEXT }),
  'GET /jobmanager/stdout': about('What the JobManager has printed: nothing.', { type: TEXT }),
  [`GET ${OF_JOB}/jobmanager/log-url`]: about('Where a dashboard shows its logs.'),

  'GET /jars': about('Uploaded bundles, newest first.'),
  'POST /jars/upload': about('Uploads a bundle, as the one file of a form.'),
  'DELETE /jars/:jarid': about('Removes an uploaded bundle.'),
  'GET /jars/:jarid/plan': about('The plan that its program builds.', { query: RUN }),
  'POST /jars/:jarid/plan': about('The plan that its program builds.', { query: RUN }),
  'POST /jars/:jarid/run': about('Runs its program and submits the job.', { query: RUN }),

  'GET /datasets': about('Cached data sets: there are none.'),
  'DELETE /datasets/:datasetid': about('Removes a cached data set.', { status: 202 }),
  'GET /datasets/delete/:triggerid': about('What became of that.'),

  [`POST ${OWN}/jobs`]: about('Submits a job: header, bundle, plan and data in one body.', {
    status: 202,
  }),
  [`GET ${OWN}/jobs/:jobid`]: about('A job with all that the screen draws.'),
  [`GET ${OWN}/jobs/:jobid/results/:operatorid/:lane`]: about(
    'Rows of a sink, from an offset on.',
    {
      query: ['version', 'offset', 'committed', 'max', 'wait'],
    },
  ),
  [`GET ${OWN}/jobs/:jobid/messages`]: about('What a job says beside its rows.', {
    query: ['since', 'wait'],
  }),
  [`GET ${OWN}/events`]: about(
    'What happens in the cluster, as server-sent events; resumes by Last-Event-ID.',
    {
      description: EVENTS,
      query: ['kinds', 'jobs'],
      type: 'text/event-stream',
    },
  ),
  [`GET ${OWN}/openapi.json`]: about('This document.'),
};
