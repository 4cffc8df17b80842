// Faults that must meet at one moment, and would not by chance. They are drawn apart from all others, so that a run that
// has none of them is what it was before there were any.

import type { Random } from '../../engine/core/random.ts';
import { below, unit } from '../../engine/core/random.ts';
import type { FileAction } from '../harness/memory-files.ts';
import type { Faults, Kind } from './faults.ts';

const ONE_IN = 10;
const [FIRST_MS, WITHIN_MS] = [80, 500];
/** A TaskManager is lost, and what it did has begun elsewhere. */
const REPLACED_MS = 6_000;
/** A job that fails has begun again. */
const BEGINS_MS = 2_000;
const IS_CHECKPOINT = /\/(?:chk-\d+|shared)\//;

/** Stands still while a task begins there, and goes on when whoever took its place has prepared what it will commit. */
const wakesAtPrepare: Kind = (faults) => {
  const { cluster } = faults;
  faults.happens('a thread crashes');
  cluster.crashAny();
  const begins = ({ operation, path, machine }: FileAction): boolean =>
    operation === 'readFile' && IS_CHECKPOINT.test(path) && isAwake(faults, machine);
  const pause = ({ machine }: FileAction): void => {
    const chosen = faults.named(machine);
    if (chosen === undefined) return;
    const { process, resourceId } = chosen;
    faults.hasZombies = true;
    cluster.putOutOfReach(resourceId, REPLACED_MS);
    process.pause();
    faults.happens(`${machine} stands still until others prepare a file`, REPLACED_MS);
    const resume = (): void => process.resume();
    const isPrepared = (action: FileAction): boolean =>
      action.operation === 'rename' &&
      action.path.startsWith('/out/') &&
      action.machine !== machine;
    faults.atDisk(isPrepared, resume, 3, REPLACED_MS);
    faults.forAWhile(REPLACED_MS, 0, resume);
  };
  faults.atDisk(begins, pause, 4, BEGINS_MS);
};

const isAwake = (faults: Faults, machine: string): boolean =>
  faults.named(machine)?.process.isPaused === false;

/** Draws whether there are any, and when. */
export function planRare(faults: Faults, random: Random): void {
  if (below(random, ONE_IN) > 0) return;
  faults.cluster.clock.after(FIRST_MS + unit(random) * WITHIN_MS, () => wakesAtPrepare(faults));
}
