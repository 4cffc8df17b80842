// The faults of a run, drawn from its seed. Each kind is drawn for the run as a whole first, so that some runs
// have many of one kind and none of another; then each comes at a moment of its own, or waits for a seam: the
// n-th operation of a disk, the next message of some method.

import { below, type Random, unit } from '../../engine/core/random.ts';
import { type FileAction, fileError } from '../harness/memory-files.ts';
import type { Seen } from '../harness/memory-network.ts';
import type { MiniCluster } from '../harness/mini-cluster.ts';
import type { SimulatedTaskManager } from '../harness/simulated-task-manager.ts';

export interface Fault {
  readonly atMs: number;
  readonly what: string;
}

/** What the disk of a mini cluster takes. */
const DISK_MS = 0.5;
/** The first comes when the job may have begun, and none after the last of these ms. */
const FIRST_MS = 60;
const GAP_MS = 120;

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
  /** Some removal failed: what it was to remove may stay. */
  hasFailedRemovals = false;
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

  /** Draws how many there are, of which kinds, and when. */
  plan(): void {
    const { random, clock } = this.cluster;
    // What ends a job for good is rarer than the others.
    const kinds = KINDS.filter((kind) => below(random, kind === damage ? 12 : 3) === 0);
    const some = kinds.length > 0 ? kinds : [KINDS[below(random, KINDS.length)]];
    let atMs = FIRST_MS + unit(random) * GAP_MS;
    for (let left = 3 + below(random, 6); left > 0; left--) {
      const kind = some[below(random, some.length)];
      clock.after(atMs, () => kind?.(this));
      atMs += unit(random) * GAP_MS;
    }
    this.endMs = atMs;
  }

  happens(what: string, forMs = 0): void {
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
  atDisk(fits: (action: FileAction) => boolean, act: OnDisk): void {
    let left = 1 + below(this.random, 12);
    const call: OnDisk = (action) => {
      if (!fits(action) || --left > 0) return;
      this.#onDisk.delete(call);
      act(action);
    };
    this.onDisk(400, 0, call);
  }

  /** At the n-th message that fits: once. False loses it. */
  atMessage(fits: (message: Seen) => boolean, max: number, act: OnMessage): void {
    let left = 1 + below(this.random, max);
    const call: OnMessage = (message) => {
      if (!fits(message) || --left > 0) return true;
      this.#onMessage.delete(call);
      return act(message);
    };
    this.onMessages(400, 0, call);
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

type Kind = (faults: Faults) => void;

const death: Kind = (faults) => {
  const taskManager = faults.any();
  if (taskManager !== undefined)
    faults.happens(`${taskManager.resourceId} ${faults.end(taskManager)}`);
};

const crash: Kind = (faults) => {
  faults.happens('a thread crashes');
  faults.cluster.crashAny();
};

const deathAtDisk: Kind = (faults) => {
  faults.atDisk(
    ({ machine, operation }) => operation !== 'readFile' && faults.named(machine) !== undefined,
    ({ machine, operation, path }) => {
      const taskManager = faults.named(machine);
      if (taskManager === undefined) return;
      const isDone = below(faults.random, 2) === 0;
      faults.happens(
        `${machine} ${faults.end(taskManager)} ${isDone ? 'after' : 'before'} ${operation} ${path}`,
      );
      if (!isDone) throw fileError('EIO', path);
    },
  );
};

const METHODS = [
  'acknowledgeCheckpoint',
  'acknowledgeCheckpoint',
  'notifyCheckpoint',
  'notifyCheckpoint',
  'triggerCheckpoint',
  'submitTask',
  'offerSlots',
  'requestSlot',
  'operatorEvent',
  'sendOperatorEvent',
  'updateTaskState',
  'cancelTask',
  'requestResults',
  'freeSlot',
] as const;

const deathAtMessage: Kind = (faults) => {
  const method = METHODS[below(faults.random, METHODS.length)];
  faults.atMessage(
    (seen) => seen.method === method,
    4,
    (seen) => {
      const taskManager = faults.named(seen.from) ?? faults.named(seen.to);
      if (taskManager === undefined) return true;
      faults.happens(`${taskManager.resourceId} ${faults.end(taskManager)} at ${seen.t} ${method}`);
      return below(faults.random, 2) === 0;
    },
  );
};

const lostMessage: Kind = (faults) => {
  const method = METHODS[below(faults.random, METHODS.length)];
  faults.atMessage(
    (seen) => seen.method === method,
    4,
    ({ t, from }) => {
      faults.happens(`${t} ${method} from ${from} is lost`);
      return false;
    },
  );
};

const lostMessages: Kind = (faults) => {
  const forMs = faults.onMessages(20, 150, () => below(faults.random, 6) > 0);
  faults.happens(`one message in six is lost for ${forMs.toFixed(0)} ms`, forMs);
};

const doubledMessages: Kind = (faults) => {
  const { network } = faults.cluster;
  network.repeats = () => below(faults.random, 3) === 0;
  const forMs = faults.forAWhile(20, 300, () => {
    network.repeats = () => false;
  });
  faults.happens(`one call in three comes twice for ${forMs.toFixed(0)} ms`, forMs);
};

const lateMessages: Kind = (faults) => {
  const { network, sockets } = faults.cluster;
  const lateMs = 5 + unit(faults.random) * 50;
  const isData = below(faults.random, 2) === 0;
  if (isData) sockets.lateMs = lateMs;
  else network.lateMs = lateMs;
  const forMs = faults.forAWhile(20, 200, () => {
    if (isData) sockets.lateMs = 0;
    else network.lateMs = 0;
  });
  const what = isData ? 'records' : 'messages';
  faults.happens(`${what} take ${lateMs.toFixed(0)} ms more for ${forMs.toFixed(0)} ms`, forMs);
};

/** What goes the one way is overtaken by what goes another. */
const slowWay: Kind = (faults) => {
  const taskManager = faults.any()?.resourceId;
  if (taskManager === undefined) return;
  const { network } = faults.cluster;
  const [from, to] =
    below(faults.random, 2) === 0 ? ['jobmanager', taskManager] : [taskManager, 'jobmanager'];
  const lateMs = 20 + unit(faults.random) * 200;
  network.slow(from, to, lateMs);
  const forMs = faults.forAWhile(50, 300, () => network.slow(from, to, 0));
  faults.happens(
    `${from} to ${to} takes ${lateMs.toFixed(0)} ms for ${forMs.toFixed(0)} ms`,
    forMs,
  );
};

const brokenConnections: Kind = (faults) => {
  const { network, sockets } = faults.cluster;
  if (below(faults.random, 2) === 0) {
    if (sockets.breakOne((count) => below(faults.random, count)))
      faults.happens('a data connection breaks');
    return;
  }
  const taskManager = faults.any()?.resourceId;
  if (taskManager === undefined) return;
  faults.happens(`the connections of ${taskManager} break`);
  network.breakConnections(taskManager);
};

const slowDisk: Kind = (faults) => {
  const { files } = faults.cluster;
  files.latencyMs = 5 + unit(faults.random) * 40;
  const what = `the disk takes ${files.latencyMs.toFixed(0)} ms`;
  const forMs = faults.forAWhile(50, 300, () => {
    files.latencyMs = DISK_MS;
  });
  faults.happens(`${what} for ${forMs.toFixed(0)} ms`, forMs);
};

const WRITES = ['writeFile', 'makeDirectory', 'create', 'append'];

const fullDisk: Kind = (faults) => {
  const forMs = faults.onDisk(20, 150, ({ operation, path }) => {
    if (WRITES.includes(operation)) throw fileError('ENOSPC', path);
  });
  faults.happens(`the disk is full for ${forMs.toFixed(0)} ms`, forMs);
};

const failingDisk: Kind = (faults) => {
  faults.atDisk(
    // A job that cannot read what it is to begin with is refused, and rightly.
    ({ operation, machine }) => operation !== 'readFile' || faults.named(machine) !== undefined,
    ({ operation, path, machine }) => {
      faults.happens(`${operation} ${path} of ${machine} fails`);
      if (operation === 'remove') faults.hasFailedRemovals = true;
      throw fileError('EIO', path);
    },
  );
};

/** Sometimes beyond the time after which a TaskManager that is not heard of is lost. */
const partition: Kind = (faults) => {
  const { network } = faults.cluster;
  const chosen = faults.any()?.resourceId;
  if (chosen === undefined) return;
  faults.hasZombies = true;
  const ways = below(faults.random, 3);
  if (ways === 0) network.cut(chosen, 'jobmanager');
  else if (ways === 1) network.cutOneWay(chosen, 'jobmanager');
  else network.cutOneWay('jobmanager', chosen);
  const forMs = faults.forAWhile(50, 4_000 * below(faults.random, 2) + 200, () =>
    network.join(chosen, 'jobmanager'),
  );
  const how = ['from one another', 'so that it is not heard', 'so that it does not hear'][ways];
  faults.happens(
    `${chosen} and the JobManager are cut off ${how} for ${forMs.toFixed(0)} ms`,
    forMs,
  );
};

const pause: Kind = (faults) => {
  const chosen = faults.any();
  if (chosen === undefined || chosen.process.isPaused) return;
  faults.hasZombies = true;
  chosen.process.pause();
  if (below(faults.random, 5) === 0)
    return faults.happens(`${chosen.resourceId} stands still for good`);
  const forMs = faults.forAWhile(20, below(faults.random, 2) === 0 ? 200 : 5_000, () =>
    chosen.process.resume(),
  );
  faults.happens(`${chosen.resourceId} stands still for ${forMs.toFixed(0)} ms`, forMs);
};

const HOUR_MS = 3_600_000;

const clockJump: Kind = (faults) => {
  const chosen = faults.any();
  if (chosen === undefined) return;
  const byMs = Math.round((unit(faults.random) - 0.5) * 2 * HOUR_MS);
  chosen.process.skewMs += byMs;
  faults.happens(`the clock of ${chosen.resourceId} jumps by ${byMs} ms`);
};

/** A byte of some task's state changes on the disk. */
const damage: Kind = (faults) => {
  const { files } = faults.cluster;
  const state = files.paths.filter((path) => /\/chk-\d+\/[0-9a-f]{32}-/.test(path));
  const path = state[below(faults.random, state.length || 1)];
  if (path === undefined) return;
  files.flip(path, below(faults.random, Math.max(1, files.bytesOf(path).length)));
  faults.damaged.add(path);
  faults.happens(`a byte of ${path} changes`);
};

const KINDS: readonly Kind[] = [
  death,
  crash,
  deathAtDisk,
  deathAtMessage,
  lostMessage,
  lostMessages,
  doubledMessages,
  lateMessages,
  slowWay,
  brokenConnections,
  slowDisk,
  fullDisk,
  failingDisk,
  partition,
  pause,
  clockJump,
  damage,
];
