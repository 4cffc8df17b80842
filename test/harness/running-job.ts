// A job of a simulated cluster as its client sees it: under whichever JobManager leads, with the rows that have
// come of it.

import { must } from '../../engine/core/assert.ts';
import type { JobId } from '../../engine/core/ids.ts';
import type { JobState } from '../../engine/graph/execution-state.ts';
import type { JobMaster } from '../../engine/runtime/jobmaster/job-master.ts';
import { CollectedRows } from './collected-rows.ts';
import { doorOf } from './job-door.ts';
import type { MiniCluster } from './mini-cluster.ts';

export class RunningJob {
  readonly jobId: JobId;
  readonly rows: CollectedRows;
  readonly #cluster: MiniCluster;
  #master: JobMaster;

  /** Whoever leads knows the job. @param room Resolves when its client wants more rows. */
  constructor(cluster: MiniCluster, jobId: JobId, room?: () => Promise<void>) {
    this.#cluster = cluster;
    this.jobId = jobId;
    this.#master = must(cluster.dispatcher.running(jobId), 'the job');
    this.rows = new CollectedRows(doorOf(cluster, jobId), this.#master, room);
  }

  /** Of the leader that knows it, or was the last to. */
  get master(): JobMaster {
    const leading = this.#cluster.leader?.leader?.dispatcher.running(this.jobId);
    if (leading !== undefined) this.#master = leading;
    return this.#master;
  }

  /** As whoever leads knows it; CREATED while nobody does. */
  get state(): JobState {
    const { isAlone, leader } = this.#cluster;
    if (isAlone) return this.master.state;
    const known = leader?.leads === true ? leader.leader?.dispatcher.job(this.jobId) : undefined;
    return known?.state ?? 'CREATED';
  }

  /** For the message of a test that waits in vain. */
  get text(): string {
    const { state, graph, scheduler } = this.master;
    const tasks = graph.subtasks.map(({ current }) => current.state).join(' ');
    const failures = scheduler.failures.failures.map(({ error }) => error.message).join(' | ');
    return `${state} with tasks ${tasks}, failures: ${failures}`;
  }
}
