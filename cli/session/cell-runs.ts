// Runs cells: one after the other each is compiled, its program is run, its job submitted; then the job of
// the version before is cancelled. A job goes on while its successor does not compile. What is wished for
// again while it is under way begins anew: what counts is what the file says now.

import { dirname } from 'node:path';
import { must } from '../../engine/core/assert.ts';
import type { Clock, Timer } from '../../engine/core/clock.ts';
import type { Diagnostic } from '../compiler/diagnostics.ts';
import type { Notebook } from '../compiler/notebook.ts';
import { canRun } from '../run/cell-options.ts';
import type { Connection } from '../run/connect.ts';
import type { BuiltJob, CompiledCell, JobBuilder } from '../run/job-builder.ts';
import { matchCells } from './cell-identity.ts';
import { type CellJob, CellState } from './cell-state.ts';
import { takeMessages, takeRows } from './job-rows.ts';
import { OutputLog } from './output-log.ts';

export interface CellRunsSettings {
  readonly clock: Clock;
  readonly builder: JobBuilder;
  readonly connection: Promise<Connection>;
  /** Something of a cell has changed. */
  readonly onChange: () => void;
  /** Rows have come, or are gone. */
  readonly onRows: () => void;
  /** A job has something to say that its user should know. */
  readonly onWarning: (text: string) => void;
  /** Files that a cell imports. */
  readonly onFiles: (files: readonly string[]) => void;
}

/** `run`: whatever there was before. `refresh`: if it is another program than the one that runs. */
interface Wish {
  readonly kind: 'run' | 'refresh';
  /** On the monotonic clock. */
  readonly atMs: number;
}

interface CurrentRun {
  readonly state: CellState;
  /** What the file said when it began. */
  readonly notebook: Notebook;
  readonly abort: AbortController;
}

/** A cell that is gone may be back with the next write of the file. */
const ORPHAN_MS = 500;

export class CellRuns {
  readonly #settings: CellRunsSettings;
  readonly #wishes = new Map<CellState, Wish>();
  readonly #orphans = new Map<CellState, Timer>();
  #notebook: Notebook | undefined;
  #states: readonly CellState[] = [];
  #current: CurrentRun | undefined;
  /** Whether a refresh runs what has changed, or only marks it. */
  isWatching: boolean;

  constructor(settings: CellRunsSettings, isWatching: boolean) {
    this.#settings = settings;
    this.isWatching = isWatching;
  }

  /** One for each cell of the notebook. */
  get states(): readonly CellState[] {
    return this.#states;
  }

