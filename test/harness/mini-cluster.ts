// A whole cluster in one process under virtual time: the real Dispatcher, ResourceManager, JobMasters,
// TaskExecutors and slots, with messages, timers and threads in an order and at a pace that one seed decides.
// The same seed gives the same run. Faults come in at the seams: network, files, processes, threads.

import { createHash } from 'node:crypto';
import { must } from '../../engine/core/assert.ts';
import { type JobId, newResourceId, type ResourceId } from '../../engine/core/ids.ts';
import { type Logger, silentLogger } from '../../engine/core/logger.ts';
import { below, SeededRandom, unit } from '../../engine/core/random.ts';
import { isTerminalJobState, type JobState } from '../../engine/graph/execution-state.ts';
import type { Dispatcher } from '../../engine/runtime/dispatcher/dispatcher.ts';
import type { JobSubmission } from '../../engine/runtime/jobmaster/job-submission.ts';
import type {
  ResourceDriver,
  WorkerProfile,
} from '../../engine/runtime/resourcemanager/resource-driver.ts';
import type {
  ResourceManager,
  ResourceManagerSettings,
} from '../../engine/runtime/resourcemanager/resource-manager.ts';
import { whileLed } from './led-answer.ts';
import { MemoryFiles } from './memory-files.ts';
import { MemoryNetwork } from './memory-network.ts';
import { MemorySockets } from './memory-sockets.ts';
import { RunningJob } from './running-job.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { Doorbells } from './simulated-doorbell.ts';
import { haStoreOf, type JobManagerWorld, SimulatedJobManager } from './simulated-job-manager.ts';
import type { World } from './simulated-process.ts';
import { SimulatedTaskManager, type TaskManagerWorld } from './simulated-task-manager.ts';
import { TestJobs, type TestProgram } from './test-jobs.ts';

export interface MiniClusterSettings {
  readonly seed?: number;
  /** More than one stand for election, and TaskManagers follow whoever leads. */
  readonly jobManagers?: number;
  /** Started at once, and again when one is lost; with `elastic` more of them come when jobs need them. */
  readonly taskManagers?: number;
  readonly slotsPerTaskManager?: number;
  readonly slots?: 'fixed' | 'elastic';
  readonly slotsMax?: number;
  readonly mayShare?: boolean;
  readonly threads?: 'slot' | 'chain';
  readonly ringSlots?: number;
  readonly ringSlotBytes?: number;
  readonly rpcTimeoutMs?: number;
  readonly log?: Logger;
  /** Ms after which a TaskManager that is given up is ended; absent: at once. Until then it may act. */
  readonly releaseMs?: () => number;
  /** Ms by which the clock of a TaskManager is ahead. */
  readonly skewMs?: () => number;
  /** The cluster that was here before, of which nothing is left but its disk: its time and chance go on. */
  readonly before?: MiniCluster;
}

const HEARTBEAT_MS = 200;
const HEARTBEAT_TIMEOUT_MS = 3_000;
const RPC_TIMEOUT_MS = 30_000;
const JOB_MANAGER = 'jobmanager';
/** A client asks again and again, a disk may be full for a while. */
const SUBMISSIONS_MAX = 500;
const SUBMIT_AGAIN_MS = 20;

export class MiniCluster {
  readonly clock: SimulatedClock;
  readonly random: SeededRandom;
  readonly files: MemoryFiles;
  readonly network: MemoryNetwork;
  readonly sockets: MemorySockets;
  readonly jobs: TestJobs;
  readonly jobManagers: SimulatedJobManager[] = [];
  readonly printed: string[] = [];
  readonly #taskManagers = new Map<ResourceId, SimulatedTaskManager>();
  readonly #settings: MiniClusterSettings;
  readonly #world: TaskManagerWorld;
  readonly #jobManagerWorld: JobManagerWorld;
  /** How TaskManagers are replaced that no leader replaces. */
  readonly #again = new Map<ResourceId, () => void>();
  readonly #outOfReach = new Map<ResourceId, () => number>();
  #onGone: (worker: ResourceId, reason: string) => void = () => undefined;
  #isOff = false;

