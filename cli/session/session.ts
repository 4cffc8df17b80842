// What stands behind the screen: the notebook on disk, the runs of its cells, the cluster, the rows. It hands
// what is new to the store and carries out what the screen asks for. Everything it knows of the cluster, it
// knows through the door.

import type { Clock, Timer } from '../../engine/core/clock.ts';
import { SluiceError } from '../../engine/core/errors.ts';
import type { RestClient } from '../../engine/rest/rest-client.ts';
import type { Diagnostic } from '../compiler/diagnostics.ts';
import type { Notebook } from '../compiler/notebook.ts';
import { NotebookParser } from '../compiler/parse-notebook.ts';
import type { ClusterModel } from '../model/cluster-model.ts';
import { canRun, runOptions } from '../run/cell-options.ts';
import type { Connection } from '../run/connect.ts';
import type { JobBuilder } from '../run/job-builder.ts';
import type { Command } from '../ui/commands.ts';
import type { Notice, ScreenStore } from '../ui/store.ts';
import { CellRuns } from './cell-runs.ts';
import type { CellState } from './cell-state.ts';
import { changeJob } from './change-job.ts';
import { ClusterWatch } from './cluster-watch.ts';
import { openEditor } from './editor.ts';
import { LogWatch } from './log-watch.ts';
import { notebookModel } from './notebook-assembly.ts';
import { NotebookSource } from './notebook-source.ts';

/** Finds type errors, later than anything else; undefined when a newer version has overtaken this one. */
interface TypeChecker {
  check(notebook: Notebook): Promise<readonly Diagnostic[] | undefined>;
}

export interface SessionSettings {
  readonly store: ScreenStore;
  readonly clock: Clock;
  /** Absolute; undefined: only the cluster's jobs are shown. */
  readonly notebook: string | undefined;
  /** As the user would write it. */
  readonly notebookName: string;
  readonly connection: Promise<Connection>;
  readonly builder: JobBuilder;
  readonly types: TypeChecker | undefined;
  /** A save runs what it has changed. */
  readonly isWatching: boolean;
  readonly environment: NodeJS.ProcessEnv;
}

/** Rows are shown together; the first of a job at once. */
const ROWS_MS = 50;

/** Types are looked at when the keyboard rests, and at the start when the first jobs are on their way. */
const TYPES_MS = 400;
const FIRST_TYPES_MS = 1_500;

export class Session {
  readonly #settings: SessionSettings;
  readonly #parser = new NotebookParser();
  readonly #runs: CellRuns;
  readonly #source: NotebookSource | undefined;
  readonly #entered = new Set<string>();
  #notebook: Notebook | undefined;
  #problem: Diagnostic | undefined;
  #types: readonly Diagnostic[] = [];
  /** By job. */
  #failures: ReadonlyMap<string, string> = new Map();
  #watch: ClusterWatch | undefined;
  #log: LogWatch | undefined;
  #rows: Timer | undefined;
  #typing: Timer | undefined;
  #isClosed = false;

