// One request and its answer, as a client sends them: no redirect is followed, an answer has a bound in bytes
// and in time, and what goes wrong on the way is a RestFailure.

import { X509Certificate } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import type { Clock } from '../core/clock.ts';
import { RestFailure } from './rest-failure.ts';
import type { OwnTls } from './rest-tls.ts';

export interface ExchangeSettings {
  /** `http://host:port`, with a path where a proxy puts the cluster below one. No slash at its end. */
  readonly url: string;
  readonly token: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Certificates, as PEM, that the cluster's must come from; absent: those that Node trusts. */
  readonly ca?: string;
  /**
   * The cluster's very own, as PEM, one or several: it is trusted whoever has signed it, and whatever name it has.
   * Of whoever asks, where the cluster asks back: its identity.
   */
  readonly own?: OwnTls;
}

export interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Until the answer begins, and between its parts; 0: as long as it takes. */
  readonly timeoutMs: number;
}

const BODY_BYTES_MAX = 64 * 1024 * 1024;
/** For an answer that has begun: one that drips for ever is none. */
const ANSWER_MS = 60_000;
const SOCKETS_MAX = 64;

export class HttpExchange {
  readonly #settings: ExchangeSettings;
  readonly #agent: Agent;

  constructor(settings: ExchangeSettings) {
    this.#settings = settings;
    const options = { keepAlive: true, maxSockets: SOCKETS_MAX };
    this.#agent = settings.url.startsWith('https:')
      ? new HttpsAgent({ ...options, ...trust(settings) })
      : new Agent(options);
  }

  /** Resolves when the answer begins. */
  open({ method, path, body, headers, signal, timeoutMs }: Outgoing): Promise<IncomingMessage> {
    const { url, token, headers: own } = this.#settings;
    const target = new URL(url + path);
    const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        target,
        {
          method,
          agent: this.#agent,
          ...(signal === undefined ? {} : { signal }),
          ...(timeoutMs > 0 ? { timeout: timeoutMs } : {}),
          headers: {
            ...own,
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-length': body.length }),
            ...headers,
          },
        },
        resolve,
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${timeoutMs} ms`)));
      outgoing.on('error', (error) =>
        reject(new RestFailure('unreachable', `no cluster answers at ${url}: ${error.message}`)),
      );
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function trust({ ca, own }: ExchangeSettings): ConnectionOptions {
  if (ca !== undefined) return { ca };
  if (own === undefined) return {};
  const { certificate, identity } = own;
  const known = certificate.split(/(?=-----BEGIN )/).map((pem) => new X509Certificate(pem).raw);
  return {
    ca: certificate,
    allowPartialTrustChain: true,
    checkServerIdentity: (host, shown) =>
      known.some((raw) => raw.equals(shown.raw)) ? undefined : checkServerIdentity(host, shown),
    ...identity,
  };
}

/**
 * `tailBytes`: only so much of its end is kept, however long it is; a character may be cut at its beginning.
 *
 * @throws RestFailure when it is too long, takes too long, or is cut off.
 */
export async function readText(
  answer: IncomingMessage,
  clock: Clock,
  tailBytes?: number,
): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const slow = new RestFailure('refused', `an answer that was not complete in ${ANSWER_MS} ms`);
  const timer = clock.after(ANSWER_MS, () => answer.destroy(slow));
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (tailBytes === undefined && length > BODY_BYTES_MAX)
        throw new RestFailure('refused', `an answer of more than ${BODY_BYTES_MAX} bytes`);
      chunks.push(chunk);
      while (tailBytes !== undefined && length - (chunks[0]?.length ?? 0) >= tailBytes)
        length -= chunks.shift()?.length ?? 0;
    }
  } catch (error) {
    if (error instanceof RestFailure) throw error;
    throw new RestFailure('unreachable', `the answer was cut off: ${(error as Error).message}`);
  } finally {
    timer[Symbol.dispose]();
  }
  const whole = Buffer.concat(chunks);
  return whole.toString('utf8', Math.max(0, length - (tailBytes ?? length)));
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
