// What the screen does to a job that takes its time: it says when it begins and how it ended.

import type { RestClient } from '../../engine/rest/rest-client.ts';
import type { JobCommand } from '../ui/commands.ts';

/** Rejects with what the cluster says when it does not. */
export async function changeJob(
  client: Pick<RestClient, 'triggerSavepoint' | 'stop' | 'rescale'>,
  command: Exclude<JobCommand, { readonly kind: 'cancel-job' }>,
  say: (text: string) => void,
): Promise<void> {
  const { jobId } = command;
  const where = { directory: undefined };
  switch (command.kind) {
    case 'savepoint':
      say('the savepoint is under way');
      return say(`savepoint completed: ${await client.triggerSavepoint(jobId, where)}`);
    case 'stop-job':
      say('the job stops when its savepoint is complete');
      return say(`stopped, savepoint: ${await client.stop(jobId, { ...where, isDrained: false })}`);
    case 'rescale':
      await client.rescale(jobId, command.parallelisms);
      return say(`parallelism ${command.parallelism} is asked for`);
  }
}
