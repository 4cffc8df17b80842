// What happens to the JobManager that leads while another stands by: it dies, loses power, sleeps, or is not heard,
// at once or at a seam: an operation of its disk, a message from or to it.

import { below, unit } from '../../engine/core/random.ts';
import { fileError } from '../harness/memory-files.ts';
import type { SimulatedJobManager } from '../harness/simulated-job-manager.ts';
import type { DrawnKind, Faults, Kind } from './faults.ts';
import { METHODS } from './message-fault-kinds.ts';

const AGAIN_MS = 3_000;
/** Beyond its lease, and sometimes beyond what TaskManagers wait for. */
const SLEEP_MS = 5_000;

/** What becomes of it, and for how long. */
type Fate = (faults: Faults, leader: SimulatedJobManager) => readonly [what: string, forMs: number];

/** As by `kill -9`, or with its machine; another is started a while later. */
const end: Fate = (faults, leader) => {
  const { random } = faults;
  hit(faults);
  const forMs = faults.forAWhile(0, AGAIN_MS, () => faults.cluster.startJobManager());
  const untilNext = `(another begins in ${forMs.toFixed(0)} ms)`;
  if (below(random, 2) === 0) {
    void leader.kill();
    return [`is killed ${untilNext}`, forMs];
  }
  const isAllLost = below(random, 2) === 0;
  leader.losePower(() => isAllLost || below(random, 2) === 0);
  return [`loses power ${untilNext}`, forMs];
};

const sleep: Fate = (faults, leader) => {
  hit(faults);
  leader.pause();
  if (below(faults.random, 6) === 0) {
    const forMs = faults.forAWhile(0, AGAIN_MS, () => faults.cluster.startJobManager());
    return ['sleeps for good', forMs];
  }
  const forMs = faults.forAWhile(50, SLEEP_MS * below(faults.random, 2) + 1_200, () =>
    leader.resume(),
  );
  return [`sleeps for ${forMs.toFixed(0)} ms`, forMs];
};

/** Tasks may go on for a while under a leader that is none any more. */
function hit(faults: Faults): void {
  faults.hasHitLeader = true;
  faults.hasZombies = true;
}

const atOnce =
  (fate: Fate): Kind =>
  (faults) => {
    const { leader } = faults;
    if (leader === undefined || leader.process.isPaused) return;
    const [what, forMs] = fate(faults, leader);
    faults.happens(`the leader ${leader.name} ${what}`, forMs);
  };

/** It has just promised something, and sometimes that was its last word. */
export function afterItsWord(faults: Faults): void {
  const { leader, random, cluster } = faults;
  if (cluster.isAlone || leader === undefined || below(random, 4) > 0) return;
  const [what, forMs] = end(faults, leader);
  faults.happens(`the leader ${leader.name} ${what} after its word`, forMs);
}

const atDisk =
  (fate: Fate): Kind =>
  (faults) => {
    faults.atDisk(
      ({ machine }) => machine === faults.leader?.name,
      ({ machine, operation, path }) => {
        const { leader } = faults;
        if (leader === undefined || leader.process.isPaused) return;
        const isDone = below(faults.random, 2) === 0;
        const [what, forMs] = fate(faults, leader);
        const when = isDone ? 'after' : 'before';
        faults.happens(`the leader ${machine} ${what} ${when} ${operation} ${path}`, forMs);
        if (!isDone && !leader.isAlive) throw fileError('EIO', path);
      },
    );
  };

const atMessage =
  (fate: Fate): Kind =>
  (faults) => {
    const method = METHODS[below(faults.random, METHODS.length)];
    faults.atMessage(
      (seen) => seen.method === method && [seen.from, seen.to].includes(faults.leader?.name ?? ''),
      4,
      ({ t, from }) => {
        const { leader } = faults;
        if (leader === undefined || leader.process.isPaused) return true;
        const [what, forMs] = fate(faults, leader);
        faults.happens(`the leader ${leader.name} ${what} at ${t} ${method} from ${from}`, forMs);
        return below(faults.random, 2) === 0;
      },
    );
  };

/** Whoever leads next does not read at once what there is. */
const failingReads: Kind = (faults) => {
  const { leader } = faults;
  if (leader === undefined || leader.process.isPaused) return;
  const [what, forMs] = end(faults, leader);
  faults.happens(`the leader ${leader.name} ${what}`, forMs);
  faults.atDisk(
    ({ operation, path }) =>
      operation === 'readFile' && (/^\/ha\/files\//.test(path) || path.endsWith('/_results')),
    ({ path, machine }) => {
      faults.happens(`readFile ${path} of ${machine} fails`);
      throw fileError('EIO', path);
    },
    1,
    AGAIN_MS,
  );
};

/** TaskManagers and it do not hear one another, or one of the two does not. */
const cutOff: Kind = (faults) => {
  const { leaderName } = faults;
  const { network, taskManagers } = faults.cluster;
  hit(faults);
  const ways = below(faults.random, 3);
  for (const { resourceId } of taskManagers) {
    if (ways !== 1) network.cutOneWay(leaderName, resourceId);
    if (ways !== 0) network.cutOneWay(resourceId, leaderName);
  }
  const forMs = faults.forAWhile(50, 4_000 * below(faults.random, 2) + 200, () => {
    for (const { resourceId } of taskManagers) network.join(leaderName, resourceId);
  });
  const how = ['is not heard', 'does not hear', 'is cut off'][ways];
  faults.happens(`the leader ${leaderName} ${how} for ${forMs.toFixed(0)} ms`, forMs);
};

/** What the next leader is to know takes a while, and meanwhile the job restarts. */
const slowStore: Kind = (faults) => {
  const { files, clock } = faults.cluster;
  const lateMs = 10 + unit(faults.random) * 50;
  files.lateMs = (path) => (path.startsWith('/ha') ? lateMs : 0);
  const forMs = faults.forAWhile(100, 400, () => {
    files.lateMs = () => 0;
  });
  faults.happens(`the log takes ${lateMs.toFixed(0)} ms for ${forMs.toFixed(0)} ms`, forMs);
  clock.after(unit(faults.random) * forMs, () => {
    faults.happens('a thread crashes');
    faults.cluster.crashAny();
  });
};

export const LEADER_KINDS: readonly DrawnKind[] = [
  { begin: atOnce(end), oneIn: 2 },
  { begin: atDisk(end), oneIn: 2 },
  { begin: atMessage(end), oneIn: 3 },
  { begin: atOnce(sleep), oneIn: 3 },
  { begin: atDisk(sleep), oneIn: 2 },
  { begin: atMessage(sleep), oneIn: 3 },
  { begin: slowStore, oneIn: 3 },
  { begin: failingReads, oneIn: 6 },
  { begin: cutOff, oneIn: 4 },
];
