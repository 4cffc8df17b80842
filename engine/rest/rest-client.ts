// The client of the door: what the screen and the verbs know of a cluster, embedded or remote. Answers are
// data of a stranger until they are checked; an error carries what the cluster said.

import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { delay } from '../core/clock.ts';
import { SluiceError } from '../core/errors.ts';
import type { MessagesAnswer } from '../core/job-message.ts';
import type { ResultsRequest } from '../core/results.ts';
import { systemClock } from '../core/system-clock.ts';
import type { JobView } from './job-view.ts';
import type {
  ClusterOverview,
  JobOverview,
  OperationResult,
  OperationStatus,
  ResourceRequirementsMessage,
  ResultsMessage,
  TaskManagerMessage,
} from './rest-messages.ts';
import { encodeSubmission, SUBMISSION_TYPE, type SubmissionParts } from './submission-format.ts';

export interface RestClientSettings {
  /** `http://host:port`, with a path where a proxy puts the cluster below one. */
  readonly url: string;
  readonly token: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** `unreachable`: nobody answers. `refused`: an answer that is no 2xx; its status is in `status`. */
export class RestFailure extends SluiceError<'unreachable' | 'refused'> {
  readonly status: number | undefined;

  constructor(reason: 'unreachable' | 'refused', message: string, status?: number) {
    super(reason, message);
    this.name = 'RestFailure';
    this.status = status;
  }
}

const TIMEOUT_MS = 15_000;
const OPERATION_POLL_MS = 50;
const BODY_BYTES_MAX = 64 * 1024 * 1024;

export class RestClient {
  readonly url: string;
  readonly #settings: RestClientSettings;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(settings: RestClientSettings) {
    this.#settings = settings;
    this.url = settings.url.replace(/\/$/, '');
  }

  overview(signal?: AbortSignal): Promise<ClusterOverview> {
    return this.#get('/v1/overview', signal);
  }

  config(signal?: AbortSignal): Promise<{
    readonly 'flink-version': string;
    readonly 'flink-revision': string;
    readonly 'refresh-interval': number;
  }> {
    return this.#get('/v1/config', signal);
  }

