// The faults of a run, drawn from its seed. Each kind is drawn for the run as a whole first, so that some runs
// have many of one kind and none of another; then each comes at a moment of its own, or waits for a seam: the
// n-th operation of a disk, the next message of some method.

import { below, type Random, unit } from '../../engine/core/random.ts';
import type { FileAction } from '../harness/memory-files.ts';
import type { Seen } from '../harness/memory-network.ts';
import type { MiniCluster } from '../harness/mini-cluster.ts';
import type { SimulatedJobManager } from '../harness/simulated-job-manager.ts';
import type { SimulatedTaskManager } from '../harness/simulated-task-manager.ts';
import { KINDS } from './fault-kinds.ts';
import { LEADER_KINDS } from './leader-fault-kinds.ts';

export interface Fault {
  readonly atMs: number;
  readonly what: string;
}

export type Kind = (faults: Faults) => void;

/** In how many runs it is drawn. */
export interface DrawnKind {
  readonly begin: Kind;
  readonly oneIn: number;
}

/** By then the job may have begun. */
const FIRST_MS = 60;
const GAP_MS = 120;
/** For so long a fault waits for its seam. */
const WITHIN_MS = 400;
/** Where it takes a while until somebody leads again. */
const LEADER_GAP_MS = 900;

/** What makes a seam fail or act. Throws to make an operation fail. */
type OnDisk = (action: FileAction) => void;
/** False loses it. */
type OnMessage = (message: Seen) => boolean;

export class Faults {
  readonly happened: Fault[] = [];
  /** Whether some TaskManager may go on for a while after it has been given up. */
  hasZombies = false;
  /** Files that were damaged where they lie: a job that needs one fails, and says so. */
  readonly damaged = new Set<string>();
  /** Something has happened that a job may have to begin anew for. */
  mayRestart = false;
  /** Something has happened to a JobManager. */
  hasHitLeader = false;
  /** When the last one is over, virtual ms. */
  endMs = 0;
  cluster: MiniCluster;
  readonly #onDisk = new Set<OnDisk>();
  readonly #onMessage = new Set<OnMessage>();
  readonly #tell: (fault: string) => void;

  constructor(cluster: MiniCluster, tell: (fault: string) => void) {
    this.cluster = cluster;
    this.#tell = tell;
    const { files } = cluster;
    const observe = files.observe;
    files.observe = (action) => {
      observe(action);
      for (const call of this.#onDisk) call(action);
    };
    this.follow(cluster);
  }

  /** The cluster that came after the one before, on the same disk. */
  follow(cluster: MiniCluster): void {
    this.cluster = cluster;
    cluster.network.delivers = (message) => {
      let delivers = true;
      for (const call of this.#onMessage) if (!call(message)) delivers = false;
      return delivers;
    };
  }

  /** Draws how many there are, of which kinds, and when. The job has been submitted. */
  plan(): void {
    const { random, clock, isAlone } = this.cluster;
    const all = isAlone ? KINDS : [...KINDS, ...LEADER_KINDS];
    const kinds = all.filter(({ oneIn }) => below(random, oneIn) === 0);
    const some = kinds.length > 0 ? kinds : [all[below(random, all.length)]];
    const gapMs = isAlone || below(random, 3) === 0 ? GAP_MS : LEADER_GAP_MS;
    // Sometimes while it begins.
    let atMs = unit(random) * GAP_MS + (below(random, 4) === 0 ? 0 : FIRST_MS);
    for (let left = 3 + below(random, 6); left > 0; left--) {
      const kind = some[below(random, some.length)];
      clock.after(atMs, () => kind?.begin(this));
      atMs += unit(random) * gapMs;
    }
    this.endMs = clock.elapsedMs + atMs;
  }

  happens(what: string, forMs = 0): void {
    this.mayRestart = true;
    this.disturbs(what, forMs);
  }

  /** It costs time, and no job a restart: what is lost is said again, what is late is waited for. */
  disturbs(what: string, forMs = 0): void {
    const { elapsedMs } = this.cluster.clock;
    this.happened.push({ atMs: elapsedMs, what });
    this.endMs = Math.max(this.endMs, elapsedMs + forMs);
    this.#tell(what);
  }

  get random(): Random {
    return this.cluster.random;
  }

  /** Some time, of which there is an end. */
  forAWhile(minMs: number, moreMs: number, end: () => void): number {
    const forMs = minMs + unit(this.random) * moreMs;
    this.cluster.clock.after(forMs, end);
    return forMs;
  }

  /** Acts on the disk for so long. */
  onDisk(minMs: number, moreMs: number, call: OnDisk): number {
    this.#onDisk.add(call);
    return this.forAWhile(minMs, moreMs, () => this.#onDisk.delete(call));
  }

  onMessages(minMs: number, moreMs: number, call: OnMessage): number {
    this.#onMessage.add(call);
    return this.forAWhile(minMs, moreMs, () => this.#onMessage.delete(call));
  }

  /** At the n-th operation of the disk that fits: once. */
  atDisk(fits: (action: FileAction) => boolean, act: OnDisk, max = 12, withinMs = WITHIN_MS): void {
    let left = 1 + below(this.random, max);
    const call: OnDisk = (action) => {
      if (!fits(action) || --left > 0) return;
      this.#onDisk.delete(call);
      act(action);
    };
    this.onDisk(withinMs, 0, call);
  }

  /** At the n-th message that fits: once. False loses it. */
  atMessage(
    fits: (message: Seen) => boolean,
    max: number,
    act: OnMessage,
    withinMs = WITHIN_MS,
  ): void {
    let left = 1 + below(this.random, max);
    const call: OnMessage = (message) => {
      if (!fits(message) || --left > 0) return true;
      this.#onMessage.delete(call);
      return act(message);
    };
    this.onMessages(withinMs, 0, call);
  }

  /** Whoever leads, as long as it lives. */
  get leader(): SimulatedJobManager | undefined {
    const { leader } = this.cluster;
    return leader?.isAlive === true ? leader : undefined;
  }

  /** On the network. */
  get leaderName(): string {
    return this.cluster.leader?.name ?? '';
  }

  /** What is to be repaired now will be needed by then. */
  crashSoon(): void {
    this.forAWhile(40, 200, () => {
      this.happens('a thread crashes');
      this.cluster.crashAny();
    });
  }

  any(): SimulatedTaskManager | undefined {
    const { taskManagers } = this.cluster;
    return taskManagers[below(this.random, taskManagers.length)];
  }

  named(machine: string): SimulatedTaskManager | undefined {
    return this.cluster.taskManagers.find(({ resourceId }) => resourceId === machine);
  }

  /** By a signal, or with its machine. */
  end(taskManager: SimulatedTaskManager): string {
    if (below(this.random, 3) > 0) {
      this.cluster.kill(taskManager);
      return 'is killed';
    }
    const isAllLost = below(this.random, 2) === 0;
    this.cluster.losePowerAt(taskManager, () => isAllLost || below(this.random, 2) === 0);
    return 'loses power';
  }
}
