// The kinds of faults, but for those of messages and leaders: what dies, stands still or is cut off, what the disk
// does, and when each begins: at once, or at the next seam of a kind.

import { below, unit } from '../../engine/core/random.ts';
import { fileError } from '../harness/memory-files.ts';
import type { DrawnKind, Faults, Kind } from './faults.ts';
import { MESSAGE_KINDS } from './message-fault-kinds.ts';

/** What the disk of a mini cluster takes. */
const DISK_MS = 0.5;
/** In the directory of a checkpoint, or beside it with what several hold. */
const IS_STATE = /\/(?:chk-\d+|shared)\/(?:\d+-)?[0-9a-f]{32}-/;

const death: Kind = (faults) => {
  const taskManager = faults.any();
  if (taskManager !== undefined)
    faults.happens(`${taskManager.resourceId} ${faults.end(taskManager)}`);
};

const crash: Kind = (faults) => {
  faults.happens('a thread crashes');
  faults.cluster.crashAny();
};

/** About as long as it takes until it is given up, or anything up to that. */
const pauseFor = (faults: Faults, resume: () => void): number =>
  below(faults.random, 2) === 0
    ? faults.forAWhile(20, 3_000, resume)
    : faults.forAWhile(3_000, 1_500, resume);

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

/** It goes on when others have taken its place: with its commits, or with what it begins from. */
const pauseAtDisk: Kind = (faults) => {
  faults.atDisk(
    ({ operation, path, machine }) =>
      (path.startsWith('/out') || operation === 'readFile') && faults.named(machine) !== undefined,
    ({ machine, operation, path }) => {
      const chosen = faults.named(machine);
      if (chosen === undefined || chosen.process.isPaused) return;
      faults.hasZombies = true;
      chosen.process.pause();
      const forMs = pauseFor(faults, () => chosen.process.resume());
      const text = `${machine} stands still at ${operation} ${path} for ${forMs.toFixed(0)} ms`;
      faults.happens(text, forMs);
    },
  );
};

const slowDisk: Kind = (faults) => {
  const { files } = faults.cluster;
  files.latencyMs = 5 + unit(faults.random) * 40;
  const what = `the disk takes ${files.latencyMs.toFixed(0)} ms`;
  const forMs = faults.forAWhile(50, 300, () => {
    files.latencyMs = DISK_MS;
  });
  faults.disturbs(`${what} for ${forMs.toFixed(0)} ms`, forMs);
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
    () => true,
    ({ operation, path, machine }) => {
      faults.happens(`${operation} ${path} of ${machine} fails`);
      throw fileError('EIO', path);
    },
  );
};

/** A task's part of a checkpoint is not written, and the job soon goes back to one that comes behind it. */
const failingSnapshot: Kind = (faults) => {
  faults.atDisk(
    ({ operation, path, machine }) =>
      operation === 'writeFile' && IS_STATE.test(path) && faults.named(machine) !== undefined,
    ({ path, machine }) => {
      faults.happens(`writeFile ${path} of ${machine} fails`);
      faults.crashSoon();
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
  faults.disturbs(`the clock of ${chosen.resourceId} jumps by ${byMs} ms`);
};

/** Commits take long, and who makes them may not come to their end. */
const slowCommits: Kind = (faults) => {
  const { files } = faults.cluster;
  const lateMs = 10 + unit(faults.random) * 60;
  files.lateMs = (path) => (path.startsWith('/out') ? lateMs : 0);
  const forMs = faults.forAWhile(100, 400, () => {
    files.lateMs = () => 0;
    if (below(faults.random, 2) === 0) death(faults);
  });
  faults.disturbs(`commits take ${lateMs.toFixed(0)} ms for ${forMs.toFixed(0)} ms`, forMs);
};

/** State on the disk is not what it was: a byte has changed, or two files have; and then it is needed. */
const damage: Kind = (faults) => {
  const { files } = faults.cluster;
  const metadata = files.paths.filter((path) => /\/chk-\d+\/_metadata$/.test(path)).map(newness);
  const latest = metadata.sort((a, b) => a[0] - b[0]).at(-1)?.[1] ?? '';
  const directory = latest.slice(0, latest.lastIndexOf('/') + 1);
  const shared = `${directory.slice(0, directory.lastIndexOf('/chk-'))}/shared/`;
  const state = files.paths.filter(
    (path) => IS_STATE.test(path) && (path.startsWith(directory) || path.startsWith(shared)),
  );
  const path = state[below(faults.random, state.length || 1)];
  if (path === undefined) return;
  const other = state.find((one) => one !== path && vertexOf(one) === vertexOf(path));
  if (other !== undefined && below(faults.random, 2) === 0) {
    files.swap(path, other);
    faults.damaged.add(path).add(other);
    faults.happens(`${path} and ${other} are mistaken for one another`);
  } else {
    files.flip(path, below(faults.random, Math.max(1, files.bytesOf(path).length)));
    faults.damaged.add(path);
    faults.happens(`a byte of ${path} changes`);
  }
  crash(faults);
};

const newness = (path: string): readonly [number, string] => [
  Number(/\/chk-(\d+)\//.exec(path)?.[1]),
  path,
];

/** Its file is named after it. */
const vertexOf = (path: string): string => /([0-9a-f]{32})-/.exec(path)?.[1] ?? path;

const USUAL: readonly Kind[] = [
  death,
  crash,
  deathAtDisk,
  deathAtCommit,
  pauseAtDisk,
  slowDisk,
  slowCommits,
  fullDisk,
  failingDisk,
  failingSnapshot,
  partition,
  pause,
  clockJump,
];

/** What ends a job for good is rarer. */
export const KINDS: readonly DrawnKind[] = [
  ...USUAL.map((begin) => ({ begin, oneIn: 3 })),
  ...MESSAGE_KINDS.map((begin) => ({ begin, oneIn: 3 })),
  { begin: damage, oneIn: 12 },
];