  async jobs(signal?: AbortSignal): Promise<readonly JobOverview[]> {
    const { jobs } = await this.#get<{ readonly jobs: readonly JobOverview[] }>(
      '/v1/jobs/overview',
      signal,
    );
    return jobs;
  }

  async taskManagers(signal?: AbortSignal): Promise<readonly TaskManagerMessage[]> {
    const answer = await this.#get<{ readonly taskmanagers: readonly TaskManagerMessage[] }>(
      '/v1/taskmanagers',
      signal,
    );
    return answer.taskmanagers;
  }

  /** Any path, for answers that only few look at. */
  ask<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.#get(path, signal);
  }

  /** Only of a sluice. */
  job(jobId: string, signal?: AbortSignal): Promise<JobView> {
    return this.#get(`/sluice/v1/jobs/${jobId}`, signal);
  }

  async cancel(jobId: string): Promise<void> {
    await this.#send(
      'PATCH',
      `/v1/jobs/${jobId}?mode=cancel`,
      Buffer.from('{}'),
      'application/json',
    );
  }

  /** Resolves with the id of the checkpoint when it is complete. Rejects with the cause when it fails. */
  async triggerCheckpoint(jobId: string, signal?: AbortSignal): Promise<number> {
    const path = `/v1/jobs/${jobId}/checkpoints`;
    const { checkpointId } = await this.#operate(path, {}, path, signal);
    return checkpointId ?? Number.NaN;
  }

  /** Upper bounds of these vertices, all others as they are. Resolves when it is accepted. */
  async rescale(jobId: string, parallelisms: Readonly<Record<string, number>>): Promise<void> {
    const path = `/v1/jobs/${jobId}/resource-requirements`;
    const known = await this.#get<ResourceRequirementsMessage>(path);
    const wanted = Object.entries(known).map(([id, { parallelism }]) => {
      const upperBound = parallelisms[id] ?? parallelism.upperBound;
      const lowerBound = Math.min(parallelism.lowerBound, upperBound);
      return [id, { parallelism: { lowerBound, upperBound } }] as const;
    });
    const body = Buffer.from(JSON.stringify(Object.fromEntries(wanted)));
    await this.#send('PUT', path, body, 'application/json');
  }

  /** Resolves with its place. `directory`: undefined for the cluster's. */
  async triggerSavepoint(jobId: string, directory: string | undefined): Promise<string> {
    const path = `/v1/jobs/${jobId}/savepoints`;
    const body = { 'target-directory': directory, 'cancel-job': false };
    const { location = '' } = await this.#operate(path, body, path);
    return location;
  }

  /** Resolves with the place of the savepoint when the job has ended. */
  async stop(jobId: string, targetDirectory: string | undefined, drain: boolean): Promise<string> {
    const path = `/v1/jobs/${jobId}`;
    const body = { targetDirectory, drain };
    const { location = '' } = await this.#operate(`${path}/stop`, body, `${path}/savepoints`);
    return location;
  }

  async disposeSavepoint(location: string): Promise<void> {
    const path = '/v1/savepoint-disposal';
    await this.#operate(path, { 'savepoint-path': location }, path);
  }

  /** Resolves with the id of the job. */
  async submit(parts: SubmissionParts): Promise<string> {
    const answer = await this.#send<{ readonly jobid: string }>(
      'POST',
      '/sluice/v1/jobs',
      encodeSubmission(parts),
      SUBMISSION_TYPE,
    );
    return answer.jobid;
  }

  results(
    jobId: string,
    operatorId: string,
    lane: number,
    request: ResultsRequest,
    signal?: AbortSignal,
  ): Promise<ResultsMessage> {
    const query = new URLSearchParams({
      version: request.version,
      offset: String(request.offset),
      committed: String(request.committedOffset),
      max: String(request.rowsMax),
      wait: String(request.waitMs),
    });
    return this.#get(
      `/sluice/v1/jobs/${jobId}/results/${operatorId}/${lane}?${query.toString()}`,
      signal,
    );
  }

  /** What the job has said from that number on; waits for news for as long as it is told. */
  messages(
    jobId: string,
    since: number,
    waitMs: number,
    signal?: AbortSignal,
  ): Promise<MessagesAnswer> {
    return this.#get(`/sluice/v1/jobs/${jobId}/messages?since=${since}&wait=${waitMs}`, signal);
  }

  /** Calls for each event until the signal aborts; then, or when the connection ends, it resolves. */
  events(
    onEvent: (kind: string, data: unknown) => void,
    signal: AbortSignal,
    lastEventId?: string,
  ): Promise<string | undefined> {
    return readEvents(
      this.#open(
        'GET',
        '/sluice/v1/events',
        undefined,
        {
          accept: 'text/event-stream',
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
        signal,
        0,
      ),
      onEvent,
      lastEventId,
    );
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Triggers it, and asks below `statusPath` until its outcome is known. Rejects with the cause of a failure. */
  async #operate(
    path: string,
    body: unknown,
    statusPath: string,
    signal?: AbortSignal,
  ): Promise<OperationResult> {
    const { 'request-id': id } = await this.#send<{ readonly 'request-id': string }>(
      'POST',
      path,
      Buffer.from(JSON.stringify(body)),
      'application/json',
    );
    for (;;) {
      const answer = await this.#get<OperationStatus>(`${statusPath}/${id}`, signal);
      if (answer.status.id !== 'COMPLETED') {
        await delay(systemClock, OPERATION_POLL_MS, signal);
        continue;
      }
      const result = answer.operation ?? {};
      const failure = result.failureCause ?? result['failure-cause'];
      if (failure !== undefined) throw new RestFailure('refused', failure['stack-trace']);
      return result;
    }
  }

  #get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.#json('GET', path, undefined, {}, signal);
  }

  #send<T>(method: string, path: string, body: Uint8Array, type: string): Promise<T> {
    return this.#json(method, path, body, { 'content-type': type });
  }

  async #json<T>(
    method: string,
    path: string,
    body: Uint8Array | undefined,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<T> {
    const response = await this.#open(
      method,
      path,
      body,
      headers,
      signal,
      this.#settings.timeoutMs ?? TIMEOUT_MS,
    );
    const text = await readText(response);
    const status = response.statusCode ?? 0;
    const json = parseJson(text);
    if (status < 200 || status > 299)
      throw new RestFailure('refused', refusal(json, status, this.url), status);
    return json as T;
  }

  #open(
    method: string,
    path: string,
    body: Uint8Array | undefined,
    headers: Record<string, string>,
    signal: AbortSignal | undefined,
    timeoutMs: number,
  ): Promise<IncomingMessage> {
    const { token, headers: own } = this.#settings;
    const url = new URL(this.url + path);
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        url,
        {
          method,
          ...(url.protocol === 'http:' ? { agent: this.#agent } : {}),
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
        reject(
          new RestFailure('unreachable', `no cluster answers at ${this.url}: ${error.message}`),
        ),
      );
      outgoing.end(body);
    });
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX)
      throw new RestFailure('refused', `an answer of more than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(json: unknown, status: number, url: string): string {
  const errors = (json as { readonly errors?: unknown } | undefined)?.errors;
  if (Array.isArray(errors) && errors.length > 0) return errors.map(String).join('\n');
  return `${url} answered with status ${status}`;
}

async function readEvents(
  opening: Promise<IncomingMessage>,
  onEvent: (kind: string, data: unknown) => void,
  lastEventId: string | undefined,
): Promise<string | undefined> {
  let last = lastEventId;
  try {
    const response = await opening;
    if (response.statusCode !== 200) return last;
    let text = '';
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) last = takeEvent(block, onEvent) ?? last;
    }
  } catch {
    // aborted, or the connection broke: the caller opens another
  }
  return last;
}

function takeEvent(
  block: string,
  onEvent: (kind: string, data: unknown) => void,
): string | undefined {
  const fields = new Map(
    block
      .split('\n')
      .map(
        (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const,
      ),
  );
  const [kind, data] = [fields.get('event'), fields.get('data')];
  if (kind !== undefined && data !== undefined) onEvent(kind, parseJson(data));
  return fields.get('id');
}
