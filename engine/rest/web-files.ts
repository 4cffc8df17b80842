// The files of a web page at the endpoint's root, beside the API that it asks: a route for each, so that door,
// limits and errors are those of every other request.

import type { Route } from './router.ts';

/** By path without a leading slash; `index.html` is also the root. */
export type WebFiles = ReadonlyMap<string, () => Promise<Uint8Array>>;

export const webRoutes = (files: WebFiles): readonly Route[] =>
  [...files].flatMap(([path, read]) => {
    const route = (at: string): Route => ({
      method: 'GET',
      path: at,
      handle: async () => ({ status: 200, bytes: await read(), type: typeOf(path) }),
    });
    // What looks like a parameter would match anything.
    if (path.includes(':')) return [];
    return path === 'index.html' ? [route('/'), route('/index.html')] : [route(`/${path}`)];
  });

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=UTF-8',
  html: 'text/html; charset=UTF-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=UTF-8',
  json: 'application/json; charset=UTF-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  ttf: 'font/ttf',
  txt: 'text/plain; charset=UTF-8',
  woff: 'font/woff',
  woff2: 'font/woff2',
};

const typeOf = (path: string): string =>
  TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
