// GET /sluice/v1/events: what happens in the cluster, as server-sent events with ids. A reader says which topics
// it wants, of which jobs, and resumes with Last-Event-ID. Each reads from the log at its own pace and holds a
// place in it, nothing else: it slows nobody. One that has fallen behind what the log keeps is told so by
// `missed`, and goes on from what is left.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, every } from '../../core/clock.ts';
import {
  EVENT_TOPICS,
  type EventLog,
  type EventTopic,
  type NumberedEvent,
} from '../../runtime/dispatcher/event-log.ts';
import type { JobObservations, Wanted } from '../job-observations.ts';
import { badQuery, jobIdsIn } from '../request-parameters.ts';
import type { RestRequest, Route } from '../router.ts';

/** A comment now and then tells both ends that the other is there. */
const PING_MS = 10_000;

/** What a reader gets that does not say. */
const USUAL: readonly EventTopic[] = ['state', 'checkpoint'];

interface EventsContext {
  readonly dispatcher: { readonly events: EventLog };
  readonly clock: Clock;
}

export const events = (
  context: EventsContext,
  observations: Pick<JobObservations, 'watch'>,
): Route => ({
  method: 'GET',
  path: '/sluice/v1/events',
  handle(request) {
    const wanted = { topics: topicsIn(request), jobs: jobIdsIn(request) };
    return {
      stream(incoming, response) {
        const leave = observations.watch(wanted);
        response.on('close', leave);
        stream(context, wanted, incoming, response);
      },
    };
  },
});

/** `kinds=state,metrics`. @throws RestError 400 naming one that there is not. */
function topicsIn({ query }: RestRequest): readonly EventTopic[] {
  const words = query.get('kinds')?.split(',');
  return (
    words?.map((word) => {
      const topic = EVENT_TOPICS.find((one) => one === word);
      if (topic === undefined) throw badQuery('kinds', word);
      return topic;
    }) ?? USUAL
  );
}

function stream(
  { dispatcher: { events: log }, clock }: EventsContext,
  wanted: Wanted,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': sluice\n\n');
  const reader = new EventReader(log, wanted, response, lastIdOf(incoming, log));
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
  readonly #wanted: Wanted;
  readonly #response: ServerResponse;
  #lastId: number;

  constructor(log: EventLog, wanted: Wanted, response: ServerResponse, lastId: number) {
    this.#log = log;
    this.#wanted = { ...wanted, topics: [...new Set(wanted.topics)] };
    this.#response = response;
    this.#lastId = lastId;
  }

  /** Writes what is new, as long as the connection takes it. */
  pump(): void {
    if (!this.#isReady) return;
    const { topics } = this.#wanted;
    this.#skipLost(this.#log.lostId(topics));
    const { latestId } = this.#log;
    for (const event of this.#log.since(this.#lastId, topics)) {
      if (!this.#isReady) return;
      if (this.#isFor(event)) this.#write(eventText(event));
      this.#lastId = event.id;
    }
    this.#lastId = latestId;
  }

  /** With the number to resume from: what came meanwhile may all have been for others. */
  ping(): void {
    if (this.#isReady) this.#write(`id: ${this.#lastId}\n: ping\n\n`);
  }

  #skipLost(lostId: number): void {
    // An id that was never given is one of a cluster before this one.
    const isKnown = this.#lastId <= this.#log.latestId;
    if (isKnown && this.#lastId >= lostId) return;
    this.#write(missedText(this.#lastId, lostId + 1));
    this.#lastId = lostId;
  }

  #isFor({ event }: NumberedEvent): boolean {
    const { jobs } = this.#wanted;
    return jobs === undefined || !('jobId' in event) || jobs.includes(event.jobId);
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
