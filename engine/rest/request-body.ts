// The body of a request: read up to a bound, or thrown away. A request that is refused while its client is
// still sending is answered at once, and the connection ends when the rest has been thrown away: a connection
// that is cut while bytes are on their way may lose the answer.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { RestError } from './rest-error.ts';

/** For how long the rest of a refused request is taken, to be thrown away. */
const LINGER_MS = 1_000;
/** A body that is thrown away rather than the connection. */
const SHORT_BYTES = 64 * 1024;

/** @throws RestError 413 for a longer body, before it is read when its length is declared. */
export async function readBody(incoming: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const tooLong = new RestError(413, `The body is longer than ${bytesMax} bytes.`);
  if (Number(incoming.headers['content-length'] ?? 0) > bytesMax) throw tooLong;
  const chunks: Buffer[] = [];
  let length = 0;
  // A loop that is left would destroy the connection, and with it the answer.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length;
    if (length > bytesMax) throw tooLong;
    chunks.push(chunk as Buffer);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

/** Little enough of it is left to come: the connection is good for another request. */
export const endsSoon = ({ complete, headers }: IncomingMessage): boolean =>
  complete || Number(headers['content-length'] ?? Number.NaN) <= SHORT_BYTES;

/** The whole answer has been written; it ends when nothing more of the request comes. */
export function endAfterRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): void {
  const timer = clock.after(LINGER_MS, () => response.end());
  incoming.once('close', () => {
    timer[Symbol.dispose]();
    response.end();
  });
  incoming.resume();
}
