// The recorded exchanges with a real Flink, as they stand in test/fixtures/flink-rest.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Exchange {
  /** `GET /jobs/:jobid`. */
  readonly endpoint: string;
  /** The job that was asked about, and what was odd in the request. */
  readonly state: string;
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly response: { readonly status: number; readonly body?: unknown; readonly type?: string };
}

const directory = fileURLToPath(new URL('../../fixtures/flink-rest', import.meta.url));

export function recordedExchanges(): readonly Exchange[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const { endpoint, exchanges } = JSON.parse(readFileSync(`${directory}/${name}`, 'utf8')) as {
        readonly endpoint: string;
        readonly exchanges: readonly Omit<Exchange, 'endpoint'>[];
      };
      return exchanges.map((exchange) => ({ endpoint, ...exchange }));
    });
}
