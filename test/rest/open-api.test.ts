import { expect, test } from 'vitest';
import { ROUTE_SUMMARIES } from '../../engine/rest/route-summaries.ts';
import { Router } from '../../engine/rest/router.ts';
import { routesOf } from '../../engine/rest/routes.ts';
import { EVENT_TOPICS } from '../../engine/runtime/dispatcher/event-log.ts';
import { testContext } from './context.ts';
import { startEndpoint } from './endpoint.ts';

const routes = routesOf(testContext());
const TOKEN = 'c0ffee';

interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}

async function documented(): Promise<readonly (readonly [string, string, Operation])[]> {
  const endpoint = await startEndpoint(routes);
  const { paths } = JSON.parse((await endpoint.ask('/sluice/v1/openapi.json')).text) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => [method, path, operation] as const),
  );
}

test('every route has a summary, and every summary a route', () => {
  const names = routes.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(Object.keys(ROUTE_SUMMARIES))).toEqual(new Set(names));
});

test('what is described is what is answered', async () => {
  const router = new Router(routes);
  const found = (await documented()).map(([method, path, { parameters }]) => {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => `a-${name}`);
    const match = router.match(method.toUpperCase(), filled);
    const names = parameters.flatMap(({ name, in: where }) => (where === 'path' ? [name] : []));
    expect(Object.keys(match?.parameters ?? {})).toEqual(names);
    return match?.route;
  });
  expect(new Set(found)).toEqual(new Set(routes));
});

test('every topic of the events is described', async () => {
  const [, , events] =
    (await documented()).find(([, path]) => path === '/sluice/v1/events') ?? expect.unreachable();
  const topics = [...(events.description ?? '').matchAll(/^- `(\w+)`/gm)].map(([, name]) => name);
  expect(topics).toEqual(EVENT_TOPICS);
});

test('an operation has a name of its own', async () => {
  const ids = (await documented()).map(([, , { operationId }]) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('no route answers without the token, none hints at what it is, none reads a body', async () => {
  const endpoint = await startEndpoint(routes, { token: TOKEN });
  const answers = await Promise.all(
    routes.map(({ method, path }) =>
      endpoint.ask(path, method === 'GET' ? { method } : { method, body: 'not json' }),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
});

test('no route is reached from another site or under another name', async () => {
  const endpoint = await startEndpoint(routes);
  const strangers = [
    { origin: 'https://evil' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { host: `evil.com:${endpoint.port}` },
  ];
  for (const headers of strangers) {
    const answers = await Promise.all(
      routes.map(({ method, path }) => endpoint.ask(path, { method, headers })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
  }
});
