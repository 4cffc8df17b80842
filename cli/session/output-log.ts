// The rows that a job has printed, the newest of them kept. Rows that no checkpoint covers are marked; a
// restore takes them back, and the job makes them again.

import type { OutputModel, OutputRow } from '../model/notebook-model.ts';
import { textOf } from '../run/output.ts';
import type { RowEvents } from '../run/result-reader.ts';

const ROWS_KEPT = 1_000;

interface LoggedRow {
  readonly sink: string;
  readonly subtask: number | undefined;
  readonly text: string;
  tentative: boolean;
  isWithdrawn: boolean;
  readonly message: OutputRow['message'];
}

export class OutputLog {
  readonly #onChange: () => void;
  #rows: LoggedRow[] = [];
  #total = 0;
  #messages = 0;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Rows of its sinks, without messages. */
  get rows(): number {
    return this.#total - this.#messages;
  }

  /** What one subtask of a sink prints. */
  lane(sink: string, subtask: number | undefined): RowEvents {
    // In the order of their coming; those that are no longer kept are only counted.
    let tentative: LoggedRow[] = [];
    let uncounted = 0;
    return {
      onRows: (texts, isTentative) => {
        const rows = texts.map((text) => ({
          sink,
          subtask,
          text: textOf(text),
          tentative: isTentative,
          isWithdrawn: false,
          message: undefined,
        }));
        this.#add(rows);
        if (!isTentative) return;
        tentative.push(...rows);
        const over = tentative.length - ROWS_KEPT;
        if (over > 0) tentative = tentative.slice(over);
        uncounted += Math.max(0, over);
      },
      onCommitted: (count) => {
        const old = Math.min(count, uncounted);
        uncounted -= old;
        for (const row of tentative.splice(0, count - old)) row.tentative = false;
        this.#onChange();
      },
      onWithdrawn: (count) => {
        const taken = tentative.splice(Math.max(0, tentative.length - count));
        uncounted = Math.max(0, uncounted - (count - taken.length));
        for (const row of taken) row.isWithdrawn = true;
        this.#rows = this.#rows.filter(({ isWithdrawn }) => !isWithdrawn);
        this.#total -= count;
        this.#onChange();
      },
    };
  }

  /** Something that the job says, where it says it. */
  say(message: 'info' | 'warn', text: string): void {
    this.#messages++;
    const about = { sink: '', subtask: undefined, message };
    this.#add([{ ...about, text, tentative: false, isWithdrawn: false }]);
  }

  /** As it stands now. */
  model(): OutputModel {
    const rows = this.#rows.map(({ isWithdrawn: _, ...row }): OutputRow => ({ ...row }));
    const dropped = this.#total - rows.length;
    return { rows, dropped, total: this.#total, messages: this.#messages };
  }

  #add(rows: readonly LoggedRow[]): void {
    this.#rows.push(...rows);
    this.#total += rows.length;
    // Cut now and then, not for every row.
    if (this.#rows.length > 2 * ROWS_KEPT) this.#rows = this.#rows.slice(-ROWS_KEPT);
    this.#onChange();
  }
}
