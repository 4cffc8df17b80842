// Many clients of one cluster, each with a connection of its own and a request every so often: when a request
// is due does not depend on how the last one went, so a cluster that stalls is not measured less for it.

import { createConnection, type Socket } from 'node:net';

export interface LoadPlan {
  readonly port: number;
  readonly clients: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** `GET` paths, one after the other, with the status that each is to have. */
  readonly requests: readonly (readonly [path: string, status: number])[];
}

export interface LoadReport {
  readonly sent: number;
  readonly answered: number;
  /** What was not as planned: statuses, broken connections. The first of them. */
  readonly errors: readonly string[];
  /** From when a request was due to the end of its answer, ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const ERRORS_MAX = 20;
/** For what is still on its way at the end. */
const DRAIN_MS = 5_000;

export async function load(plan: LoadPlan): Promise<LoadReport> {
  const clients = Array.from({ length: plan.clients }, (_, i) => new LoadClient(plan, i));
  await Promise.all(clients.map((client) => client.connect()));
  const beginMs = performance.now();
  await Promise.all(clients.map((client) => client.run(beginMs)));
  const latencies = Float64Array.from(clients.flatMap(({ latencies: own }) => own)).sort();
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN;
  return {
    sent: clients.reduce((sum, { sent }) => sum + sent, 0),
    answered: latencies.length,
    errors: clients.flatMap(({ errors }) => errors).slice(0, ERRORS_MAX),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  };
}

class LoadClient {
  readonly latencies: number[] = [];
  readonly errors: string[] = [];
  sent = 0;
  readonly #plan: LoadPlan;
  readonly #index: number;
  readonly #answers = new Answers();
  #socket: Socket | undefined;
  #isOver = false;

  constructor(plan: LoadPlan, index: number) {
    this.#plan = plan;
    this.#index = index;
  }

  connect(): Promise<void> {
    const socket = createConnection({ host: '127.0.0.1', port: this.#plan.port, noDelay: true });
    this.#socket = socket;
    socket.on('data', (chunk) => this.#answers.take(chunk));
    socket.on('error', (error) => this.#break(error.message));
    socket.on('close', () => this.#break('the connection was closed'));
    return new Promise((resolve) => socket.once('connect', () => resolve()));
  }

  /** Requests are spread over the second: no two clients send in step. */
  async run(beginMs: number): Promise<void> {
    const { clients, perSecond, seconds, requests, port } = this.#plan;
    const everyMs = (1_000 * clients) / perSecond;
    const firstMs = beginMs + (everyMs * this.#index) / clients;
    for (
      let dueMs = firstMs, i = this.#index;
      dueMs < beginMs + seconds * 1_000;
      dueMs += everyMs
    ) {
      await until(dueMs);
      if (this.errors.length > 0) break;
      const [path = '/', wanted = 200] = requests[i++ % requests.length] ?? [];
      this.sent++;
      this.#socket?.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
      const status = await this.#answer();
      this.latencies.push(Math.max(0, performance.now() - dueMs));
      if (status !== wanted) this.errors.push(`${path}: ${status}`);
    }
    this.#isOver = true;
    this.#socket?.destroy();
  }

  #answer(): Promise<number> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(0), DRAIN_MS);
      this.#answers.next((status) => {
        clearTimeout(timer);
        resolve(status);
      });
    });
  }

  #break(why: string): void {
    if (this.#isOver) return;
    this.errors.push(why);
    this.#answers.end();
  }
}

/** The answers on one connection, one at a time; each has its length in its head. */
class Answers {
  #rest: Buffer = Buffer.alloc(0);
  #onStatus: ((status: number) => void) | undefined;

  next(onStatus: (status: number) => void): void {
    this.#onStatus = onStatus;
  }

  end(): void {
    this.#onStatus?.(0);
  }

  take(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const headEnd = this.#rest.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#rest.toString('latin1', 0, headEnd);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#rest.length < headEnd + 4 + length) return;
    this.#rest = this.#rest.subarray(headEnd + 4 + length);
    this.#onStatus?.(Number(head.slice(9, 12)));
  }
}

function until(ms: number): Promise<void> {
  const waitMs = ms - performance.now();
  return waitMs <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, waitMs));
}
