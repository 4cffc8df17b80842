// GET /sluice/v1/openapi.json: the door described for tools, made from the table of its own routes.

import { ROUTE_SUMMARIES } from './route-summaries.ts';
import type { Route } from './router.ts';
import { ok } from './router.ts';
import { FLINK_VERSION } from './version.ts';

type Json = Readonly<Record<string, unknown>>;

/** A route for the description of these and of itself. */
export function openApi(routes: readonly Route[]): Route {
  const own: Route = { method: 'GET', path: '/sluice/v1/openapi.json', handle: () => ok(document) };
  const document = openApiDocument([...routes, own]);
  return own;
}

function openApiDocument(routes: readonly Route[]): Json {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  return {
    openapi: '3.1.0',
    info: {
      title: 'sluice',
      version: FLINK_VERSION,
      description: `Apache Flink's REST API as of ${FLINK_VERSION}, with and without /v1 before each path, and under /sluice/v1 what only sluice has.`,
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, {}],
    paths: Object.fromEntries(
      [...byPath].map(([path, all]) => [
        templateOf(path),
        Object.fromEntries(all.map((route) => [route.method.toLowerCase(), operationOf(route)])),
      ]),
    ),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Errors: {
          type: 'object',
          required: ['errors'],
          properties: { errors: { type: 'array', items: { type: 'string' } } },
        },
      },
    },
  };
}

/** `/jobs/{jobid}`. */
const templateOf = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

function operationOf({ method, path }: Route): Json {
  const {
    summary = '',
    description,
    query = [],
    type = 'application/json',
    status = 200,
  } = ROUTE_SUMMARIES[`${method} ${path}`] ?? {};
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    operationId: operationId(method, path),
    parameters: [
      ...[...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
        name,
        in: 'path',
        required: true,
        schema: schemaOf(name),
      })),
      ...query.map((name) => ({ name, in: 'query', schema: { type: 'string' } })),
    ],
    responses: {
      [status]: {
        description: summary,
        content: { [status < 300 ? type : 'application/json']: {} },
      },
      default: {
        description: 'A refusal.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Errors' } } },
      },
    },
  };
}

/** `getJobsJobidPlan`. */
const operationId = (method: string, path: string): string =>
  method.toLowerCase() +
  path
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

const IDS = ['jobid', 'vertexid', 'operatorid', 'triggerid', 'datasetid'];
const NUMBERS = ['subtaskindex', 'subtask', 'attempt', 'checkpointid'];

function schemaOf(parameter: string): Json {
  if (IDS.includes(parameter)) return { type: 'string', pattern: '^[0-9a-fA-F]{32}$' };
  return { type: NUMBERS.includes(parameter) ? 'integer' : 'string' };
}
