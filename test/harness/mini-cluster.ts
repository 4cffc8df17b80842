// A whole cluster in one process under virtual time: the real Dispatcher, ResourceManager, JobMasters,
// TaskExecutors and slots, with messages, timers and threads in an order and at a pace that one seed decides.
// The same seed gives the same run. Faults come in at the seams: network, files, processes, threads.

import { createHash } from 'node:crypto';
import { must } from '../../engine/core/assert.ts';
import { newResourceId, type ResourceId } from '../../engine/core/ids.ts';
import { type Logger, silentLogger } from '../../engine/core/logger.ts';
import { below, SeededRandom, unit } from '../../engine/core/random.ts';
import { isTerminalJobState, type JobState } from '../../engine/graph/execution-state.ts';
import { RpcService } from '../../engine/rpc/rpc-service.ts';
import { Dispatcher } from '../../engine/runtime/dispatcher/dispatcher.ts';
import type { JobMaster } from '../../engine/runtime/jobmaster/job-master.ts';
import type { JobSubmission } from '../../engine/runtime/jobmaster/job-submission.ts';
import type { ResourceDriver } from '../../engine/runtime/resourcemanager/resource-driver.ts';
import { ResourceManager } from '../../engine/runtime/resourcemanager/resource-manager.ts';
import { RESOURCE_MANAGER } from '../../engine/runtime/resourcemanager/resource-manager-gateway.ts';
import { CollectedRows } from './collected-rows.ts';
import { MemoryFiles } from './memory-files.ts';
import { MemoryNetwork } from './memory-network.ts';
import { MemorySockets } from './memory-sockets.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { Doorbells } from './simulated-doorbell.ts';
import { SimulatedProcess } from './simulated-process.ts';
import { SimulatedTaskManager, type TaskManagerWorld } from './simulated-task-manager.ts';
import { TestJobs, type TestProgram } from './test-jobs.ts';

