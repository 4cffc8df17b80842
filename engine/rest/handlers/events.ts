// GET /sluice/v1/events: what happens in the cluster, as server-sent events with ids. A reader resumes with
// Last-Event-ID. Each reads from the log at its own pace and holds a place in it, nothing else: it slows
// nobody. One that has fallen behind what the log keeps is told so by `missed`, and goes on from what is left.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, every } from '../../core/clock.ts';
import type { EventLog, NumberedEvent } from '../../runtime/dispatcher/event-log.ts';
import type { Route } from '../router.ts';

/** A comment now and then tells both ends that the other is there. */
const PING_MS = 10_000;

interface EventsContext {
  readonly dispatcher: { readonly events: EventLog };
  readonly clock: Clock;
}

export const events = ({ dispatcher, clock }: EventsContext): Route => ({
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
  const reader = new EventReader(log, response, lastIdOf(incoming, log));
  reader.pump();
  response.on('drain', () => reader.pump());
  const stop = log.listen(() => reader.pump());
  const pings = every(clock, PING_MS, () => reader.ping());
  response.on('close', () => {
    stop();
    pings[Symbol.dispose]();
  });
}

/** What the reader had last; of one that says nothing, what is the latest now. */
function lastIdOf({ headers }: IncomingMessage, log: EventLog): number {
  const last = Number(headers['last-event-id'] ?? Number.NaN);
  return Number.isInteger(last) ? last : log.latestId;
}

class EventReader {
  readonly #log: EventLog;
  readonly #response: ServerResponse;
  #lastId: number;

  constructor(log: EventLog, response: ServerResponse, lastId: number) {
    this.#log = log;
    this.#response = response;
    this.#lastId = lastId;
  }

  /** Writes what is new, as long as the connection takes it. */
  pump(): void {
    if (!this.#isReady) return;
    // An id that was never given is one of a cluster before this one.
    const isKnown = this.#lastId <= this.#log.latestId;
    const events = this.#log.since(isKnown ? this.#lastId : 0);
    const firstId = events[0]?.id ?? this.#log.latestId + 1;
    if (firstId !== this.#lastId + 1) this.#write(missedText(this.#lastId, firstId));
    this.#lastId = firstId - 1;
    for (const event of events) {
      if (!this.#isReady) return;
      this.#write(eventText(event));
      this.#lastId = event.id;
    }
  }

  ping(): void {
    if (this.#isReady) this.#write(': ping\n\n');
  }

  get #isReady(): boolean {
    return !this.#response.destroyed && !this.#response.writableNeedDrain;
  }

  #write(text: string): void {
    this.#response.write(text);
  }
}

const eventText = ({ id, atMs, event }: NumberedEvent): string =>
  `id: ${id}\nevent: ${event.kind}\ndata: ${JSON.stringify({ atMs, ...event })}\n\n`;

const missedText = (after: number, firstId: number): string =>
  `event: missed\ndata: ${JSON.stringify({ after, firstId })}\n\n`;
