// Profiles the threads of some tasks, each once, and cuts out what each task did.

import type { CallFrame } from '../../core/cpu-profile.ts';
import { type TaskSample, taskSample } from '../../core/flame-sample.ts';
import type { BlobCache } from './blob-cache.ts';
import type { Task } from './slot-task.ts';

export interface FrameNames {
  readonly blobs: BlobCache;
  /** Calls as people name them, of a bundle's program; undefined for those that they need not see. */
  readonly nameFrames: (bundle: Uint8Array | undefined) => (frame: CallFrame) => string | undefined;
}

/** Tasks whose thread does not answer are left out. */
export async function sampleTasks(
  tasks: readonly Task[],
  durationMs: number,
  intervalMs: number,
  { blobs, nameFrames }: FrameNames,
): Promise<readonly TaskSample[]> {
  const threads = [...Map.groupBy(tasks, ({ worker }) => worker)];
  const samples = threads.map(async ([worker, own]) => {
    const profile = await worker.profile(durationMs, intervalMs);
    if (profile === undefined) return [];
    return own.map(({ deployment: { attemptId, program } }) =>
      taskSample(profile, attemptId, nameFrames(blobs.get(program.bundle))),
    );
  });
  return (await Promise.all(samples)).flat();
}
