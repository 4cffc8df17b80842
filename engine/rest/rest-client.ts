// The client of the door: what the screen and the verbs know of a cluster, embedded or remote. Answers are
// data of a stranger until they are checked; an error carries what the cluster said.

import { delay } from '../core/clock.ts';
import { newJobId } from '../core/ids.ts';
import type { MessagesAnswer } from '../core/job-message.ts';
import type { ResultsRequest } from '../core/results.ts';
import { systemClock } from '../core/system-clock.ts';
import { systemRandom } from '../core/system-random.ts';
import type { JsonPlan } from '../graph/json-plan.ts';
import { checkAnswer } from './answer-checks.ts';
import { Mismatch } from './check.ts';
import { Doors } from './doors.ts';
import { readEvents } from './event-reader.ts';
import {
  type ExchangeSettings,
  type HttpExchange,
  type Outgoing,
  parseJson,
  readText,
} from './http-exchange.ts';
import { jarForm } from './jar-form.ts';
import { gistOf } from './java-trace.ts';
import type { JobView } from './job-view.ts';
import { RestFailure } from './rest-failure.ts';
import type {
  AccumulatorMessage,
  ClusterOverview,
  JarRunRequest,
  JobOverview,
  JobResult,
  OperationResult,
  OperationStatus,
  ResourceRequirementsMessage,
  ResultsMessage,
  SavepointRequest,
  StopRequest,
  TaskManagerMessage,
} from './rest-messages.ts';
import { encodeSubmission, SUBMISSION_TYPE, type SubmissionParts } from './submission-format.ts';

export interface RestClientSettings extends ExchangeSettings {
  readonly timeoutMs?: number;
  /** Other addresses of the same cluster, as they are now, where it may have several. */
  readonly others?: () => readonly string[];
  /** The cluster is only looked at: whatever would change something is refused here, and not sent. */
  readonly isReadOnly?: boolean;
}

const TIMEOUT_MS = 15_000;
/** Where another address may answer. It is more than an answer is held back for. */
const TIMEOUT_OF_SEVERAL_MS = 4_000;
const OPERATION_POLL_MS = 50;
/** Of a log, from its end: what a person scrolls through. */
const LOG_BYTES = 256 * 1024;
const JSON_TYPE = 'application/json';

export class RestClient {
  readonly url: string;
  readonly isReadOnly: boolean;
  readonly #timeoutMs: number;
  readonly #doors: Doors;

  constructor(settings: RestClientSettings) {
    this.url = settings.url.replace(/\/$/, '');
    this.isReadOnly = settings.isReadOnly ?? false;
    const { others, timeoutMs } = settings;
    this.#timeoutMs = timeoutMs ?? (others === undefined ? TIMEOUT_MS : TIMEOUT_OF_SEVERAL_MS);
    this.#doors = new Doors({ ...settings, url: this.url }, others, systemClock);
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
    const path = `/v1/jobs/${jobId}?mode=cancel`;
    await this.#send('PATCH', path, Buffer.from('{}'), JSON_TYPE);
  }

  /** Resolves with the id of the checkpoint when it is complete. Rejects with the cause when it fails. */
  async triggerCheckpoint(
    jobId: string,
    checkpointType: 'CONFIGURED' | 'FULL' = 'CONFIGURED',
  ): Promise<number> {
    const path = `/v1/jobs/${jobId}/checkpoints`;
    const { checkpointId } = await this.#operate(path, { checkpointType }, path);
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
    await this.#send('PUT', path, body, JSON_TYPE);
  }

  /** Resolves with its place. */
  async triggerSavepoint(jobId: string, wanted: SavepointRequest): Promise<string> {
    const path = `/v1/jobs/${jobId}/savepoints`;
    const { location = '' } = await this.#operate(path, savepointBody(wanted), path);
    return location;
  }

  /** Resolves with the trigger id, by which its outcome can be asked for. */
  triggerSavepointDetached(jobId: string, wanted: SavepointRequest): Promise<string> {
    return this.#trigger(`/v1/jobs/${jobId}/savepoints`, savepointBody(wanted));
  }

  /** Resolves with the place of the savepoint when the job has ended. */
  async stop(jobId: string, wanted: StopRequest): Promise<string> {
    const path = `/v1/jobs/${jobId}`;
    const body = stopBody(wanted);
    const { location = '' } = await this.#operate(`${path}/stop`, body, `${path}/savepoints`);
    return location;
  }

  /** Resolves with the trigger id. */
  stopDetached(jobId: string, wanted: StopRequest): Promise<string> {
    return this.#trigger(`/v1/jobs/${jobId}/stop`, stopBody(wanted));
  }

