// A job from its submission to its end, over stops and power cuts, in the clusters that it runs in; and then what
// is left of it: its rows, its files, the slots, the tasks.

import { below } from '../../engine/core/random.ts';
import { isTerminalJobState } from '../../engine/graph/execution-state.ts';
import { stopWithSavepoint, takeSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { filesOf } from '../../engine/state/state-handle.ts';
import type { MiniCluster, RunningJob } from '../harness/mini-cluster.ts';
import { MiniCluster as Cluster } from '../harness/mini-cluster.ts';
import type { Faults } from './faults.ts';
import { answerOf, type Row } from './job-answer.ts';
import { programOf } from './job-program.ts';
import type { JobShape } from './job-shape.ts';
import { problemOf } from './rows.ts';
import type { Scenario } from './scenario.ts';
import { type Violation, Watch } from './watch.ts';

/** Virtual, from when the last fault is over. Without faults a run takes less than two seconds. */
const WITHIN_MS = 60_000;
const FREE_WITHIN_MS = 20_000;

export class JobRun {
  readonly #scenario: Scenario;
  readonly #shape: JobShape;
  readonly #faults: Faults;
  readonly #tell: (line: string) => void;
  #cluster: MiniCluster;
  #watch: Watch | undefined;
  #job: RunningJob;
  /** Of the jobs before, which were stopped. */
  readonly #earlierRows: unknown[] = [];
  #restarts = 0;
  #isCancelled = false;
  #wrong: Violation | undefined;
  readonly checkpointsAt: number[] = [];
  #trace = '';

  constructor(
    cluster: MiniCluster,
    scenario: Scenario,
    shape: JobShape,
    faults: Faults,
    tell: (line: string) => void,
  ) {
    this.#cluster = cluster;
    this.#scenario = scenario;
    this.#shape = shape;
    this.#faults = faults;
    this.#tell = tell;
    this.#job = this.#submit(scenario.parallelism, undefined);
  }

  get restarts(): number {
    return this.#restarts + this.#job.master.scheduler.restarts;
  }

  get trace(): string {
    return `${this.#trace}${this.#cluster.trace}`;
  }

  async toItsEnd(): Promise<Violation | undefined> {
    const { clock } = this.#cluster;
    await this.#play(() => clock.elapsedMs >= this.#scenario.actAtMs);
    if (!this.#isOver) await this.#act();
    await this.#play(() => false);
    await this.#cluster.clock.result(this.#job.rows.done, WITHIN_MS);
    this.#endWatch();
    return this.#wrong ?? this.#violated() ?? (await this.#remains());
  }

  get #isOver(): boolean {
    return isTerminalJobState(this.#job.master.state) || this.#violated() !== undefined;
  }

  /** Until then, or the end of the job. */
  async #play(isThere: () => boolean): Promise<void> {
    const { clock } = this.#cluster;
    const { master } = this.#job;
    const leftMs = Math.max(0, this.#faults.endMs - clock.elapsedMs) + WITHIN_MS;
    await clock
      .play(() => this.#isOver || isThere(), 'the end of the job', leftMs)
      .catch((error: unknown) => {
        const tasks = master.graph.subtasks.map(({ current }) => current.state).join(' ');
        const text = `${(error as Error).message}: it is ${master.state} with tasks ${tasks}`;
        this.#wrong ??= { name: 'liveness', text };
      });
  }

  async #act(): Promise<void> {
    switch (this.#scenario.act) {
      case 'nothing':
        return;
      case 'savepoint':
        return this.#savepoint();
      case 'stop':
        return this.#stop();
      case 'cancel':
        this.#isCancelled = true;
        return this.#job.master.cancel();
      case 'power-cut':
        return this.#cutPower();
    }
  }

  async #savepoint(): Promise<void> {
    const { random } = this.#cluster;
    await this.#settled(takeSavepoint(this.#job.master, '/savepoints', random));
  }

  /** A savepoint that fails leaves the job running: then it is not stopped. */
  async #stop(): Promise<void> {
    const { random } = this.#cluster;
    const path = await this.#settled(
      stopWithSavepoint(this.#job.master, '/savepoints', false, random),
    );
    if (path === undefined || this.#violated() !== undefined) return;
    await this.#play(() => false);
    await this.#cluster.clock.result(this.#job.rows.done, WITHIN_MS);
    this.#next(path);
  }

  /** All is lost but the disk: the job is begun again from the newest checkpoint that stands there. */
  async #cutPower(): Promise<void> {
    const { master } = this.#job;
    // What its client was given and not sure of yet is another matter.
    if (this.#shape.sink !== 'files') return;
    this.#faults.happens('everything loses power');
    const old = this.#cluster;
    old.losePower();
    const files = old.files.paths.filter((path) => path.startsWith(master.checkpoints.directory));
    const newest = Math.max(
      0,
      ...files.map((path) => Number(/\/chk-(\d+)\/_metadata$/.exec(path)?.[1] ?? 0)),
    );
    this.#endWatch();
    this.#trace += old.trace;
    this.#cluster = new Cluster({ ...this.#scenario.cluster, before: old });
    this.#faults.follow(this.#cluster);
    this.#next(newest === 0 ? undefined : `${master.checkpoints.directory}/chk-${newest}`);
  }

  /** Its result; undefined when it was rejected. */
  async #settled<T>(promise: Promise<T>): Promise<T | undefined> {
    let isSettled = false;
    let result: T | undefined;
    promise.then(
      (value) => {
        result = value;
        isSettled = true;
      },
      (error: unknown) => {
        this.#tell(`refused: ${String(error)}`);
        isSettled = true;
      },
    );
    await this.#play(() => isSettled);
    return result;
  }

  #next(savepointPath: string | undefined): void {
    this.#damageMetadata(savepointPath);
    this.#endWatch();
    this.#restarts += this.#job.master.scheduler.restarts;
    this.#earlierRows.push(...this.#job.rows.of('rows'));
    this.#trace += this.#cluster.trace;
    this.#job = this.#submit(this.#scenario.nextParallelism, savepointPath);
  }

  /** One of its two copies, sometimes: the other one is as good. */
  #damageMetadata(path: string | undefined): void {
    const { random, files } = this.#cluster;
    const copy = ['', '_metadata', '_metadata.copy'][below(random, 3)];
    const file = `${path}/${copy}`;
    if (path === undefined || copy === '' || !files.paths.includes(file)) return;
    files.flip(file, below(random, files.bytesOf(file).length));
    this.#tell(`a byte of ${file} changes`);
  }

  #submit(parallelism: number, savepointPath: string | undefined): RunningJob {
    const program = programOf(this.#shape, (text) => {
      this.#wrong ??= { name: 'operator', text };
    });
    const configuration = { ...this.#scenario.configuration, 'parallelism.default': parallelism };
    const job = this.#cluster.submit(program, configuration, undefined, { savepointPath });
    const isDamaged = (path: string): boolean => this.#faults.damaged.has(path);
    this.#watch = new Watch(
      this.#cluster,
      job.master,
      this.#scenario.limits,
      isDamaged,
      this.#tell,
    );
    this.#tell(`job ${job.master.jobId} with parallelism ${parallelism} from ${savepointPath}`);
    return job;
  }

  #violated(): Violation | undefined {
    return this.#wrong ?? this.#watch?.violations[0];
  }

  #endWatch(): void {
    this.#wrong ??= this.#watch?.violations[0];
    this.checkpointsAt.push(...(this.#watch?.completedAt ?? []));
    this.#watch?.end();
    this.#watch = undefined;
  }

  /** What must be when it has ended. */
  async #remains(): Promise<Violation | undefined> {
    const { state } = this.#job.master;
    const isWhole = state === 'FINISHED';
    if (state === 'FAILED' && this.#hasSaidWhatIsDamaged()) return undefined;
    if (!isWhole && !(this.#isCancelled && state === 'CANCELED'))
      return { name: 'job-failed', text: `the job is ${state}` };
    return (
      this.#rowsProblem(isWhole) ??
      (isWhole ? this.#dangling() : undefined) ??
      (await this.#leaks()) ??
      this.#leftCheckpoints(isWhole) ??
      this.#leftFiles()
    );
  }

  #hasSaidWhatIsDamaged(): boolean {
    const { failures } = this.#job.master.scheduler.failures;
    return [...this.#faults.damaged].some((path) =>
      failures.some(({ error }) => error.message.includes(path)),
    );
  }

  /** What is left of its checkpoints: none when it has finished, else those that are to be kept. */
  #leftCheckpoints(isWhole: boolean): Violation | undefined {
    const { directory } = this.#job.master.checkpoints;
    const { retained, keepsOnCancel } = this.#scenario.limits;
    const max = isWhole || !keepsOnCancel ? 0 : retained;
    const left = this.#cluster.files.directories.filter((path) =>
      path.startsWith(`${directory}/chk-`),
    );
    if (this.#faults.hasFailedRemovals || left.length <= max) return undefined;
    return { name: 'left-checkpoints', text: `the job has ended and left ${left.join(', ')}` };
  }

  /** Files that checkpoints have together are of those that are kept. */
  #leftFiles(): Violation | undefined {
    const { directory, kept } = this.#job.master.checkpoints;
    const left = this.#cluster.files.paths.filter((path) =>
      path.startsWith(`${directory}/shared/`),
    );
    const needed = new Set(
      kept.flatMap(({ vertices }) =>
        vertices.flatMap(({ subtasks }) =>
          subtasks.flatMap(({ handle }) => filesOf(handle).map(({ path }) => path)),
        ),
      ),
    );
    const unneeded = left.filter((path) => !needed.has(path));
    if (this.#faults.hasFailedRemovals || unneeded.length === 0) return undefined;
    return { name: 'left-files', text: `the job has ended and left ${unneeded.join(', ')}` };
  }

  #rowsProblem(isWhole: boolean): Violation | undefined {
    const wanted = answerOf(this.#shape);
    const { sink, kind } = this.#shape;
    const printed = [...this.#earlierRows, ...this.#job.rows.of('rows')] as readonly Row[];
    const isOrdered = kind === 'reduce';
    const inFiles =
      sink === 'print' ? undefined : problemOf(this.#committed(), wanted, false, isWhole);
    if (inFiles !== undefined) return { name: 'files', text: inFiles };
    // A job that is cancelled leaves rows with its client that are not committed.
    const inRows =
      sink === 'files' || !isWhole ? undefined : problemOf(printed, wanted, isOrdered, true);
    return inRows === undefined ? this.#withdrawn() : { name: 'rows', text: inRows };
  }

  #withdrawn(): Violation | undefined {
    return this.#job.rows.hasLostCommitted
      ? { name: 'withdrawn', text: 'committed rows were withdrawn from the client' }
      : undefined;
  }

  /** Rows of the files under their final names. */
  #committed(): Row[] {
    const { files } = this.#cluster;
    return files.paths
      .filter((path) => path.startsWith('/out/') && !path.includes('/.sluice/'))
      .flatMap((path) => Buffer.from(files.bytesOf(path)).toString().trim().split('\n'))
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);
  }

  /** Nothing prepared is left. A TaskManager that lived on when it was given up may have left something. */
  #dangling(): Violation | undefined {
    if (this.#faults.hasZombies || this.#scenario.act === 'power-cut') return undefined;
    const left = this.#cluster.files.paths.filter((path) => path.includes('/.sluice/'));
    return left.length === 0
      ? undefined
      : {
          name: 'dangling',
          text: `the job has finished and left ${left.length} files, such as ${left[0]}`,
        };
  }

  /** All slots are free again, and no thread runs a task. */
  async #leaks(): Promise<Violation | undefined> {
    const { clock, resourceManager } = this.#cluster;
    const areFree = (): boolean =>
      resourceManager.taskManagers().every(({ slotsFree, slotsTotal }) => slotsFree === slotsTotal);
    const leftMs = Math.max(0, this.#faults.endMs - clock.elapsedMs) + FREE_WITHIN_MS;
    try {
      await clock.play(areFree, 'free slots', leftMs);
      // What is being removed is gone.
      await clock.advance(200);
    } catch {
      const used = resourceManager.taskManagers().flatMap(({ jobs }) => jobs).length;
      return { name: 'slots', text: `the job has ended, and ${used} slots are in use` };
    }
    return undefined;
  }
}