  constructor(settings: SessionSettings) {
    const { clock, builder, connection, notebook } = settings;
    this.#settings = settings;
    this.#runs = new CellRuns(
      {
        clock,
        builder,
        connection,
        onChange: () => this.#onChange(),
        onRows: () => this.#onRows(),
        onWarning: (text) => this.say('warning', text),
        onFiles: (files) => this.#source?.watch(files),
      },
      settings.isWatching,
    );
    this.#source =
      notebook === undefined
        ? undefined
        : new NotebookSource(notebook, clock, {
            onText: (text) => this.#onText(notebook, text),
            onUnreadable: (message) => this.#onUnreadable(message),
            onImport: () => this.#runs.wish(this.#runs.states, 'refresh'),
          });
  }

  /** Shows the notebook as it stands; runs it, where it is watched. */
  open(): void {
    this.#source?.open();
    this.#settings.connection.then(
      ({ client }) => this.#onConnected(client),
      (error: unknown) => this.say('error', textOf(error)),
    );
  }

  /** Carries a command out. It neither throws nor rejects. */
  readonly dispatch = (command: Command): void | Promise<void> => {
    switch (command.kind) {
      case 'run-cell':
        return this.#runs.wish(this.#runs.states.slice(command.cell, command.cell + 1), 'run');
      case 'run-all':
        return this.#runs.wish(this.#runs.states, 'run');
      case 'cancel-job':
        return void this.#ask((client) => client.cancel(command.jobId));
      case 'trigger-checkpoint':
        return void this.#checkpoint(command.jobId);
      case 'savepoint':
      case 'stop-job':
      case 'rescale':
        return void this.#ask((client) =>
          changeJob(client, command, (text) => this.say('info', text)),
        );
      case 'toggle-watch':
        return this.#toggleWatch();
      case 'enter-job':
        this.#entered.add(command.jobId);
        return this.#watch?.wake();
      case 'leave-job':
        this.#entered.delete(command.jobId);
        return;
      case 'open-editor':
        return this.#edit(command.path, command.line);
      case 'interrupt':
        if (!this.#runs.interrupt()) this.say('info', 'nothing is under way: ctrl+c again quits');
        return;
      case 'show-log':
        this.#settings.store.update({ log: undefined });
        return this.#log?.show(command.taskManager);
      case 'hide-log':
        return this.#log?.hide();
      case 'show-page':
      case 'quit':
        return;
    }
  };

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#rows?.[Symbol.dispose]();
    this.#typing?.[Symbol.dispose]();
    this.#runs.close();
    this.#watch?.close();
    this.#log?.hide();
    await this.#source?.close();
  }

  /** What was known last of the jobs of the notebook, in its order. */
  jobs(): readonly { readonly id: string; readonly rows: number }[] {
    return this.#runs.states.flatMap(({ job }) =>
      job === undefined ? [] : [{ id: job.id, rows: job.log.rows }],
    );
  }

  #onText(path: string, text: string): void {
    const before = new Set(this.#notebook?.cells.map((cell) => cell.text));
    const isFirst = this.#notebook === undefined;
    const notebook = this.#parser.parse(path, text);
    this.#notebook = notebook;
    this.#problem = undefined;
    this.#types = [];
    this.#runs.setNotebook(notebook);
    // What was edited comes before what it may have changed.
    const isEdited = ({ cell }: CellState): number => (before.has(cell.text) ? 1 : 0);
    const wanted = this.#runs.states.filter((state) => this.#isWanted(state, notebook));
    this.#runs.wish(
      wanted.toSorted((a, b) => isEdited(a) - isEdited(b)),
      isFirst ? 'run' : 'refresh',
    );
    this.#onChange();
    this.#typing?.[Symbol.dispose]();
    this.#typing = this.#settings.clock.after(isFirst ? FIRST_TYPES_MS : TYPES_MS, () => {
      void this.#checkTypes(notebook);
    });
  }

  /** Watched, what can run runs; otherwise what has run is compared with what the file says now. */
  #isWanted({ cell, version, run }: CellState, notebook: Notebook): boolean {
    if (version > 0 || run.status === 'failed') return true;
    return this.#runs.isWatching && canRun(cell) && !runOptions(notebook, cell).isManual;
  }

  #onUnreadable(message: string): void {
    const file = this.#settings.notebookName;
    const nowhere = { line: undefined, column: undefined, text: undefined };
    this.#problem = { severity: 'error', message, file, ...nowhere };
    this.#onChange();
  }

  async #checkTypes(notebook: Notebook): Promise<void> {
    // The service says itself what is wrong with it: as a diagnostic.
    const found = await this.#settings.types?.check(notebook);
    if (found === undefined || this.#notebook !== notebook) return;
    this.#types = found;
    this.#onChange();
  }

  #onConnected(client: RestClient): void {
    if (this.#isClosed) return;
    const { clock, store } = this.#settings;
    store.update({ isReadOnly: client.isReadOnly });
    this.#log = new LogWatch(client, clock, (log) => store.update({ log }));
    this.#watch = new ClusterWatch({
      client,
      clock,
      isEmbedded: store.value.isEmbedded,
      wanted: () => [...new Set([...this.#entered, ...this.#jobIds()])],
      onModel: (cluster) => {
        store.update({ cluster });
        this.#onFailures(cluster);
      },
    });
    void this.#watch.run();
  }

  #onFailures({ details }: ClusterModel): void {
    const failed = Object.entries(details).filter(([, { state }]) => state === 'FAILED');
    const isKnown = failed.every(([id]) => this.#failures.has(id));
    if (isKnown && failed.length === this.#failures.size) return;
    this.#failures = new Map(failed.map(([id, { exceptions }]) => [id, exceptions[0]?.text ?? '']));
    this.#onChange();
  }

  #jobIds(): readonly string[] {
    return this.#runs.states.flatMap(({ job }) => (job === undefined ? [] : [job.id]));
  }

  #onChange(): void {
    if (this.#isClosed) return;
    const { store, notebookName } = this.#settings;
    const notebook = notebookModel({
      path: notebookName,
      watching: this.#runs.isWatching,
      problem: this.#problem,
      notebook: this.#notebook,
      states: this.#runs.states,
      types: this.#types,
      failures: this.#failures,
    });
    store.update({ notebook });
    this.#watch?.wake();
  }

  #onRows(): void {
    this.#rows ??= this.#settings.clock.after(ROWS_MS, () => {
      this.#rows = undefined;
      const entries = this.#runs.states.flatMap(({ job }) =>
        job === undefined ? [] : [[job.id, job.log.model()] as const],
      );
      this.#settings.store.update({ outputs: Object.fromEntries(entries) });
    });
  }

  #toggleWatch(): void {
    const isWatching = !this.#runs.isWatching;
    this.#runs.isWatching = isWatching;
    const what = isWatching ? 'a save runs what it changes' : 'a save only marks what it changes';
    this.say('info', `watch ${isWatching ? 'on' : 'off'}: ${what}`);
    this.#onChange();
    // What was marked meanwhile runs now.
    if (isWatching) this.#runs.wish(this.#runs.states, 'refresh');
  }

  async #checkpoint(jobId: string): Promise<void> {
    await this.#ask(async (client) => {
      const id = await client.triggerCheckpoint(jobId);
      this.say('info', `checkpoint ${id} is complete`);
    });
  }

  async #edit(path: string, line: number): Promise<void> {
    const file = this.#settings.notebook ?? path;
    const problem = await openEditor(this.#settings.environment, file, line);
    if (problem !== undefined) this.say('error', problem);
  }

  async #ask(what: (client: RestClient) => Promise<unknown>): Promise<void> {
    try {
      await what((await this.#settings.connection).client);
      this.#watch?.wake();
    } catch (error) {
      this.say('error', textOf(error));
    }
  }

  /** Also what a program prints while it builds its job. */
  say(severity: Notice['severity'], text: string): void {
    const { store, clock } = this.#settings;
    if (!this.#isClosed) store.update({ notice: { severity, text, atMs: clock.now() } });
  }
}

const textOf = (error: unknown): string =>
  error instanceof SluiceError ? error.message : String((error as Error).message ?? error);
