import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Router } from '../../engine/rest/router.ts';
import { echo } from './endpoint.ts';

const router = new Router([
  echo('GET', '/jobs/:jobid'),
  echo('GET', '/jobs/overview'),
  echo('PATCH', '/jobs/:jobid'),
  echo('GET', '/jobs/:jobid/vertices/:vertexid'),
  echo('GET', '/jobs/:jobid/vertices/metrics'),
]);

const pathOf = (path: string, method = 'GET'): string | undefined =>
  router.match(method, path)?.route.path;

describe('a path', () => {
  test('finds its route with and without the version before it', () => {
    expect([pathOf('/jobs/a'), pathOf('/v1/jobs/a')]).toEqual(['/jobs/:jobid', '/jobs/:jobid']);
  });

  test('of another version finds none', () => {
    expect(pathOf('/v2/jobs/a')).toBeUndefined();
  });

  test('may have doubled slashes and one at its end', () => {
    expect(pathOf('//v1//jobs/a/')).toBe('/jobs/:jobid');
  });

  test('is matched letter by letter', () => {
    expect(pathOf('/JOBS/a')).toBeUndefined();
  });

  test('goes to the route that names it, whatever stands first in the table', () => {
    expect(pathOf('/jobs/overview')).toBe('/jobs/overview');
    expect(pathOf('/jobs/a/vertices/metrics')).toBe('/jobs/:jobid/vertices/metrics');
  });

  test('is decoded before it is matched, and so are its parameters', () => {
    expect(pathOf('/%6aobs/overview')).toBe('/jobs/overview');
    expect(router.match('GET', '/jobs/a%2Fb%20c')?.parameters).toEqual({ jobid: 'a/b c' });
  });

  test('that is badly encoded is an error', () => {
    expect(() => router.match('GET', '/jobs/%zz')).toThrow(URIError);
  });

  test('with another method is known and has no route', () => {
    expect(pathOf('/jobs/a', 'DELETE')).toBeUndefined();
    expect(router.knows('/jobs/a')).toBe(true);
    expect(router.knows('/nothing')).toBe(false);
  });
});

describe('parameters', () => {
  test('named like what every object has are parameters like others', () => {
    const own = new Router([echo('GET', '/x/:__proto__/:constructor')]);
    const parameters = own.match('GET', '/x/a/b')?.parameters ?? {};
    expect(Object.entries(parameters)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  test('are what was sent, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (text) => {
        fc.pre(text.isWellFormed());
        const match = router.match('GET', `/jobs/${encodeURIComponent(text)}`);
        expect(match?.route.path === '/jobs/overview' || match?.parameters['jobid'] === text).toBe(
          true,
        );
      }),
    );
  });
});
