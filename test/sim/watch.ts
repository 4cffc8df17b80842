// What must hold all the time, looked at whenever something has happened in the cluster, under whichever JobManager
// leads: of tasks and the job, of the sink's files, of messages. What does not is kept under a name; the first one
// counts.

import type { EventLog } from '../../engine/runtime/dispatcher/event-log.ts';
import type { JobMaster } from '../../engine/runtime/jobmaster/job-master.ts';
import type { TaskSubmission } from '../../engine/runtime/taskexecutor/task-executor-gateway.ts';
import type { FileAction } from '../harness/memory-files.ts';
import type { Seen } from '../harness/memory-network.ts';
import type { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import { type CheckpointLimits, CheckpointWatch, type Damage } from './checkpoint-watch.ts';
import { HaWatch } from './ha-watch.ts';
import { Obedience } from './obedience.ts';

export interface Violation {
  readonly name: string;
  readonly text: string;
}

const TASK_STATES = ['CREATED', 'SCHEDULED', 'DEPLOYING', 'INITIALIZING', 'RUNNING'];
const JOB_STATES: Readonly<Record<string, readonly string[]>> = {
  CREATED: ['RUNNING', 'FAILING', 'CANCELLING', 'CANCELED', 'FAILED'],
  RUNNING: ['RESTARTING', 'FAILING', 'CANCELLING', 'FINISHED', 'FAILED', 'CANCELED'],
  RESTARTING: ['RUNNING', 'CREATED', 'FAILING', 'CANCELLING', 'CANCELED', 'FAILED'],
  FAILING: ['FAILED'],
  CANCELLING: ['CANCELED', 'FAILING', 'FAILED', 'FINISHED'],
};

/** What a cluster is watched for, over all its jobs. */
export class ClusterWatch {
  readonly violations: Violation[] = [];
  readonly ha: HaWatch;
  /** Of the job that runs. */
  job: Watch | undefined;
  /** Directories of checkpoints, and which JobManager has made each. */
  readonly #makers = new Map<string, string>();

  /** @param tell Hears of what happens. */
  constructor(cluster: MiniCluster, tell: (line: string) => void) {
    const { files } = cluster;
    this.ha = new HaWatch(files, (...what) => this.#wrong(...what));
    const observe = files.observe;
    files.observe = (action) => {
      observe(action);
      tell(`disk: ${action.operation} ${action.path} by ${action.machine}`);
      this.ha.onDisk(action);
      this.#onDirectory(action);
      this.job?.onDisk(action);
    };
    this.follow(cluster);
  }

  /** The cluster that comes after the one before, on the same disk. */
  follow({ clock, network }: MiniCluster): void {
    const obedience = new Obedience((...what) => this.#wrong(...what));
    const before = clock.afterEvent;
    clock.afterEvent = () => {
      before();
      this.job?.look();
    };
    network.observe = (message) => {
      obedience.onMessage(message);
      this.job?.onMessage(message);
    };
  }

  /** What one leader writes, another may not, who has been asleep. */
  #onDirectory({ operation, path, machine }: FileAction): void {
    if (operation !== 'makeDirectory' || !/\/chk-\d+$/.test(path)) return;
    const maker = this.#makers.get(path) ?? machine;
    this.#makers.set(path, maker);
    if (maker !== machine) this.#wrong('shared', `${machine} makes ${path} as ${maker} did`);
  }

  #wrong(name: string, text: string): void {
    this.violations.push({ name, text });
  }

  get violation(): Violation | undefined {
    return this.violations[0] ?? this.job?.violations[0];
  }
}

/** What is right because of what has happened. */
export interface Excuses extends Damage {
  /** The job may have to begin anew. */
  readonly mayRestart: boolean;
}

/** What a job is watched for. */
export class Watch {
  readonly violations: Violation[] = [];
  readonly checkpoints: CheckpointWatch;
  /** Somebody was promised that it ends. */
  isCancelled = false;
  #cluster: MiniCluster;
  #job: RunningJob;
  readonly #ha: HaWatch;
  readonly #excuses: Excuses;
  readonly #tell: (line: string) => void;
  readonly #tasks = new Map<string, { attempt: number; state: string }>();
  #master: JobMaster;
  #events: EventLog;
  #seenEvent: number;
  #jobState: string;

  /** @param tell Hears of every event of the cluster. */
  constructor(
    cluster: MiniCluster,
    job: RunningJob,
    ha: HaWatch,
    limits: CheckpointLimits,
    excuses: Excuses,
    tell: (line: string) => void,
  ) {
    this.#cluster = cluster;
    this.#job = job;
    this.#ha = ha;
    this.#excuses = excuses;
    this.#tell = tell;
    this.#master = job.master;
    this.#jobState = job.master.state;
    this.#events = cluster.dispatcher.events;
    this.#seenEvent = this.#events.latestId;
    const { clock, files } = cluster;
    this.checkpoints = new CheckpointWatch(clock, files, limits, excuses, (...what) =>
      this.wrong(...what),
    );
  }

  /** The job goes on in the cluster after the one where it was. */
  follow(cluster: MiniCluster, job: RunningJob): void {
    this.#cluster = cluster;
    this.#job = job;
  }

  wrong(name: string, text: string): void {
    this.violations.push({ name, text });
  }

  /** Something may have happened. */
  look(): void {
    const events = this.#cluster.leader?.leader?.dispatcher.events;
    if (events === undefined) return;
    if (events !== this.#events) this.#onLeader(events);
    if (events.latestId > this.#seenEvent) this.#onEvents();
  }

  /** Another JobManager leads. */
  #onLeader(events: EventLog): void {
    this.#tell(`${this.#cluster.leader?.name} leads under epoch ${this.#cluster.leader?.epoch}`);
    this.#events = events;
    this.#seenEvent = 0;
    this.#tasks.clear();
    this.#jobState = 'CREATED';
  }

  #onEvents(): void {
    let areCheckpointsNews = false;
    for (const { id, event } of this.#events.since(this.#seenEvent)) {
      this.#seenEvent = id;
      this.#tell(JSON.stringify(event));
      if (!('jobId' in event) || event.jobId !== this.#job.jobId) continue;
      if (event.kind === 'task')
        this.#onTask(`${event.vertex}.${event.subtask}`, event.attempt, event.state);
      else if (event.kind === 'job') this.#onJob(event.state);
      else if (event.kind === 'checkpoint') areCheckpointsNews = true;
    }
    const isOther = this.#master !== this.#job.master;
    this.#master = this.#job.master;
    // When it has ended, what it leaves is another matter.
    if (this.#jobState in JOB_STATES)
      this.checkpoints.look(this.#master, areCheckpointsNews || isOther);
  }

  #onTask(task: string, attempt: number, state: string): void {
    if (this.isCancelled && state === 'DEPLOYING')
      this.wrong('cancel', `${task} is deployed after the end of the job was promised`);
    const before = this.#tasks.get(task) ?? { attempt: -1, state: 'CREATED' };
    this.#tasks.set(task, { attempt, state });
    if (attempt < before.attempt)
      this.wrong('attempts', `attempt ${attempt} of ${task} is ${state} after ${before.attempt}`);
    if (attempt !== before.attempt) return;
    const [from, to] = [TASK_STATES.indexOf(before.state), TASK_STATES.indexOf(state)];
    const isBack = to >= 0 && (from < 0 || to < from) && before.state !== 'CANCELING';
    const isOver = ['FINISHED', 'FAILED', 'CANCELED'].includes(before.state);
    if (isBack || (isOver && before.state !== state))
      this.wrong('task-states', `${task} goes from ${before.state} to ${state}`);
  }

  #onJob(state: string): void {
    if (state === 'RESTARTING' && !this.#excuses.mayRestart)
      this.wrong('restart', 'the job begins anew, and nothing has happened that it would have to');
    if (state !== this.#jobState && JOB_STATES[this.#jobState]?.includes(state) !== true)
      this.wrong('job-states', `the job goes from ${this.#jobState} to ${state}`);
    this.#jobState = state;
  }

  /** The last checkpoint of which whatever comes is sure. */
  get #sure(): number {
    if (!this.#cluster.isAlone)
      return Math.max(this.#ha.registered(this.#job.jobId), this.checkpoints.originId);
    return this.#job.master.checkpoints.latest?.checkpointId ?? 0;
  }

  /** Tasks are told that a checkpoint is complete when no leader goes back behind it, and not before. */
  onMessage({ t, method, args }: Seen): void {
    if (t === 'call' && method === 'submitTask') this.#onSubmission(args[1] as TaskSubmission);
    if (t !== 'call' || method !== 'notifyCheckpoint' || args[3] !== 'complete') return;
    const checkpointId = args[2] as number;
    if (checkpointId > this.#sure)
      this.wrong('early-notify', `tasks hear of checkpoint ${checkpointId}, and ${this.#sure} is`);
    this.checkpoints.onToldComplete(checkpointId);
  }

  #onSubmission({ deployment: { jobId, restore } }: TaskSubmission): void {
    if (jobId === this.#job.jobId && restore !== undefined && restore.checkpointId > this.#sure)
      this.wrong('early-restore', `${restore.checkpointId} is restored, and ${this.#sure} is sure`);
  }

  /** A file is published only when the checkpoint that it was prepared under is complete, and then stays. */
  onDisk({ operation, path, from = '' }: FileAction): void {
    const isOut = path.startsWith('/out/') && !path.includes('/.sluice');
    if (isOut && (operation === 'remove' || operation === 'append' || operation === 'writeFile'))
      this.wrong('committed-file', `${operation} of ${path}, which is committed`);
    if (operation !== 'link' || !isOut) return;
    const id = Number(/\.c(\d+)$/.exec(from)?.[1] ?? Number.NaN);
    if (!(id <= this.#sure))
      this.wrong('early-commit', `${from} is published when checkpoint ${this.#sure} is complete`);
  }
}
