// Runs the jobs of a notebook without a screen: rows to stdout, talk to stderr, and what became of it as an
// exit code.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { delay } from '../../engine/core/clock.ts';
import { messageLine, type NumberedMessage } from '../../engine/core/job-message.ts';
import { systemClock } from '../../engine/core/system-clock.ts';
import type { JobView } from '../../engine/rest/job-view.ts';
import type { RestClient } from '../../engine/rest/rest-client.ts';
import type { AccumulatorMessage } from '../../engine/rest/rest-messages.ts';
import type { Diagnostic } from '../compiler/diagnostics.ts';
import type { Cell, Notebook } from '../compiler/notebook.ts';
import { NotebookParser } from '../compiler/parse-notebook.ts';
import { CommandFailure, EXIT, usageError } from '../exit-codes.ts';
import type { Talk } from '../talk.ts';
import { compileFailure } from './build-jobs.ts';
import { runOptions } from './cell-options.ts';
import type { Connection } from './connect.ts';
import type { BuiltJob } from './job-builder.ts';
import { type Lane, readLanes } from './lane-reader.ts';
import { readMessages } from './message-reader.ts';
import { type JobsWanted, notebookJobs, selectCells } from './notebook-jobs.ts';
import { type RowLane, RowOutput } from './output.ts';
import { printDiagnostic } from './print-diagnostic.ts';
import type { RowEvents } from './result-reader.ts';
import { accumulatorLines, summaryLine } from './summary.ts';

export interface RunSettings extends JobsWanted {
  readonly notebook: string;
  /** Finds type errors; undefined: nobody asks. */
  readonly types: TypeChecker | undefined;
  /** A type error stops the run before it begins; otherwise it is a warning. */
  readonly isChecked: boolean;
  /** Somebody reads along: the end waits a moment for the warnings. A script is not kept from going on. */
  readonly isWatched: boolean;
  readonly json: boolean;
  readonly eager: boolean;
  readonly detached: boolean;
  /** What the one job continues from. */
  readonly savepointPath: string | undefined;
  readonly allowNonRestoredState: boolean;
  readonly write: (text: string) => void;
  /** Resolves when more can be written. */
  readonly room: () => Promise<void>;
  readonly summary: (text: string) => void;
}

interface TypeChecker {
  check(notebook: Notebook): Promise<readonly Diagnostic[] | undefined>;
}

interface EndedJob {
  readonly view: JobView;
  readonly accumulators: readonly AccumulatorMessage[];
}

interface Submitted {
  readonly jobId: string;
  readonly job: BuiltJob;
}

const TERMINAL = new Set(['FINISHED', 'CANCELED', 'FAILED']);
const POLL_MS = 50;
/** For the type checker, where the jobs end before it has: it takes some two seconds. */
const TYPES_MS = 5_000;

export class NotebookRun {
  readonly #settings: RunSettings;
  readonly #talk: Talk;
  readonly #abort = new AbortController();
  readonly #submitted: Submitted[] = [];
  #connection: Connection | undefined;
  #isCancelled = false;
  #hasBrokenCells = false;
  #hasEnded = false;

  constructor(settings: RunSettings, talk: Talk) {
    this.#settings = settings;
    this.#talk = talk;
  }

