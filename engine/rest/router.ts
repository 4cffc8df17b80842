// Which handler answers which request: one table, method and path with `:parameters`. A trailing slash and
// doubled slashes are the same path; everything under `/v1` also answers without it.

import type { IncomingMessage, ServerResponse } from 'node:http';

export interface RestRequest {
  readonly method: string;
  /** By name; decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

/** What is answered: JSON with a status, or a handler that writes itself. */
export type RestAnswer =
  | { readonly status: number; readonly json: unknown }
  | { readonly stream: (incoming: IncomingMessage, response: ServerResponse) => void };

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
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
  readonly #routes: readonly Compiled[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, segments: segmentsOf(route.path) }));
  }

  get routes(): readonly Route[] {
    return this.#routes.map(({ route }) => route);
  }

  /** @throws URIError for a path that is not properly encoded. */
  match(method: string, path: string): RouteMatch | undefined {
    const segments = segmentsOf(path).map(decodeURIComponent);
    const own = segments[0] === 'v1' ? segments.slice(1) : segments;
    for (const { route, segments: pattern } of this.#routes) {
      if (route.method !== method) continue;
      const parameters = matchSegments(pattern, own);
      if (parameters !== undefined) return { route, parameters };
    }
    return undefined;
  }

  /** Whether the path exists with another method. */
  knows(path: string): boolean {
    return ['GET', 'POST', 'PATCH', 'DELETE', 'PUT'].some(
      (method) => this.match(method, path) !== undefined,
    );
  }
}

const segmentsOf = (path: string): readonly string[] =>
  path.split('/').filter((segment) => segment !== '');

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters = Object.create(null) as Record<string, string>;
  for (const [i, expected] of pattern.entries()) {
    const segment = segments[i] as string;
    if (expected.startsWith(':')) parameters[expected.slice(1)] = segment;
    else if (expected !== segment) return undefined;
  }
  return parameters;
}