  constructor(settings: MiniClusterSettings = {}) {
    const { seed = 1, before } = settings;
    this.#settings = settings;
    this.clock = before?.clock ?? new SimulatedClock();
    this.random = before?.random ?? new SeededRandom(seed);
    this.jobs = before?.jobs ?? new TestJobs();
    const latencyMs = (): number => 0.1 + unit(this.random);
    this.files = before?.files ?? new MemoryFiles(this.clock);
    this.files.latencyMs = 0.5;
    this.network = new MemoryNetwork(this.clock, latencyMs);
    this.sockets = new MemorySockets(this.clock, latencyMs);
    const doorbells = new Doorbells();
    this.clock.afterEvent = () => doorbells.look();
    const world = { clock: this.clock, random: this.random, files: this.files, doorbells };
    this.network.hear = (process, call) => this.#hear(process, call);
    this.sockets.hear = (process, call) => this.#hear(process, call);
    this.#world = this.#taskManagerWorld(world);
    this.#jobManagerWorld = this.#worldOfJobManagers(world);
    for (let i = 0; i < (settings.jobManagers ?? 1); i++) this.startJobManager();
    if (!this.isAlone) for (let i = settings.taskManagers ?? 1; i > 0; i--) this.#keepOne();
  }

  get isAlone(): boolean {
    return (this.#settings.jobManagers ?? 1) === 1;
  }

  /** Of whoever leads, or did last. */
  get leader(): SimulatedJobManager | undefined {
    if (this.isAlone) return this.jobManagers[0];
    let newest: SimulatedJobManager | undefined;
    for (const one of this.jobManagers) if (one.epoch > (newest?.epoch ?? 0)) newest = one;
    return newest;
  }

  get dispatcher(): Dispatcher {
    return must(this.leader?.leader, 'a leader').dispatcher;
  }

  get resourceManager(): ResourceManager {
    return must(this.leader?.leader, 'a leader').resourceManager;
  }

  startJobManager(): SimulatedJobManager {
    const name =
      this.jobManagers.length === 0 ? JOB_MANAGER : `${JOB_MANAGER}-${this.jobManagers.length + 1}`;
    const jobManager = new SimulatedJobManager(name, this.#jobManagerWorld, this.isAlone);
    this.jobManagers.push(jobManager);
    return jobManager;
  }

  /** Until somebody leads that lives, and knows the jobs of those before. */
  async elected(): Promise<void> {
    await this.clock.play(() => this.leader?.serves === true, 'somebody leads');
  }

  /** Those that live. */
  get taskManagers(): readonly SimulatedTaskManager[] {
    return [...this.#taskManagers.values()].filter(({ isAlive }) => isAlive);
  }

  submit(
    program: TestProgram,
    configuration: Readonly<Record<string, string | number | boolean>> = {},
    room?: () => Promise<void>,
    more: Partial<JobSubmission> = {},
  ): RunningJob {
    const submission = { ...this.jobs.submission(program, configuration), ...more };
    this.dispatcher.submit(submission);
    return new RunningJob(this, submission.jobId, room);
  }

  /** With several JobManagers: a job that the next leader knows; submitted again where nobody has answered. */
  async accept(
    program: TestProgram,
    configuration: Readonly<Record<string, string | number | boolean>> = {},
    room?: () => Promise<void>,
    more: Partial<JobSubmission> = {},
  ): Promise<RunningJob> {
    const submission = { ...this.jobs.submission(program, configuration), ...more };
    for (let left = SUBMISSIONS_MAX; ; left--) {
      await this.elected();
      const answer = await whileLed(this, this.dispatcher.accept(submission));
      if (answer.kind === 'result') return new RunningJob(this, submission.jobId, room);
      if (answer.kind === 'refused' && left === 0) throw answer.error;
      await this.clock.advance(SUBMIT_AGAIN_MS);
    }
  }

  /** A job of the cluster before this one, which whoever leads here goes on with. */
  async goOn(jobId: JobId): Promise<RunningJob> {
    const isHere = (): boolean => this.leader?.leader?.dispatcher.running(jobId) !== undefined;
    await this.clock.play(isHere, 'the job goes on');
    return new RunningJob(this, jobId);
  }

  /** Until the job has that state. */
  async until(job: RunningJob, state: JobState, withinMs?: number): Promise<void> {
    const isThere = (): boolean => job.state === state;
    await this.clock.play(isThere, `${state}, and the job is ${job.text}`, withinMs);
  }

  /** Until the job has ended and its client has all rows. Answers the state it has ended in. */
  async end(job: RunningJob, withinMs?: number): Promise<JobState> {
    const isOver = (): boolean => isTerminalJobState(job.state);
    await this.clock.play(isOver, `the end of a job`, withinMs).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}: it is ${job.text}`);
    });
    await this.clock.result(job.rows.done);
    return job.state;
  }

  /** As `kill -9` does; what started it notices a little later. */
  kill(taskManager: SimulatedTaskManager): void {
    void taskManager.kill().then(() => this.#tellGone(taskManager));
  }

  /** Its machine does; `isLost`: asked of each name that it had not synced. */
  losePowerAt(taskManager: SimulatedTaskManager, isLost: (path: string) => boolean): void {
    taskManager.losePower(isLost);
    this.#tellGone(taskManager);
  }

  #tellGone(taskManager: SimulatedTaskManager): void {
    this.#startAgain(taskManager.resourceId);
    this.clock.after(unit(this.random) * 5, () =>
      this.#onGone(taskManager.resourceId, 'its process was killed by SIGKILL'),
    );
  }

  /** Everything loses power at once; the disk has what was synced. */
  losePower(): void {
    for (const taskManager of this.#taskManagers.values()) void taskManager.kill();
    for (const jobManager of this.jobManagers) void jobManager.kill();
    this.#isOff = true;
    this.files.losePower();
  }

  #startAgain(worker: ResourceId): void {
    this.#again.get(worker)?.();
    this.#again.delete(worker);
  }

  /** Should it be given up, it lives on for so long. */
  putOutOfReach(worker: ResourceId, forMs: number): void {
    this.#outOfReach.set(worker, () => forMs);
  }

  killAny(): void {
    const { taskManagers } = this;
    const chosen = taskManagers[below(this.random, taskManagers.length)];
    if (chosen !== undefined) this.kill(chosen);
  }

  /** A thread of some TaskManager ends by itself. */
  crashAny(): void {
    const threads = this.taskManagers.flatMap(({ slots }) => slots.threads);
    threads[below(this.random, threads.length)]?.crash('out of memory');
  }

  /** Ends with everything: no event is left but those that nobody hears. */
  async close(): Promise<void> {
    await this.clock.result(this.dispatcher.close(10_000));
    this.resourceManager.close();
    await this.clock.advance(1_000);
  }

  /** Of all that has happened in jobs: two runs with one seed have the same. */
  get trace(): string {
    const hash = createHash('sha256');
    for (const event of this.dispatcher.events.since(0)) hash.update(JSON.stringify(event));
    hash.update(String(this.clock.elapsedMs));
    return hash.digest('hex');
  }

  /** By one that lives: at a process that has died, nobody hears it. */
  #hear(process: string, call: () => void): void {
    if (this.#isOff) return;
    const jobManager = this.jobManagers.find(({ name }) => name === process);
    const owner = jobManager?.process ?? this.#taskManagers.get(process as ResourceId)?.process;
    if (owner === undefined) call();
    else owner.hear(call);
  }

  #taskManagerWorld(world: Pick<TaskManagerWorld, keyof World | 'doorbells'>): TaskManagerWorld {
    const { threads, ringSlots, ringSlotBytes, log, rpcTimeoutMs } = this.#settings;
    return {
      ...world,
      network: this.network,
      sockets: this.sockets,
      log: log ?? silentLogger,
      loadProgram: (bundle) => this.jobs.load(bundle),
      print: (text) => void this.printed.push(text),
      findLeader: (process) =>
        this.isAlone
          ? Promise.resolve({ rpc: `unix:/${JOB_MANAGER}.rpc`, epoch: 1 })
          : haStoreOf(process).leader(),
      rpcTimeoutMs: rpcTimeoutMs ?? RPC_TIMEOUT_MS,
      threads: threads ?? 'slot',
      ringSlots: ringSlots ?? 4,
      ringSlotBytes: ringSlotBytes ?? 4_096,
    };
  }

  #worldOfJobManagers(world: World): JobManagerWorld {
    const { log, rpcTimeoutMs, taskManagers = 1 } = this.#settings;
    return {
      ...world,
      network: this.network,
      log: log ?? silentLogger,
      driver: () => this.#driver(),
      settings: {
        rpcTimeoutMs: rpcTimeoutMs ?? RPC_TIMEOUT_MS,
        resourceManager: this.#resourceManagerSettings(),
        dispatcher: {
          heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
          directory: '/cluster',
          endedMax: 2,
          endedMs: 3_600_000,
        },
        taskManagers: this.isAlone ? taskManagers : 0,
      },
    };
  }

  #resourceManagerSettings(): ResourceManagerSettings {
    const {
      taskManagers = 1,
      slotsPerTaskManager: slotsPerWorker = 2,
      slots = 'fixed',
      slotsMax = taskManagers * slotsPerWorker,
      mayShare = true,
    } = this.#settings;
    const isElastic = slots === 'elastic';
    return {
      heartbeatIntervalMs: HEARTBEAT_MS,
      heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
      spares: isElastic || !this.isAlone ? 0 : taskManagers,
      spareDelayMs: 100,
      idleTimeoutMs: this.isAlone ? 5_000 : Number.POSITIVE_INFINITY,
      profile: { slotsMax: slotsPerWorker, slots, memoryBytes: 2 ** 28 },
      slots: {
        slotsMax,
        slotsPerWorker,
        canStart: this.isAlone,
        workersMax: isElastic ? slotsMax : taskManagers,
        mayShare,
      },
    };
  }

  /** With several JobManagers no leader starts TaskManagers: there always are so many. */
  #keepOne(): void {
    const { profile } = this.#resourceManagerSettings();
    const again = (): void =>
      void this.clock.after(5 + unit(this.random) * 30, () => this.#keepOne());
    const taskManager = this.#startTaskManager(
      newResourceId('taskmanager', this.random),
      profile,
      again,
    );
    this.#again.set(taskManager.resourceId, again);
  }

  #startTaskManager(
    resourceId: ResourceId,
    profile: WorkerProfile,
    onExit: () => void,
  ): SimulatedTaskManager {
    const taskManager = new SimulatedTaskManager(resourceId, profile, this.#world, onExit);
    taskManager.process.skewMs = this.#settings.skewMs?.() ?? 0;
    this.#taskManagers.set(resourceId, taskManager);
    return taskManager;
  }

  #driver(): ResourceDriver {
    return {
      onWorkerGone: (listener) => {
        this.#onGone = listener;
      },
      requestWorker: (profile) => {
        const resourceId = newResourceId('taskmanager', this.random);
        return new Promise((resolve) =>
          this.clock.after(5 + unit(this.random) * 30, () => {
            const onExit = (): void => this.#onGone(resourceId, 'its process exited with code 0');
            this.#startTaskManager(resourceId, profile, onExit);
            resolve(resourceId);
          }),
        );
      },
      releaseWorker: (worker) => {
        const taskManager = this.#taskManagers.get(worker);
        const releaseMs = this.#outOfReach.get(worker) ?? this.#settings.releaseMs;
        const end = async (): Promise<void> => {
          await taskManager?.kill();
          this.#taskManagers.delete(worker);
          this.#startAgain(worker);
        };
        if (releaseMs === undefined) void end();
        else this.clock.after(releaseMs(), () => void end());
      },
      listWorkers: () => Promise.resolve([...this.#taskManagers.keys()]),
    };
  }
}
