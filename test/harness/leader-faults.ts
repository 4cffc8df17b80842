// What can happen to the JobManager that leads a simulated cluster: it dies, it sleeps, it is cut off.

import type { MiniCluster } from './mini-cluster.ts';

/** As by `kill -9`; another JobManager is started a while later. */
export function killLeader(cluster: MiniCluster, againAfterMs: number): void {
  const { leader } = cluster;
  if (leader?.isAlive !== true) return;
  void leader.kill();
  cluster.clock.after(againAfterMs, () => cluster.startJobManager());
}

/** It stands still for so long, as between SIGSTOP and SIGCONT. */
export function pauseLeader({ leader, clock }: MiniCluster, forMs: number): void {
  if (leader?.isAlive !== true) return;
  leader.pause();
  clock.after(forMs, () => leader.resume());
}

/** It and the TaskManagers do not hear one another for so long. */
export function partitionLeader(
  { leader, network, clock, taskManagers }: MiniCluster,
  forMs: number,
): void {
  if (leader === undefined) return;
  for (const { resourceId } of taskManagers) network.cut(leader.name, resourceId);
  clock.after(forMs, () => {
    for (const { resourceId } of taskManagers) network.join(leader.name, resourceId);
  });
}
