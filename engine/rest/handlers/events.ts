// GET /sluice/v1/events: what happens in the cluster, as server-sent events with ids. A reader resumes with
// Last-Event-ID; one that does not read fast enough is cut off and may resume: it slows nobody.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, every } from '../../core/clock.ts';
import type { EventLog, NumberedEvent } from '../../runtime/dispatcher/event-log.ts';
import type { RestContext } from '../rest-context.ts';
import type { Route } from '../router.ts';

const BUFFERED_BYTES_MAX = 1024 * 1024;
/** A comment now and then tells both ends that the other is there. */
const PING_MS = 10_000;

export const events = ({ dispatcher, clock }: RestContext): Route => ({
  method: 'GET',
  path: '/sluice/v1/events',
  handle: () => ({
    stream: (incoming, response) => stream(dispatcher.events, clock, incoming, response),
  }),
});

function stream(
  log: EventLog,
  clock: Clock,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': sluice\n\n');
  const last = Number(incoming.headers['last-event-id'] ?? Number.NaN);
  if (Number.isInteger(last)) for (const event of log.since(last)) write(response, event);
  const stop = log.listen((event) => write(response, event));
  const pings = every(clock, PING_MS, () => response.write(': ping\n\n'));
  response.on('close', () => {
    stop();
    pings[Symbol.dispose]();
  });
}

function write(response: ServerResponse, { id, atMs, event }: NumberedEvent): void {
  response.write(
    `id: ${id}\nevent: ${event.kind}\ndata: ${JSON.stringify({ atMs, ...event })}\n\n`,
  );
  if (response.writableLength > BUFFERED_BYTES_MAX) response.destroy();
}
