import { describe, expect, test } from 'vitest';
import { cancelRoutes } from '../../engine/rest/handlers/cancel-job.ts';
import type { RestContext } from '../../engine/rest/rest-context.ts';
import { testContext } from './context.ts';
import { startEndpoint, type TestEndpoint } from './endpoint.ts';

const JOB = '0123456789abcdef0123456789abcdef';

async function setUp(): Promise<{ endpoint: TestEndpoint; cancelled: string[] }> {
  const cancelled: string[] = [];
  const dispatcher = {
    job: () => ({}),
    details: () => ({ state: 'RUNNING' }),
    cancel: (id: string) => Promise.resolve(cancelled.push(id)),
  } as unknown as RestContext['dispatcher'];
  return { cancelled, endpoint: await startEndpoint(cancelRoutes(testContext({ dispatcher }))) };
}

describe('the GET that cancels', () => {
  test.each([undefined, 'same-origin'])('is obeyed from %s', async (site) => {
    const { endpoint, cancelled } = await setUp();
    const headers = site === undefined ? {} : { 'sec-fetch-site': site };
    expect((await endpoint.ask(`/jobs/${JOB}/yarn-cancel`, { headers })).status).toBe(202);
    expect(cancelled).toEqual([JOB]);
  });

  // A link in a mail, an address that was typed.
  test.each(['none', 'cross-site', 'same-site'])('is not obeyed from %s', async (site) => {
    const { endpoint, cancelled } = await setUp();
    const headers = { 'sec-fetch-site': site };
    expect((await endpoint.ask(`/jobs/${JOB}/yarn-cancel`, { headers })).status).toBe(403);
    expect(cancelled).toEqual([]);
  });
});
