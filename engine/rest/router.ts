// Which handler answers which request: one table, method and path with `:parameters`. A trailing slash and
// doubled slashes are the same path; everything under `/v1` also answers without it. Where a name and a
// parameter would both match, the name wins, whatever the order of the table.

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

export interface RestRequest {
  /** By name; decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** What is answered: JSON with a status, a file, or a handler that writes itself. */
export type RestAnswer =
  | { readonly status: number; readonly json: unknown }
  | { readonly status: number; readonly bytes: Uint8Array; readonly type: string }
  | { readonly stream: (incoming: IncomingMessage, response: ServerResponse) => void };

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE', 'PUT'] as const;

export interface Route {
  readonly method: (typeof METHODS)[number];
  /** `/jobs/:jobid/vertices/:vertexid`. */
  readonly path: string;
  /** Longest body that it takes; absent: limits.restBodyBytesMax. */
  readonly bodyBytesMax?: number;
  handle(request: RestRequest): RestAnswer | Promise<RestAnswer>;
}

export interface RouteMatch {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

export const ok = (json: unknown): RestAnswer => ({ status: 200, json });
export const accepted = (json: unknown): RestAnswer => ({ status: 202, json });

interface Compiled {
  readonly route: Route;
  readonly segments: readonly string[];
}

export class Router {
  readonly routes: readonly Route[];
  /** By method and number of segments; names before parameters. */
  readonly #compiled = new Map<string, readonly Compiled[]>();

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    for (const route of routes) {
      const segments = segmentsOf(route.path);
      const key = keyOf(route.method, segments);
      const among = [...(this.#compiled.get(key) ?? []), { route, segments }];
      this.#compiled.set(key, among.toSorted(namesFirst));
    }
  }

  /** @throws URIError for a path that is not properly encoded. */
  match(method: string, path: string): RouteMatch | undefined {
    const segments = segmentsOf(path).map(decodeURIComponent);
    const own = segments[0] === 'v1' ? segments.slice(1) : segments;
    for (const { route, segments: pattern } of this.#compiled.get(keyOf(method, own)) ?? []) {
      const parameters = matchSegments(pattern, own);
      if (parameters !== undefined) return { route, parameters };
    }
    return undefined;
  }

  /** Whether the path exists, with whatever method. */
  knows(path: string): boolean {
    return METHODS.some((method) => this.match(method, path) !== undefined);
  }
}

const segmentsOf = (path: string): readonly string[] =>
  path.split('/').filter((segment) => segment !== '');

const keyOf = (method: string, segments: readonly string[]): string =>
  `${method} ${segments.length}`;

const isParameter = (segment: string | undefined): boolean => segment?.startsWith(':') === true;

function namesFirst(a: Compiled, b: Compiled): number {
  const at = a.segments.findIndex(
    (segment, i) => isParameter(segment) !== isParameter(b.segments[i]),
  );
  if (at < 0) return 0;
  return isParameter(a.segments[at]) ? 1 : -1;
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const parameters = Object.create(null) as Record<string, string>;
  for (const [i, expected] of pattern.entries()) {
    const segment = segments[i] as string;
    if (isParameter(expected)) parameters[expected.slice(1)] = segment;
    else if (expected !== segment) return undefined;
  }
  return parameters;
}
