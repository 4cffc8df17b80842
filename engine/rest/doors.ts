// The addresses of one cluster, for a client: a request goes to the one that answered last, and where that is gone,
// or does not lead, to the others in turn, until one does or the patience is over. What is sent twice must
// therefore be taken once: a job is submitted under an id of the client's.

import { type Clock, delay } from '../core/clock.ts';
import { type ExchangeSettings, HttpExchange } from './http-exchange.ts';
import { RestFailure } from './rest-failure.ts';

/** Longer than another JobManager takes to lead. */
const PATIENCE_MS = 15_000;
const AGAIN_MS = 100;
/** The status of one that does not lead. */
const UNAVAILABLE = 503;

export class Doors {
  readonly #settings: ExchangeSettings;
  readonly #others: (() => readonly string[]) | undefined;
  readonly #clock: Clock;
  readonly #exchanges = new Map<string, HttpExchange>();
  /** Where it was answered last, or is to be asked first. */
  #url: string;
  #hasAnswered = false;

  /** @param others Addresses of the same cluster, as far as they are known now; undefined: it has but one. */
  constructor(
    settings: ExchangeSettings,
    others: (() => readonly string[]) | undefined,
    clock: Clock,
  ) {
    this.#settings = settings;
    this.#others = others;
    this.#clock = clock;
    this.#url = settings.url;
  }

  get current(): HttpExchange {
    return this.#at(this.#url);
  }

  /** Rejects as `work` does: at once for what another address would not answer otherwise. */
  async ask<T>(work: (exchange: HttpExchange) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const untilMs = this.#clock.monotonic() + PATIENCE_MS;
    for (;;) {
      const round = await this.#askEach(work, signal);
      if ('answer' in round) return round.answer;
      const isLate = this.#clock.monotonic() >= untilMs;
      if (isLate || !this.#mayBeElecting(round.failures)) throw round.failures[0];
      await delay(this.#clock, AGAIN_MS, signal);
    }
  }

  close(): void {
    for (const exchange of this.#exchanges.values()) exchange.close();
  }

  async #askEach<T>(
    work: (exchange: HttpExchange) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly answer: T } | { readonly failures: readonly RestFailure[] }> {
    const failures: RestFailure[] = [];
    for (const url of this.#urls()) {
      try {
        const answer = await work(this.#at(url));
        this.#url = url;
        this.#hasAnswered = true;
        return { answer };
      } catch (error) {
        if (signal?.aborted === true || !isElsewhere(error)) throw error;
        failures.push(error);
      }
    }
    return { failures };
  }

  /** Where nobody was ever met, nobody is. */
  #mayBeElecting(failures: readonly RestFailure[]): boolean {
    const isThere = this.#hasAnswered || failures.some(({ status }) => status === UNAVAILABLE);
    return this.#others !== undefined && isThere;
  }

  #urls(): readonly string[] {
    return [...new Set([this.#url, this.#settings.url, ...(this.#others?.() ?? [])])];
  }

  #at(url: string): HttpExchange {
    const exchange = this.#exchanges.get(url) ?? new HttpExchange({ ...this.#settings, url });
    this.#exchanges.set(url, exchange);
    return exchange;
  }
}

const isElsewhere = (error: unknown): error is RestFailure =>
  error instanceof RestFailure && (error.reason === 'unreachable' || error.status === UNAVAILABLE);
