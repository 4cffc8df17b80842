// The kinds of faults: what dies, stands still, is lost, late or doubled, what the disk does, and when each begins:
// at once, or at the next seam of a kind.

import { below, unit } from '../../engine/core/random.ts';
import { fileError } from '../harness/memory-files.ts';
import type { Faults } from './faults.ts';

export type Kind = (faults: Faults) => void;

/** What the disk of a mini cluster takes. */
const DISK_MS = 0.5;

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

/** Between the two phases of a sink, or in the middle of the second. */
const deathAtCommit: Kind = (faults) => {
  faults.atDisk(
    ({ operation, path, machine }) =>
      path.startsWith('/out') && COMMITS.includes(operation) && faults.named(machine) !== undefined,
    ({ machine, operation, path }) => {
      const taskManager = faults.named(machine);
      if (taskManager === undefined) return;
      faults.happens(`${machine} ${faults.end(taskManager)} at ${operation} ${path}`);
    },
  );
};

const COMMITS = ['link', 'rename', 'makeDirectory', 'list'];

/** It goes on when others have taken its place. */
const pauseAtDisk: Kind = (faults) => {
  faults.atDisk(
    ({ path, machine }) => path.startsWith('/out') && faults.named(machine) !== undefined,
    ({ machine, operation, path }) => {
      const chosen = faults.named(machine);
      if (chosen === undefined || chosen.process.isPaused) return;
      faults.hasZombies = true;
      chosen.process.pause();
      const forMs = faults.forAWhile(20, 5_000, () => chosen.process.resume());
      const text = `${machine} stands still at ${operation} ${path} for ${forMs.toFixed(0)} ms`;
      faults.happens(text, forMs);
    },
  );
};

/** What TaskManagers and JobManagers tell one another. */
export const METHODS = [
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
    below(faults.random, 2) === 0
      ? [faults.leaderName, taskManager]
      : [taskManager, faults.leaderName];
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
  const { leaderName } = faults;
  const ways = below(faults.random, 3);
  if (ways === 0) network.cut(chosen, leaderName);
  else if (ways === 1) network.cutOneWay(chosen, leaderName);
  else network.cutOneWay(leaderName, chosen);
  const forMs = faults.forAWhile(50, 4_000 * below(faults.random, 2) + 200, () =>
    network.join(chosen, leaderName),
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
  // Where nobody would end it, for a TaskManager that no leader knows, it goes on.
  if (faults.cluster.isAlone && below(faults.random, 5) === 0)
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

const USUAL: readonly Kind[] = [
  death,
  crash,
  deathAtDisk,
  deathAtCommit,
  pauseAtDisk,
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
];

/** In how many runs it is drawn. */
export interface DrawnKind {
  readonly begin: Kind;
  readonly oneIn: number;
}

/** What ends a job for good is rarer. */
export const KINDS: readonly DrawnKind[] = [
  ...USUAL.map((begin) => ({ begin, oneIn: 3 })),
  { begin: damage, oneIn: 12 },
];
