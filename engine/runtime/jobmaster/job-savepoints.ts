// Savepoints of a job that runs: one is a directory of its own below the one that the user names, with all
// state in it, and never removed by the engine.

import { SluiceError } from '../../core/errors.ts';
import { newTriggerId } from '../../core/ids.ts';
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

/**
 * A path, or a `file:` URL of one, without a slash at its end.
 * @throws SluiceError for anything else: what it is relative to, nobody would know.
 */
export function localPath(location: string): string {
  const path = location.startsWith('file:') ? filePath(location) : location;
  if (!path.startsWith('/'))
    throw new SluiceError(
      'no-path',
      `${JSON.stringify(location)} is no absolute path and no file: URL; sluice keeps savepoints in files`,
    );
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

const filePath = (url: string): string => decodeURIComponent(new URL(url).pathname);

/** Named as Flink names them: after the job, and never twice. */
const newDirectory = ({ jobId }: JobMaster, root: string, random: Random): string =>
  `${localPath(root)}/savepoint-${jobId.slice(0, 6)}-${newTriggerId(random).slice(0, 12)}`;
