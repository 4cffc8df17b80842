// What a job has said, the latest of it kept, for clients that ask by number and wait for more.

import type { Clock } from '../../core/clock.ts';
import {
  type JobMessage,
  type MessagesAnswer,
  messageLine,
  type NumberedMessage,
} from '../../core/job-message.ts';
import { limits } from '../../core/limits.ts';
import type { Logger } from '../../core/logger.ts';

export class JobMessages {
  readonly #clock: Clock;
  readonly #log: Logger;
  #kept: NumberedMessage[] = [];
  #next = 0;
  #hasEnded = false;
  readonly #waiting = new Set<() => void>();

  /** @param log Has them all, too. */
  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  add(message: JobMessage): void {
    this.#kept.push({ ...message, number: this.#next++, atMs: this.#clock.now() });
    this.#log.log(message.level, messageLine(message));
    // Cut now and then, not for every message.
    if (this.#kept.length > 2 * limits.jobMessagesMax)
      this.#kept = this.#kept.slice(-limits.jobMessagesMax);
    this.#wake();
  }

  get kept(): readonly NumberedMessage[] {
    return this.#kept;
  }

  warn(text: string): void {
    this.add({ level: 'warn', source: '', text });
  }

  /** What it logs is said by the job. */
  logger(source: string): Logger {
    return {
      log: (level, text) => {
        if (level === 'debug') this.#log.log(level, messageLine({ source, text }));
        else this.add({ level, source, text });
      },
      named: (name) => this.logger(name),
    };
  }

  /** Those from this number on; with none, waits for one, for so long, or until the job has ended. */
  async since(number: number, waitMs: number): Promise<MessagesAnswer> {
    if (number >= this.#next && !this.#hasEnded && waitMs > 0) await this.#news(waitMs);
    const messages = this.#kept.filter((message) => message.number >= number);
    return { messages, next: this.#next, isLast: this.#hasEnded };
  }

  /** Nothing more will be said. */
  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  #news(waitMs: number): Promise<void> {
    return new Promise((done) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        timer[Symbol.dispose]();
        done();
      };
      const timer = this.#clock.after(waitMs, wake);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
