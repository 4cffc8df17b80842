// Savepoints of a job that runs: one is a directory of its own below the one that the user names, with all
// state in it, and never removed by the engine.

import { newTriggerId } from '../../core/ids.ts';
import { localPath } from '../../core/local-path.ts';
import type { Random } from '../../core/random.ts';
import type { JobMaster } from './job-master.ts';

/** Resolves with its path when it is durable. The job goes on: what its sinks have prepared stays so. */
export async function takeSavepoint(job: JobMaster, root: string, random: Random): Promise<string> {
  const path = newDirectory(job, root, random);
  await job.checkpoints.savepoint(path);
  return path;
}

/**
 * Resolves with its path when the job has FINISHED, with all that its sinks have prepared committed.
 * @param isDrained Its data ends first: all windows and timers fire, and nothing is left to continue.
 */
export async function stopWithSavepoint(
  job: JobMaster,
  root: string,
  isDrained: boolean,
  random: Random,
): Promise<string> {
  const path = newDirectory(job, root, random);
  await job.checkpoints.endWith(isDrained ? 'drain' : 'stop', path);
  return path;
}

/** Named as Flink names them: after the job, and never twice. */
const newDirectory = ({ jobId }: JobMaster, root: string, random: Random): string =>
  `${localPath(root)}/savepoint-${jobId.slice(0, 6)}-${newTriggerId(random).slice(0, 12)}`;
