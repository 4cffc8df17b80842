// A job from its submission to its end, over stops, power cuts and leaders, in the clusters that it runs in.

import { delay } from '../../engine/core/clock.ts';
import { below, SeededRandom, unit } from '../../engine/core/random.ts';
import { isTerminalJobState } from '../../engine/graph/execution-state.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import type { Faults } from './faults.ts';
import { programOf } from './job-program.ts';
import type { JobShape } from './job-shape.ts';
import { afterItsWord } from './leader-fault-kinds.ts';
import { planRare } from './rare-fault-kinds.ts';
import { remainsProblem } from './remains.ts';
import type { Scenario } from './scenario.ts';
import { User } from './user.ts';
import { ClusterWatch, type Violation, Watch } from './watch.ts';

/** Virtual, from when the last fault is over. Without faults a run takes less than two seconds. */
const WITHIN_MS = 60_000;
/** A slow client is sometimes away. */
const [AWAY_ONE_IN, AWAY_MS] = [6, 1_500];
/** So long after a fault was planned it may wait for its seam. */
const SEAM_MS = 500;

export class JobRun {
  readonly #scenario: Scenario;
  readonly #shape: JobShape;
  readonly #faults: Faults;
  readonly #tell: (line: string) => void;
  readonly #watch: ClusterWatch;
  #cluster: MiniCluster;
  #running: RunningJob | undefined;
  /** Of the jobs before, which were stopped. */
  readonly #earlierRows: unknown[] = [];
  #restarts = 0;
  #isCancelled = false;
  #isDrained = false;
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
    this.#watch = new ClusterWatch(cluster, tell);
  }

  get restarts(): number {
    return this.#restarts + (this.#running?.master.scheduler.restarts ?? 0);
  }

  get trace(): string {
    return `${this.#trace}${this.#cluster.trace}`;
  }

  /** Faults come when the job is there. */
  async toItsEnd(): Promise<Violation | undefined> {
    await this.#submit(this.#scenario.parallelism, undefined);
    this.#faults.plan();
    planRare(this.#faults, new SeededRandom((this.#scenario.cluster.seed ?? 1) * 53 + 11));
    const { clock } = this.#cluster;
    for (const { atMs, parallelism } of this.#scenario.rescales)
      clock.after(atMs, () => {
        this.#faults.mayRestart = true;
        this.#user.rescale(parallelism);
      });
    await this.#play(() => clock.elapsedMs >= this.#scenario.actAtMs);
    if (!this.#isOver) await this.#act();
    await this.#settle();
    this.#endWatch();
    return this.#wrong ?? this.#watch.violation ?? (await this.#remains());
  }

  get #job(): RunningJob {
    if (this.#running === undefined) throw new Error('no job yet');
    return this.#running;
  }

  get #isOver(): boolean {
    return this.#isWrong || isTerminalJobState(this.#job.state);
  }

  get #isWrong(): boolean {
    return (this.#wrong ?? this.#watch.violation) !== undefined;
  }

  /** Until then, or the end of the job. */
  async #play(isThere: () => boolean): Promise<void> {
    const { clock } = this.#cluster;
    const leftMs = Math.max(0, this.#faults.endMs - clock.elapsedMs) + WITHIN_MS;
    await clock
      .play(() => this.#isOver || isThere(), 'the end of the job', leftMs)
      .catch((error: unknown) => {
        const text = `${(error as Error).message}: it is ${this.#job.text}`;
        this.#wrong ??= { name: 'liveness', text };
      });
  }

  /** Its end is one whoever leads, and all its rows are with the client. */
  async #settle(): Promise<void> {
    await this.#play(() => false);
    if (!this.#cluster.isAlone) await this.#settleLeaders();
    if (this.#isWrong) return;
    await this.#cluster.clock.result(this.#job.rows.done, WITHIN_MS).catch(() => {
      this.#wrong ??= { name: 'liveness', text: 'the client waits for rows' };
    });
  }

  /** An end that was not yet durable when its leader died is none: the next one goes on. */
  async #settleLeaders(): Promise<void> {
    const { clock } = this.#cluster;
    while (!this.#isWrong && clock.elapsedMs <= this.#faults.endMs + SEAM_MS)
      await clock.advance(SEAM_MS);
    await this.#play(() => false);
    if (!this.#isWrong) await clock.result(this.#cluster.dispatcher.settled(), WITHIN_MS);
  }

  get #user(): User {
    return new User(this.#cluster, this.#job, () => this.#isOver, this.#tell);
  }

  async #act(): Promise<void> {
    const user = this.#user;
    switch (this.#scenario.act) {
      case 'nothing':
        return;
      case 'savepoint':
        return user.takeSavepoint();
      case 'stop':
        return this.#stop(user, false);
      case 'drain':
        return this.#stop(user, hasOneEnd(this.#shape));
      case 'cancel':
        return this.#cancel(user);
      case 'power-cut':
        return this.#cutPower();
    }
  }

  async #cancel(user: User): Promise<void> {
    this.#isCancelled = true;
    await user.cancel();
    if (!this.#isOver) afterItsWord(this.#faults);
    if (this.#watch.job !== undefined) this.#watch.job.isCancelled = true;
  }

  /** A savepoint that fails leaves the job running: then it is not stopped. */
  async #stop(user: User, isDrained: boolean): Promise<void> {
    // A source that has ended its data for a savepoint cannot go on without it.
    if (isDrained) this.#faults.mayRestart = true;
    const told = await user.stop(isDrained);
    if (told !== undefined) afterItsWord(this.#faults);
    await this.#settle();
    if (this.#isWrong || this.#job.state !== 'FINISHED') return;
    if (isDrained) {
      this.#isDrained = user.hasDrained;
      return;
    }
    const path = told ?? user.stoppedAt;
    if (path !== undefined) await this.#next(path);
  }

  /** All is lost but the disk. */
  async #cutPower(): Promise<void> {
    const { master } = this.#job;
    // What its client was given and not sure of yet is another matter.
    if (this.#shape.sink !== 'files') return;
    this.#faults.happens('everything loses power');
    const old = this.#cluster;
    old.losePower();
    this.#trace += old.trace;
    this.#cluster = new MiniCluster({ ...this.#scenario.cluster, before: old });
    this.#faults.follow(this.#cluster);
    this.#watch.follow(this.#cluster);
    if (!old.isAlone) return this.#goOn();
    const root = master.checkpoints.directory;
    const ids = old.files.paths.map((path) =>
      Number(path.startsWith(root) ? (/\/chk-(\d+)\/_metadata$/.exec(path)?.[1] ?? 0) : 0),
    );
    const newest = Math.max(0, ...ids);
    await this.#next(newest === 0 ? undefined : `${root}/chk-${newest}`);
  }

  /** Whoever leads now knows of the job. */
  async #goOn(): Promise<void> {
    this.#restarts += this.#job.master.scheduler.restarts;
    this.#running = await this.#cluster.goOn(this.#job.jobId);
    this.#watch.job?.follow(this.#cluster, this.#job);
  }

  /** The job is begun again from there, or anew. */
  async #next(savepointPath: string | undefined): Promise<void> {
    this.#damageMetadata(savepointPath);
    this.#endWatch();
    this.#restarts += this.#job.master.scheduler.restarts;
    this.#earlierRows.push(...this.#job.rows.of('rows'));
    this.#trace += this.#cluster.trace;
    await this.#submit(this.#scenario.nextParallelism, savepointPath);
    await this.#settle();
  }

  /** One of its two copies, sometimes: the other one is as good. */
  #damageMetadata(path: string | undefined): void {
    const { random, files } = this.#cluster;
    const copy = ['', '_metadata', '_metadata.copy'][below(random, 3)];
    const file = `${path}/${copy}`;
    if (path === undefined || copy === '' || !files.has(file)) return;
    files.flip(file, below(random, files.bytesOf(file).length));
    this.#tell(`a byte of ${file} changes`);
  }

  async #submit(parallelism: number, savepointPath: string | undefined): Promise<void> {
    const onWrong = (text: string): void => {
      this.#wrong ??= { name: 'operator', text };
    };
    const { clock } = this.#cluster;
    const program = programOf(this.#shape, { onWrong, look: () => void clock.monotonic() });
    const { configuration: options, limits } = this.#scenario;
    const configuration = { ...options, 'parallelism.default': parallelism };
    const cluster = this.#cluster;
    const { clientMs } = this.#scenario;
    const { random } = cluster;
    const room = (): Promise<void> =>
      delay(clock, unit(random) * (below(random, AWAY_ONE_IN) === 0 ? AWAY_MS : clientMs));
    const client = clientMs === 0 ? undefined : room;
    const job = cluster.isAlone
      ? cluster.submit(program, configuration, client, { savepointPath })
      : await cluster.accept(program, configuration, client, { savepointPath });
    this.#running = job;
    afterItsWord(this.#faults);
    const { ha } = this.#watch;
    this.#watch.job = new Watch(cluster, job, ha, limits, this.#faults, this.#tell);
    this.#tell(`job ${job.jobId} with parallelism ${parallelism} from ${savepointPath}`);
  }

  #endWatch(): void {
    this.#wrong ??= this.#watch.violation;
    this.checkpointsAt.push(...(this.#watch.job?.checkpoints.completedAt ?? []));
    this.#watch.job = undefined;
  }

  #remains(): Promise<Violation | undefined> {
    return remainsProblem({
      job: this.#job,
      cluster: this.#cluster,
      scenario: this.#scenario,
      shape: this.#shape,
      faults: this.#faults,
      earlierRows: this.#earlierRows,
      isCancelled: this.#isCancelled,
      isDrained: this.#isDrained,
    });
  }
}

/** Its sources end where each of them is. */
const hasOneEnd = ({ kind, hasOneSource }: JobShape): boolean =>
  hasOneSource || (kind !== 'coGroup' && kind !== 'intervalJoin');
