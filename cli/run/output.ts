// Rows on stdout. Where every job ends by itself, rows come in the order of the cells and their sinks,
// whichever is quicker: rows of later ones wait, up to a bound, so that two runs print the same. Each row is
// printed once, when it is committed; with `eager` at once.

import type { RowEvents } from './result-reader.ts';

export interface RowSource {
  readonly job: string;
  readonly sink: string;
  /** What stands before each row; may be empty. */
  readonly label: string;
  readonly subtask: number;
  readonly parallelism: number;
}

export interface OutputSettings {
  readonly json: boolean;
  readonly eager: boolean;
  /** Whether rows of one source wait for those of the sources before it. */
  readonly ordered: boolean;
  readonly write: (text: string) => void;
}

/** What one source's rows are handed to. */
export interface RowLane extends RowEvents {
  /** No further row comes; what is tentative now is never printed. */
  end(): void;
  /** How many of its rows stand on stdout. */
  printed(): number;
}

/** Rows that wait for their turn, over all sources. */
const WAITING_MAX = 20_000;

/** Rows that are written at once. */
const PIECE = 1_000;

export class RowOutput {
  readonly #settings: OutputSettings;
  readonly #lanes: Lane[] = [];
  #waiting = 0;

  constructor(settings: OutputSettings) {
    this.#settings = settings;
  }

  /** Sources are added in the order in which their rows are to come. */
  add(source: RowSource): RowLane {
    const lane = new Lane(source, this.#settings, (rows) => this.#print(lane, rows));
    this.#lanes.push(lane);
    return {
      onRows: (rows, tentative) => lane.onRows(rows, tentative),
      onCommitted: (rows) => lane.onCommitted(rows),
      onWithdrawn: (rows) => lane.onWithdrawn(rows),
      end: () => {
        lane.hasEnded = true;
        this.#advance();
      },
      printed: () => lane.printed,
    };
  }

  /** Prints what still waits: nothing more comes. */
  flush(): void {
    for (const lane of this.#lanes) this.#release(lane);
  }

  #print(lane: Lane, rows: readonly string[]): void {
    if (!this.#settings.ordered || this.#turn() === lane) return this.#write(lane, rows);
    // Not all at once: a checkpoint may commit more rows than a call takes arguments.
    for (const row of rows) lane.waiting.push(row);
    this.#waiting += rows.length;
    // Too much to hold back: the order is given up, no row is.
    if (this.#waiting > WAITING_MAX) this.flush();
  }

  #advance(): void {
    if (!this.#settings.ordered) return;
    for (const lane of this.#lanes) {
      this.#release(lane);
      if (!lane.hasEnded) return;
    }
  }

  #release(lane: Lane): void {
    const rows = lane.waiting.splice(0);
    this.#waiting -= rows.length;
    this.#write(lane, rows);
  }

  /** The first source that has not ended. */
  #turn(): Lane | undefined {
    return this.#lanes.find(({ hasEnded }) => !hasEnded);
  }

  #write(lane: Lane, rows: readonly string[]): void {
    lane.printed += rows.length;
    // In pieces, for a text has a greatest length.
    for (let from = 0; from < rows.length; from += PIECE) {
      const piece = rows.slice(from, from + PIECE);
      this.#settings.write(piece.map((row) => `${this.#line(lane.source, row)}\n`).join(''));
    }
  }

  #line({ job, sink, label, subtask, parallelism }: RowSource, row: string): string {
    if (this.#settings.json) {
      return `{"job":${JSON.stringify(job)},"sink":${JSON.stringify(sink)},"subtask":${subtask},"value":${row}}`;
    }
    const prefix = parallelism > 1 ? `${subtask + 1}> ` : '';
    const before = label === '' ? prefix : `${label}:${prefix === '' ? '> ' : prefix}`;
    return `${before}${textOf(row)}`;
  }
}

/** One source's rows: those that are not committed are held, unless rows are wanted at once. */
class Lane {
  readonly source: RowSource;
  readonly waiting: string[] = [];
  hasEnded = false;
  printed = 0;
  readonly #eager: boolean;
  readonly #print: (rows: readonly string[]) => void;
  readonly #tentative: string[] = [];

  constructor(
    source: RowSource,
    { eager }: OutputSettings,
    print: (rows: readonly string[]) => void,
  ) {
    this.source = source;
    this.#eager = eager;
    this.#print = print;
  }

  onRows(rows: readonly string[], tentative: boolean): void {
    if (!tentative || this.#eager) return this.#print(rows);
    for (const row of rows) this.#tentative.push(row);
  }

  onCommitted(rows: number): void {
    if (!this.#eager) this.#print(this.#tentative.splice(0, rows));
  }

  onWithdrawn(rows: number): void {
    if (!this.#eager) this.#tentative.splice(this.#tentative.length - rows, rows);
  }
}

/** A string prints as it is, every other value as JSON. */
export function textOf(row: string): string {
  return row.startsWith('"') ? (JSON.parse(row) as string) : row;
}