export interface MiniClusterSettings {
  readonly seed?: number;
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
const JOB_MANAGER = 'jobmanager';

/** A job under way, and the client that takes its rows. */
export interface RunningJob {
  readonly master: JobMaster;
  readonly rows: CollectedRows;
}

export class MiniCluster {
  readonly clock: SimulatedClock;
  readonly random: SeededRandom;
  readonly files: MemoryFiles;
  readonly network: MemoryNetwork;
  readonly sockets: MemorySockets;
  readonly jobs: TestJobs;
  readonly dispatcher: Dispatcher;
  readonly resourceManager: ResourceManager;
  readonly printed: string[] = [];
  readonly #taskManagers = new Map<ResourceId, SimulatedTaskManager>();
  readonly #settings: MiniClusterSettings;
  readonly #world: TaskManagerWorld;
  readonly #jobManager: SimulatedProcess;
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
    const jobManager = new SimulatedProcess(JOB_MANAGER, world);
    this.#jobManager = jobManager;
    this.network.hear = (process, call) => this.#hear(process, call);
    this.sockets.hear = (process, call) => this.#hear(process, call);
    const rpc = new RpcService({
      transport: this.network.transport(JOB_MANAGER),
      address: `unix:/${JOB_MANAGER}.rpc`,
      clock: jobManager.clock,
      timeoutMs: settings.rpcTimeoutMs ?? 30_000,
    });
    this.#world = {
      ...world,
      network: this.network,
      sockets: this.sockets,
      log: settings.log ?? silentLogger,
      loadProgram: (bundle) => this.jobs.load(bundle),
      print: (text) => void this.printed.push(text),
      resourceManagerAddress: rpc.address,
      rpcTimeoutMs: settings.rpcTimeoutMs ?? 30_000,
      threads: settings.threads ?? 'slot',
      ringSlots: settings.ringSlots ?? 4,
      ringSlotBytes: settings.ringSlotBytes ?? 4_096,
    };
    const deps = {
      rpc,
      clock: jobManager.clock,
      random: this.random,
      log: settings.log ?? silentLogger,
    };
    this.resourceManager = this.#createResourceManager(deps);
    this.dispatcher = new Dispatcher(
      {
        heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
        directory: '/cluster',
        endedMax: 2,
        endedMs: 3_600_000,
      },
      { ...deps, files: jobManager.files, resourceManager: this.resourceManager },
    );
    void rpc.start();
    rpc.serve(RESOURCE_MANAGER, this.resourceManager);
    this.resourceManager.start(settings.taskManagers ?? 1);
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
    const master = must(this.dispatcher.job(submission.jobId), 'the job');
    return { master, rows: new CollectedRows(this.dispatcher, master, room) };
  }

  /** Until the job has that state. */
  async until({ master }: RunningJob, state: JobState, withinMs?: number): Promise<void> {
    const isThere = (): boolean => master.state === state;
    await this.clock.play(isThere, `${state}, and the job is ${describe(master)}`, withinMs);
  }

  /** Until the job has ended and its client has all rows. Answers the state it has ended in. */
  async end(job: RunningJob, withinMs?: number): Promise<JobState> {
    const { master, rows } = job;
    const isOver = (): boolean => isTerminalJobState(master.state);
    await this.clock.play(isOver, `the end of a job`, withinMs).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}: it is ${describe(master)}`);
    });
    await this.clock.result(rows.done);
    return master.state;
  }

  /** As `kill -9` does; what started it notices a little later. */
  kill(taskManager: SimulatedTaskManager): void {
    taskManager.kill();
    this.clock.after(unit(this.random) * 5, () =>
      this.#onGone(taskManager.resourceId, 'its process was killed by SIGKILL'),
    );
  }

  /** Everything loses power at once; the disk has what was synced. */
  losePower(): void {
    for (const taskManager of this.#taskManagers.values()) taskManager.kill();
    this.#jobManager.die();
    this.#isOff = true;
    this.files.losePower();
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

  /** What arrives at a process that does not live any more is heard by what stood there: it was cut off. */
  #hear(process: string, call: () => void): void {
    if (this.#isOff) return;
    const owner = this.#taskManagers.get(process as ResourceId)?.process;
    if (owner?.isPaused === true) owner.hear(call);
    else call();
  }

  #createResourceManager(
    deps: Omit<ConstructorParameters<typeof ResourceManager>[1], 'driver'>,
  ): ResourceManager {
    const {
      taskManagers = 1,
      slotsPerTaskManager: slotsPerWorker = 2,
      slots = 'fixed',
      slotsMax = taskManagers * slotsPerWorker,
      mayShare = true,
    } = this.#settings;
    const isElastic = slots === 'elastic';
    return new ResourceManager(
      {
        heartbeatIntervalMs: HEARTBEAT_MS,
        heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
        spares: isElastic ? 0 : taskManagers,
        spareDelayMs: 100,
        idleTimeoutMs: 5_000,
        profile: { slotsMax: slotsPerWorker, slots, memoryBytes: 2 ** 28 },
        slots: {
          slotsMax,
          slotsPerWorker,
          canStart: true,
          workersMax: isElastic ? slotsMax : taskManagers,
          mayShare,
        },
      },
      { ...deps, driver: this.#driver() },
      () => this.dispatcher?.events.add({ kind: 'taskmanagers' }, this.clock.now()),
    );
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
            const taskManager = new SimulatedTaskManager(resourceId, profile, this.#world, onExit);
            taskManager.process.skewMs = this.#settings.skewMs?.() ?? 0;
            this.#taskManagers.set(resourceId, taskManager);
            resolve(resourceId);
          }),
        );
      },
      releaseWorker: (worker) => {
        const taskManager = this.#taskManagers.get(worker);
        const { releaseMs } = this.#settings;
        const end = (): void => {
          taskManager?.kill();
          this.#taskManagers.delete(worker);
        };
        if (releaseMs === undefined) end();
        else this.clock.after(releaseMs(), end);
      },
      listWorkers: () => Promise.resolve([...this.#taskManagers.keys()]),
    };
  }
}

/** For the message of a test that waits in vain. */
function describe({ state, graph, scheduler }: JobMaster): string {
  const tasks = graph.subtasks.map(({ current }) => current.state).join(' ');
  const failures = scheduler.failures.failures.map(({ error }) => error.message).join(' | ');
  return `${state} with tasks ${tasks}, failures: ${failures}`;
}
