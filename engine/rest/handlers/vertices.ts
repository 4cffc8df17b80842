// The vertices of a job, their subtasks and attempts, in Flink's shapes.

import type { VertexDetails } from '../../runtime/jobmaster/job-details.ts';
import { FlameGraphs } from '../flame-graphs.ts';
import { detailsIfAny, jobRoute, subtaskOf, vertexOf, vertexRoute } from '../job-lookup.ts';
import {
  attemptAccumulatorsJson,
  subtaskAccumulatorsJson,
  vertexAccumulatorsJson,
} from '../json/accumulators-json.ts';
import { watermarkText } from '../json/metric-names.ts';
import {
  type Attempt,
  attemptJson,
  attemptOf,
  backPressureJson,
  currentAttempt,
  subtaskTimesJson,
  vertexDetailsJson,
  vertexTaskManagersJson,
} from '../json/vertex-json.ts';
import { badQuery, integerOf, queryInteger, vertexIdIn } from '../request-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { notFound } from '../rest-error.ts';
import { ok, type RestRequest, type Route } from '../router.ts';

const FLAME_GRAPH_TYPES = ['full', 'on_cpu', 'off_cpu'] as const;

export const vertexRoutes = (context: RestContext): readonly Route[] => [
  vertexRoute(context, '', vertexDetailsJson),
  vertexRoute(context, '/subtasktimes', subtaskTimesJson),
  vertexRoute(context, '/taskmanagers', vertexTaskManagersJson),
  vertexRoute(context, '/accumulators', vertexAccumulatorsJson),
  vertexRoute(context, '/subtasks/accumulators', subtaskAccumulatorsJson),
  vertexRoute(context, '/watermarks', watermarks),
  flameGraphs(context),
  vertexRoute(context, '/subtasks/:subtaskindex', (vertex, nowMs, request) =>
    attemptJson(currentAttempt(subtaskOf(vertex, request)), nowMs),
  ),
  vertexRoute(context, '/subtasks/:subtaskindex/attempts/:attempt', (vertex, nowMs, request) =>
    attemptJson(attemptIn(vertex, request), nowMs),
  ),
  vertexRoute(
    context,
    '/subtasks/:subtaskindex/attempts/:attempt/accumulators',
    (vertex, _, request) => attemptAccumulatorsJson(vertex, attemptIn(vertex, request)),
  ),
  backPressure(context),
];

/** Of what is not there Flink says that nothing is known. */
const backPressure = (context: RestContext): Route => ({
  method: 'GET',
  path: '/jobs/:jobid/vertices/:vertexid/backpressure',
  handle(request) {
    const [details, id] = [detailsIfAny(context, request), vertexIdIn(request)];
    const found = details?.vertices.find(({ vertex }) => vertex.id === id);
    return ok(
      details === undefined || found === undefined
        ? { status: 'deprecated' }
        : backPressureJson(found, details.nowMs),
    );
  },
});

/** What has no input has no watermark of its inputs. */
function watermarks({ vertex, subtasks }: VertexDetails): unknown {
  if (vertex.operators[0]?.node.kind === 'source') return [];
  return subtasks.flatMap(({ subtask, metrics }) =>
    metrics === undefined
      ? []
      : [{ id: `${subtask}.currentInputWatermark`, value: watermarkText(metrics) }],
  );
}

function flameGraphs(context: RestContext): Route {
  const graphs = new FlameGraphs(context);
  return jobRoute(context, '/vertices/:vertexid/flamegraph', (details, request) => {
    const vertex = vertexOf(details, request);
    const { query } = request;
    const said = query.get('type');
    const type = FLAME_GRAPH_TYPES.find((one) => one === (said ?? 'full').toLowerCase());
    if (type === undefined) throw badQuery('type', said ?? '');
    const subtask = queryInteger(request, 'subtaskindex');
    if (subtask !== undefined && vertex.subtasks[subtask] === undefined)
      throw notFound(`Invalid subtask index for vertex ${vertex.vertex.id}`);
    return graphs.answer(details, vertex, type, subtask);
  });
}

function attemptIn(vertex: VertexDetails, request: RestRequest): Attempt {
  const number = integerOf(request, 'attempt');
  const found = attemptOf(subtaskOf(vertex, request), number);
  if (found === undefined) throw notFound(`Invalid attempt num ${number}`);
  return found;
}
