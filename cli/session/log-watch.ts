// Reads the log that the screen shows, again and again while it is shown, and nothing when it is not.

import { type Clock, delay } from '../../engine/core/clock.ts';
import type { RestClient } from '../../engine/rest/rest-client.ts';
import type { LogModel } from '../model/cluster-model.ts';

const READ_MS = 3_000;
const LINES_MAX = 2_000;

export class LogWatch {
  readonly #client: Pick<RestClient, 'log'>;
  readonly #clock: Clock;
  readonly #onLog: (log: LogModel) => void;
  #abort: AbortController | undefined;

  constructor(client: Pick<RestClient, 'log'>, clock: Clock, onLog: (log: LogModel) => void) {
    this.#client = client;
    this.#clock = clock;
    this.#onLog = onLog;
  }

  /** `taskManager`: undefined for the JobManager's. */
  show(taskManager: string | undefined): void {
    this.hide();
    this.#abort = new AbortController();
    void this.#read(taskManager, this.#abort.signal);
  }

  hide(): void {
    this.#abort?.abort();
  }

  async #read(taskManager: string | undefined, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const log = await this.#client.log(taskManager, signal).then(
        (text) => ({ taskManager, lines: linesOf(text), problem: undefined }),
        (error: unknown) => ({ taskManager, lines: [], problem: (error as Error).message }),
      );
      if (!signal.aborted) this.#onLog(log);
      await delay(this.#clock, READ_MS, signal).catch(() => undefined);
    }
  }
}

const linesOf = (text: string): readonly string[] => text.trimEnd().split('\n').slice(-LINES_MAX);
