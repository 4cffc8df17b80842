// Metrics: which there are, and with `get` what they are; of one thing, or aggregated over several.

import type { JobState } from '../../graph/execution-state.ts';
import type { JobDetails, VertexDetails } from '../../runtime/jobmaster/job-details.ts';
import { detailsIfAny } from '../job-lookup.ts';
import {
  jobMetrics,
  type Metrics,
  metricNumber,
  metricText,
  processMetrics,
  subtaskMetrics,
} from '../json/metric-names.ts';
import { AGGREGATES, type Aggregate, aggregateOf } from '../json/statistics.ts';
import { badQuery, indexOf, jobIdsIn, vertexIdIn } from '../request-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { ok, type RestRequest, type Route } from '../router.ts';

const NONE: Metrics = new Map();

export const metricRoutes = (context: RestContext): readonly Route[] => [
  metrics('/jobs/:jobid/metrics', (request) => {
    const details = detailsIfAny(context, request);
    return details === undefined ? NONE : jobMetrics(details);
  }),
  metrics('/jobs/:jobid/vertices/:vertexid/metrics', (request) =>
    bySubtask(vertexIfAny(context, request)),
  ),
  metrics('/jobs/:jobid/vertices/:vertexid/subtasks/:subtaskindex/metrics', (request) => {
    const found = vertexIfAny(context, request);
    const subtask = found?.vertex.subtasks[indexOf(request, 'subtaskindex')];
    if (found === undefined || subtask === undefined) return NONE;
    return subtaskMetrics(found.vertex, subtask, found.nowMs);
  }),
  metrics('/jobs/:jobid/vertices/:vertexid/jm-operator-metrics', (request) => {
    vertexIfAny(context, request);
    return NONE;
  }),
  metrics('/taskmanagers/:taskmanagerid/metrics', ({ parameters }) => {
    const { taskmanagerid: id } = parameters;
    return taskManagers(context).get(id ?? '') ?? NONE;
  }),
  metrics('/jobmanager/metrics', () => jobManagerMetrics(context)),
  aggregated('/jobs/metrics', (request) => {
    const wanted = jobIdsIn(request);
    const isWanted = ({ jobId }: JobDetails): boolean => wanted?.includes(jobId) ?? true;
    return context.dispatcher.jobs().filter(isWanted).map(jobMetrics);
  }),
  aggregated('/taskmanagers/metrics', ({ query }) => {
    const wanted = query.get('taskmanagers')?.split(',');
    const found = [...taskManagers(context)].filter(([id]) => wanted?.includes(id) ?? true);
    return found.map(([, of]) => of);
  }),
  aggregated('/jobs/:jobid/vertices/:vertexid/subtasks/metrics', (request) => {
    const found = vertexIfAny(context, request);
    const isWanted = rangesOf(request.query.get('subtasks'));
    if (found === undefined) return [];
    const { vertex, nowMs } = found;
    return vertex.subtasks
      .filter(({ subtask }) => isWanted(subtask))
      .map((subtask) => subtaskMetrics(vertex, subtask, nowMs));
  }),
];

/** Of what is asked for and not there nothing is said. */
const metrics = (path: string, find: (request: RestRequest) => Metrics): Route => ({
  method: 'GET',
  path,
  handle(request) {
    const found = find(request);
    const wanted = namesIn(request);
    if (wanted === undefined) return ok([...found.keys()].map((id) => ({ id })));
    return ok(
      wanted.flatMap((id) => {
        const metric = found.get(id);
        return metric === undefined ? [] : [{ id, value: metricText(metric) }];
      }),
    );
  },
});

/** What is no number is in no aggregate. */
const aggregated = (path: string, find: (request: RestRequest) => readonly Metrics[]): Route => ({
  method: 'GET',
  path,
  handle(request) {
    const kinds = aggregatesIn(request);
    const found = find(request);
    const wanted = namesIn(request);
    if (wanted === undefined) {
      const names = new Set(found.flatMap((each) => [...each.keys()]));
      return ok([...names].map((id) => ({ id })));
    }
    return ok(
      wanted.flatMap((id) => {
        const values = found.flatMap((each) => numberIn(each, id));
        if (values.length === 0) return [];
        return [
          { id, ...Object.fromEntries(kinds.map((kind) => [kind, aggregateOf(kind, values)])) },
        ];
      }),
    );
  },
});

function numberIn(each: Metrics, id: string): readonly number[] {
  const metric = each.get(id);
  return metric === undefined ? [] : [metricNumber(metric) ?? []].flat();
}

function namesIn({ query }: RestRequest): readonly string[] | undefined {
  return query
    .get('get')
    ?.split(',')
    .filter((name) => name !== '');
}

function aggregatesIn({ query }: RestRequest): readonly Aggregate[] {
  const text = query.get('agg');
  if (text === null) return AGGREGATES;
  const wanted = text.toLowerCase().split(',');
  for (const name of wanted)
    if (!AGGREGATES.some((kind) => kind === name)) throw badQuery('agg', name);
  return AGGREGATES.filter((kind) => wanted.includes(kind));
}

/** `0-1,3`; what cannot be read means none. */
function rangesOf(text: string | null): (subtask: number) => boolean {
  if (text === null) return () => true;
  const ranges = text.split(',').map((part) => /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part.trim()));
  return (subtask) =>
    ranges.some(
      (range) =>
        range !== null && Number(range[1]) <= subtask && subtask <= Number(range[2] ?? range[1]),
    );
}

interface FoundVertex {
  readonly vertex: VertexDetails;
  /** By the clock of whoever knows the job. */
  readonly nowMs: number;
}

function vertexIfAny(context: RestContext, request: RestRequest): FoundVertex | undefined {
  const [details, id] = [detailsIfAny(context, request), vertexIdIn(request)];
  const vertex = details?.vertices.find((one) => one.vertex.id === id);
  return details === undefined || vertex === undefined
    ? undefined
    : { vertex, nowMs: details.nowMs };
}

/** `0.numRecordsIn`. */
function bySubtask(found: FoundVertex | undefined): Metrics {
  if (found === undefined) return NONE;
  const { vertex, nowMs } = found;
  return new Map(
    vertex.subtasks.flatMap((subtask) =>
      [...subtaskMetrics(vertex, subtask, nowMs)].map(
        ([name, metric]) => [`${subtask.subtask}.${name}`, metric] as const,
      ),
    ),
  );
}

const taskManagers = ({ resourceManager }: RestContext): ReadonlyMap<string, Metrics> =>
  new Map(
    resourceManager
      .taskManagers()
      .map(({ info, load }) => [
        info.resourceId,
        load === undefined ? NONE : processMetrics(load, info.memoryBytes),
      ]),
  );

function jobManagerMetrics({ resourceManager, dispatcher, load }: RestContext): Metrics {
  const all = resourceManager.taskManagers();
  const isRunning = ({ state }: { readonly state: JobState }): boolean => state === 'RUNNING';
  const own = load();
  return new Map([
    ['taskSlotsAvailable', all.reduce((sum, { slotsFree }) => sum + slotsFree, 0)],
    ['taskSlotsTotal', all.reduce((sum, { slotsTotal }) => sum + slotsTotal, 0)],
    ['numRegisteredTaskManagers', all.length],
    ['numRunningJobs', dispatcher.states().filter(isRunning).length],
    ...processMetrics(own, own.heapTotalBytes),
  ]);
}
