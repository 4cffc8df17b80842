// How a client of a simulated cluster reaches its job, under whichever JobManager leads: what was asked of one that
// leads no more is asked again.

import { delay } from '../../engine/core/clock.ts';
import type { JobId } from '../../engine/core/ids.ts';
import { type JobDoor, unreachable } from './collected-rows.ts';
import type { MiniCluster } from './mini-cluster.ts';
import type { SimulatedJobManager } from './simulated-job-manager.ts';

const AGAIN_MS = 20;
const LOOK_MS = 50;

export const doorOf = (cluster: MiniCluster, jobId: JobId): JobDoor => ({
  results: (operatorId, lane, request) => {
    const { leader } = cluster;
    const job = leader?.isAlive === true ? leader.leader?.dispatcher.job(jobId) : undefined;
    if (job === undefined) return Promise.reject(unreachable());
    const answer = job.requestResults(operatorId, lane, request);
    return cluster.isAlone ? answer : Promise.race([answer, deposed(cluster, leader)]);
  },
  again: () => delay(cluster.clock, AGAIN_MS),
});

async function deposed(
  cluster: MiniCluster,
  leader: SimulatedJobManager | undefined,
): Promise<never> {
  const epoch = leader?.epoch;
  while (cluster.leader === leader && leader?.epoch === epoch && leader?.isAlive === true)
    await delay(cluster.clock, LOOK_MS);
  throw unreachable();
}