  /** Resolves with the exit code. @throws CommandFailure */
  async run(connect: () => Promise<Connection>): Promise<number> {
    const notebook = readNotebook(this.#settings.notebook);
    const cells = selectCells(notebook, this.#settings.cells);
    this.#tellProblems(notebook.cells.flatMap((cell) => runOptions(notebook, cell).problems));
    // The cluster starts while the cells are compiled.
    const connecting = connect();
    connecting.catch(() => undefined); // awaited below
    try {
      const [jobs] = await Promise.all([this.#build(notebook, cells), this.#checkTypes(notebook)]);
      if (jobs.length === 0) return EXIT.compile; // told already
      this.#connection = await connecting;
      return await this.#runJobs(this.#connection, notebook, jobs);
    } finally {
      await connecting.then(
        (connection) => connection.close(),
        () => undefined,
      );
    }
  }

  /** Cancels the jobs: the run ends when they have. */
  async cancel(): Promise<void> {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#abort.abort(new CommandFailure(EXIT.interrupted, 'interrupted'));
    const { client } = this.#connection ?? {};
    await Promise.allSettled(this.#submitted.map(({ jobId }) => client?.cancel(jobId)));
  }

  /** @throws CommandFailure when there is an error among them. */
  #tellProblems(problems: readonly Diagnostic[]): void {
    const errors = problems.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) throw compileFailure(errors);
    for (const problem of problems) this.#talk.warn(printDiagnostic(problem));
  }

  async #checkTypes(notebook: Notebook): Promise<void> {
    const { types, isChecked } = this.#settings;
    if (isChecked) this.#tellProblems((await types?.check(notebook)) ?? []);
  }

  /** It takes longer than most runs, and begins when the jobs are on their way. */
  async #warnOfTypes(notebook: Notebook): Promise<void> {
    const { types, isChecked } = this.#settings;
    if (isChecked) return;
    const found = (await types?.check(notebook)) ?? [];
    if (!this.#hasEnded) for (const problem of found) this.#talk.warn(printDiagnostic(problem));
  }

  async #build(notebook: Notebook, cells: readonly Cell[]): Promise<readonly BuiltJob[]> {
    const onOutput = (text: string): void => this.#talk.say(text.trimEnd());
    const built = await notebookJobs(notebook, cells, this.#settings, onOutput, this.#abort.signal);
    for (const failure of built.failures) this.#talk.error(printDiagnostic(failure));
    this.#hasBrokenCells = built.failures.length > 0;
    return built.jobs;
  }

  async #runJobs(
    connection: Connection,
    notebook: Notebook,
    jobs: readonly BuiltJob[],
  ): Promise<number> {
    const { client } = connection;
    const { savepointPath, allowNonRestoredState, detached } = this.#settings;
    if (savepointPath !== undefined && jobs.length > 1)
      throw usageError(
        `--fromSavepoint is for one job, and ${notebook.name} has ${jobs.length}: choose one with --cell`,
      );
    for (const job of jobs) {
      const header = {
        configuration: job.configuration,
        baseDirectory: dirname(notebook.path),
        attached: !detached,
        ...(savepointPath === undefined ? {} : { savepointPath, allowNonRestoredState }),
      };
      this.#abort.signal.throwIfAborted();
      const jobId = await client.submit({
        header,
        bundle: job.bundle,
        plan: job.plan,
        blobs: job.blobs,
      });
      this.#submitted.push({ jobId, job });
      if (detached) this.#settings.write(submittedText(jobId, this.#settings.json));
    }
    if (detached) return this.#leave(client);
    const types = this.#warnOfTypes(notebook);
    const views = await Promise.all(this.#submitted.map(({ jobId }) => client.job(jobId)));
    const output = this.#output(views);
    const lanes = await Promise.all(views.map((view) => this.#follow(connection, view, output)));
    output.flush();
    // An interrupt ends the wait.
    if (this.#settings.isWatched)
      await Promise.race([types, delay(systemClock, TYPES_MS, this.#abort.signal)]).catch(
        () => undefined,
      );
    const ended = this.#submitted.map(async ({ jobId }) => ({
      view: await client.job(jobId),
      accumulators: await client.accumulators(jobId),
    }));
    return this.#conclude(
      await Promise.all(ended),
      lanes.map((ofJob) => ofJob.reduce((sum, lane) => sum + lane.printed(), 0)),
    );
  }

  /** Not before it is known that what the job continues from can be read: nobody else would hear of it. */
  async #leave(client: RestClient): Promise<number> {
    if (this.#settings.savepointPath === undefined) return EXIT.ok;
    for (const { jobId } of this.#submitted) {
      let view = await client.job(jobId);
      for (; view.state === 'CREATED'; view = await client.job(jobId))
        await delay(systemClock, POLL_MS, this.#abort.signal);
      if (view.state !== 'FAILED') continue;
      this.#talk.error(`${view.name}: ${view.failures[0]?.text ?? 'failed'}`);
      return EXIT.failed;
    }
    return EXIT.ok;
  }

  #output(views: readonly JobView[]): RowOutput {
    const { json, eager, write } = this.#settings;
    return new RowOutput({
      json,
      eager,
      write,
      ordered: views.every(({ isBounded }) => isBounded),
    });
  }

  /** Resolves with where its rows went, when the job has ended. */
  async #follow(
    { client }: Connection,
    view: JobView,
    output: RowOutput,
  ): Promise<readonly RowLane[]> {
    const { room } = this.#settings;
    const never = new AbortController().signal;
    const all: RowLane[] = [];
    const reading = view.results.map(({ operatorId, name, label, lanes }) => {
      const open = ({ subtask, parallelism }: Lane): RowEvents => {
        const lane = output.add({ job: view.name, sink: name, label, subtask, parallelism });
        all.push(lane);
        return { ...lane, room, onEnd: lane.end };
      };
      return readLanes(client, { jobId: view.id, operatorId, lanes }, open, never);
    });
    const messages = readMessages(
      client,
      view.id,
      (news, lost) => this.#onMessages(view.name, news, lost),
      never,
    );
    await Promise.all([...reading, messages]);
    while (!TERMINAL.has((await client.job(view.id)).state)) await delay(systemClock, POLL_MS);
    return all;
  }

  #onMessages(job: string, messages: readonly NumberedMessage[], lost: number): void {
    const before = this.#submitted.length > 1 ? `${job}: ` : '';
    if (lost > 0) this.#talk.warn(`${before}${lost} older messages were not kept`);
    for (const message of messages) {
      const line = before + messageLine(message);
      const { level } = message;
      if (level === 'warn' || level === 'error') this.#talk.warn(line);
      else this.#talk.say(line);
    }
  }

  #conclude(jobs: readonly EndedJob[], rows: readonly number[]): number {
    this.#hasEnded = true;
    const now = systemClock.now();
    for (const [i, { view, accumulators }] of jobs.entries()) {
      this.#settings.summary(summaryLine(view, rows[i] ?? 0, now));
      for (const line of accumulatorLines(accumulators)) this.#settings.summary(line);
    }
    const failed = jobs.filter(({ view }) => view.state === 'FAILED');
    for (const { view } of failed)
      this.#talk.error(`${view.name}: ${view.failures[0]?.text ?? 'failed'}`);
    if (this.#isCancelled) return EXIT.interrupted;
    if (failed.length > 0) return EXIT.failed;
    return this.#hasBrokenCells ? EXIT.compile : EXIT.ok;
  }
}

/** As `bin/flink` says it. */
export const submittedText = (jobid: string, json: boolean): string =>
  json ? `${JSON.stringify({ jobid })}\n` : `Job has been submitted with JobID ${jobid}\n`;

/** @throws CommandFailure when there is no such file. */
export function readNotebook(path: string): Notebook {
  const absolute = resolve(path);
  try {
    return new NotebookParser().parse(absolute, readFileSync(absolute, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw usageError(`cannot read the notebook ${path}: ${why} (${absolute})`);
  }
}