  /** Takes over what is known of the cells. */
  setNotebook(notebook: Notebook): void {
    const before = [...this.#states, ...this.#orphans.keys()];
    const matches = matchCells(
      before.map(({ cell }) => cell),
      notebook.cells,
    );
    this.#notebook = notebook;
    this.#states = notebook.cells.map((cell, i) => {
      const known = before[matches[i] ?? Number.NaN];
      if (known === undefined) return new CellState(cell);
      known.cell = cell;
      return known;
    });
    this.#keepOrphans(before.filter((state) => !this.#states.includes(state)));
  }

  /** Carries wishes out in the order in which they came. */
  wish(states: readonly CellState[], kind: Wish['kind']): void {
    const atMs = this.#settings.clock.monotonic();
    for (const state of states) {
      if (!canRun(state.cell)) continue;
      const waiting = this.#wishes.get(state);
      // To run it was asked for; that holds for what the file says now.
      this.#wishes.set(state, waiting?.kind === 'run' ? waiting : { kind, atMs });
      const current = this.#current;
      if (current?.state === state && (kind === 'run' || current.notebook !== this.#notebook))
        current.abort.abort();
    }
    void this.#next();
  }

  /** Calls off what is under way and what waits. */
  interrupt(): boolean {
    const isBusy = this.#current !== undefined || this.#wishes.size > 0;
    this.#wishes.clear();
    this.#current?.abort.abort();
    return isBusy;
  }

  close(): void {
    this.interrupt();
    for (const timer of this.#orphans.values()) timer[Symbol.dispose]();
    for (const { job } of [...this.#states, ...this.#orphans.keys()]) job?.abort.abort();
  }

  async #next(): Promise<void> {
    if (this.#current !== undefined) return;
    const [next] = this.#wishes;
    const notebook = this.#notebook;
    if (next === undefined || notebook === undefined) return;
    const [state, wish] = next;
    this.#wishes.delete(state);
    const index = this.#states.indexOf(state);
    const abort = new AbortController();
    this.#current = { state, notebook, abort };
    try {
      if (index >= 0) await this.#carryOut(state, wish, notebook, index, abort.signal);
    } catch (error) {
      if (abort.signal.aborted) state.settle();
      else state.fail('program', [problemOf(error, state, notebook)]);
    }
    this.#current = undefined;
    this.#settings.onChange();
    return this.#next();
  }

  async #carryOut(
    state: CellState,
    wish: Wish,
    notebook: Notebook,
    index: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { builder, onFiles } = this.#settings;
    if (wish.kind === 'run') this.#show(state, 'compiling');
    const compiled = await builder.compile(notebook, index);
    signal.throwIfAborted();
    if (compiled.status === 'failed') return state.fail('compile', compiled.errors);
    onFiles(compiled.cell.files);
    if (wish.kind === 'refresh' && !this.#isNew(state, compiled.cell)) return;
    this.#show(state, 'compiling');
    const built = await builder.plan(compiled.cell, signal);
    signal.throwIfAborted();
    if (built.status === 'failed') {
      state.failedFingerprint = compiled.cell.fingerprint;
      return state.fail('program', built.errors);
    }
    if (built.status === 'library') return this.#withoutSink(state);
    this.#show(state, 'submitting');
    await this.#submit(state, wish, notebook, compiled.cell, built.job);
  }

  /** Whether that is to be run; if not, the cell is marked as what it is. */
  #isNew(state: CellState, { fingerprint }: CompiledCell): boolean {
    state.errors = [];
    if (state.job?.fingerprint === fingerprint) {
      state.isStale = false;
      state.settle();
      return false;
    }
    if (this.isWatching) return state.failedFingerprint !== fingerprint;
    state.isStale = state.job !== undefined;
    state.settle();
    return false;
  }

  async #submit(
    state: CellState,
    wish: Wish,
    notebook: Notebook,
    { index, fingerprint, compileMs }: CompiledCell,
    { configuration, bundle, plan, blobs }: BuiltJob,
  ): Promise<void> {
    const { connection, clock, onRows, onChange, onWarning } = this.#settings;
    const header = { configuration, baseDirectory: dirname(notebook.path), attached: true };
    const { client } = await connection;
    let id: string;
    try {
      id = await client.submit({ header, bundle, plan, blobs });
    } catch (error) {
      return state.fail('submit', [problemOf(error, state, notebook)]);
    }
    const log = new OutputLog(() => {
      onRows();
      if (log.rows === 0 || job.firstRowMs !== undefined) return;
      job.firstRowMs = clock.monotonic() - wish.atMs;
      if (state.job === job && state.run.status === 'job') state.settle();
      onChange();
    });
    const abort = new AbortController();
    const { firstLine } = must(notebook.cells[index], `cell ${index}`);
    const job: CellJob = {
      id,
      fingerprint,
      firstLine,
      compileMs,
      firstRowMs: undefined,
      log,
      abort,
    };
    this.#end(state.job);
    state.submitted(job);
    onRows();
    // Ends with the job, or when another takes its place.
    takeRows({ client, clock }, id, log, abort.signal).catch(() => undefined);
    takeMessages({ client, clock }, id, log, abort.signal, onWarning).catch(() => undefined);
  }

  #withoutSink(state: CellState): void {
    this.#end(state.job);
    state.job = undefined;
    state.hasSink = false;
    state.isStale = false;
    state.errors = [];
    state.settle();
  }

  /** Its successor has come, or its cell is gone. */
  #end(job: CellJob | undefined): void {
    if (job === undefined) return;
    job.abort.abort();
    // One that has ended by itself cannot be cancelled: so be it.
    this.#settings.connection.then(({ client }) => client.cancel(job.id)).catch(() => undefined);
  }

  #keepOrphans(gone: readonly CellState[]): void {
    for (const [state, timer] of this.#orphans) {
      if (gone.includes(state)) continue;
      timer[Symbol.dispose]();
      this.#orphans.delete(state);
    }
    for (const state of gone) {
      this.#wishes.delete(state);
      if (state.job === undefined || this.#orphans.has(state)) continue;
      const timer = this.#settings.clock.after(ORPHAN_MS, () => {
        this.#orphans.delete(state);
        // Without watching, a job is its owner's to cancel.
        if (this.isWatching) this.#end(state.job);
        else state.job?.abort.abort();
      });
      this.#orphans.set(state, timer);
    }
  }

  #show(state: CellState, status: 'compiling' | 'submitting'): void {
    state.run = { status };
    this.#settings.onChange();
  }
}

function problemOf(error: unknown, { cell }: CellState, notebook: Notebook): Diagnostic {
  return {
    severity: 'error',
    message: error instanceof Error ? error.message : String(error),
    file: notebook.name,
    line: cell.firstLine,
    column: undefined,
    text: undefined,
  };
}