  /** The end of its log. `taskManager`: undefined for the JobManager's. */
  log(taskManager: string | undefined, signal?: AbortSignal): Promise<string> {
    const of =
      taskManager === undefined ? 'jobmanager' : `taskmanagers/${encodeURIComponent(taskManager)}`;
    const path = `/v1/${of}/log`;
    const outgoing = { method: 'GET', path, signal, timeoutMs: this.#timeoutMs };
    return this.#doors.ask(async (exchange) => {
      const response = await exchange.open(outgoing);
      const text = await readText(response, systemClock, LOG_BYTES);
      const status = response.statusCode ?? 0;
      if (status === 200) return text;
      throw new RestFailure('refused', refusal(parseJson(text), status, this.url), status);
    }, signal);
  }

  async disposeSavepoint(location: string): Promise<void> {
    const path = '/v1/savepoint-disposal';
    await this.#operate(path, { 'savepoint-path': location }, path);
  }

  /** Resolves with its id among the uploaded. */
  async uploadJar(name: string, content: Uint8Array): Promise<string> {
    const { type, body } = jarForm(name, content);
    const { filename } = await this.#send<{ readonly filename: string }>(
      'POST',
      '/v1/jars/upload',
      body,
      type,
    );
    return filename.slice(filename.lastIndexOf('/') + 1);
  }

  /** Resolves with the id of the job. */
  async runJar(jarId: string, request: JarRunRequest): Promise<string> {
    const path = `/v1/jars/${encodeURIComponent(jarId)}/run`;
    return (await this.#post<{ readonly jobid: string }>(path, request)).jobid;
  }

  /** As `GET /jobs/:jobid/plan` shows it. Runs the jar's program on the cluster, up to its plan. */
  async planOfJar(jarId: string, request: JarRunRequest): Promise<JsonPlan> {
    const path = `/v1/jars/${encodeURIComponent(jarId)}/plan`;
    return (await this.#post<{ readonly plan: JsonPlan }>(path, request)).plan;
  }

  async deleteJar(jarId: string): Promise<void> {
    const path = `/v1/jars/${encodeURIComponent(jarId)}`;
    await this.#send('DELETE', path, Buffer.from('{}'), JSON_TYPE);
  }

  /** Asks once: undefined while the job runs. */
  async executionResult(jobId: string): Promise<JobResult | undefined> {
    const path = `/v1/jobs/${jobId}/execution-result`;
    return (await this.#get<{ readonly 'job-execution-result'?: JobResult }>(path))[
      'job-execution-result'
    ];
  }

  /** What the functions of the job have counted, merged over all subtasks. */
  async accumulators(jobId: string): Promise<readonly AccumulatorMessage[]> {
    const path = `/v1/jobs/${jobId}/accumulators`;
    return (
      await this.#get<{ readonly 'user-task-accumulators': readonly AccumulatorMessage[] }>(path)
    )['user-task-accumulators'];
  }

  /** Resolves with the id of the job. */
  async submit(parts: SubmissionParts): Promise<string> {
    const header = { ...parts.header, jobId: newJobId(systemRandom) };
    const answer = await this.#send<{ readonly jobid: string }>(
      'POST',
      '/sluice/v1/jobs',
      encodeSubmission({ ...parts, header }),
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
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    };
    const opening = this.#doors.current.open({
      method: 'GET',
      path: '/sluice/v1/events',
      headers,
      signal,
      timeoutMs: 0,
    });
    return readEvents(opening, onEvent, lastEventId);
  }

  close(): void {
    this.#doors.close();
  }

  /** Triggers it, and asks below `statusPath` until its outcome is known. Rejects with the cause of a failure. */
  async #operate(
    path: string,
    body: unknown,
    statusPath: string,
    signal?: AbortSignal,
  ): Promise<OperationResult> {
    const id = await this.#trigger(path, body);
    for (;;) {
      const answer = await this.#get<OperationStatus>(`${statusPath}/${id}`, signal);
      if (answer.status.id !== 'COMPLETED') {
        await delay(systemClock, OPERATION_POLL_MS, signal);
        continue;
      }
      const result = answer.operation ?? {};
      const failure = result.failureCause ?? result['failure-cause'];
      if (failure !== undefined) throw new RestFailure('refused', gistOf(failure['stack-trace']));
      return result;
    }
  }

  async #trigger(path: string, body: unknown): Promise<string> {
    const { 'request-id': id } = await this.#post<{ readonly 'request-id': string }>(path, body);
    return id;
  }

  #get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.#json({ method: 'GET', path, signal, timeoutMs: this.#timeoutMs });
  }

  #post<T>(path: string, body: unknown): Promise<T> {
    return this.#send('POST', path, Buffer.from(JSON.stringify(body)), JSON_TYPE);
  }

  async #send<T>(method: string, path: string, body: Uint8Array, type: string): Promise<T> {
    if (this.isReadOnly)
      throw new RestFailure(
        'read-only',
        `${this.url} is only looked at: its context is read-only (sluice context show)`,
      );
    const headers = { 'content-type': type };
    return this.#json({ method, path, body, headers, timeoutMs: this.#timeoutMs });
  }

  #json<T>(outgoing: Outgoing): Promise<T> {
    return this.#doors.ask((exchange) => this.#ask<T>(exchange, outgoing), outgoing.signal);
  }

  async #ask<T>(exchange: HttpExchange, outgoing: Outgoing): Promise<T> {
    const { method, path } = outgoing;
    const response = await exchange.open(outgoing);
    const json = parseJson(await readText(response, systemClock));
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299)
      throw new RestFailure('refused', refusal(json, status, this.url), status);
    try {
      checkAnswer(method, path, json);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      const asked = `${this.url} answers ${method} ${path.split('?')[0]}`;
      throw new RestFailure('refused', `${asked} with what cannot be: ${error.message}`, status);
    }
    return json as T;
  }
}

function refusal(json: unknown, status: number, url: string): string {
  const errors = (json as { readonly errors?: unknown } | null | undefined)?.errors;
  if (Array.isArray(errors) && errors.length > 0)
    return errors.map((error) => gistOf(String(error))).join('\n');
  const redirected = status >= 300 && status <= 399 ? ': redirects are not followed' : '';
  return `${url} answered with status ${status}${redirected}`;
}

const savepointBody = ({ directory, format, isCancelling }: SavepointRequest): unknown => ({
  'target-directory': directory ?? null,
  'cancel-job': isCancelling ?? false,
  formatType: format ?? 'CANONICAL',
});

const stopBody = ({ directory, format, isDrained }: StopRequest): unknown => ({
  targetDirectory: directory ?? null,
  drain: isDrained,
  formatType: format ?? 'CANONICAL',
});
