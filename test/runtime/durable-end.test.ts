// A job has ended when the next leader would know it, and nobody hears of it before: seen to have FINISHED, it never
// runs again, at whatever disk operation its leader dies, and whatever the disk says.

import { expect, test } from 'vitest';
import { isTerminalJobState } from '../../engine/graph/execution-state.ts';
import { killLeader } from '../harness/leader-faults.ts';
import { fileError } from '../harness/memory-files.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import type { TestProgram } from '../harness/test-jobs.ts';

const COUNT = 40;

const program: TestProgram = ({ env }) =>
  void env.generate((i) => i, { count: COUNT, ratePerSecond: 1_000 }).print('rows');

const CONFIGURATION = { 'execution.checkpointing.interval': '15 ms' };

interface Ending {
  readonly cluster: MiniCluster;
  readonly job: RunningJob;
  /** Disk operations of its leader since its tasks have ended. */
  readonly operations: number;
  /** What clients had heard of it when its leader died. */
  readonly heard: readonly string[];
  readonly diedMs: number;
}

/** Its leader dies at that operation after the end of its tasks. */
async function dyingAt(operation: number): Promise<Ending> {
  const cluster = new MiniCluster({ seed: 3, jobManagers: 2 });
  await cluster.elected();
  const leader = cluster.leader?.name;
  const job = await cluster.accept(program, CONFIGURATION);
  const { master } = job;
  const heard: string[] = [];
  cluster.dispatcher.events.listen(({ event }) => {
    if (event.kind === 'job') heard.push(event.state);
  });
  let [operations, diedMs] = [0, Number.POSITIVE_INFINITY];
  cluster.files.observe = ({ machine }) => {
    if (machine !== leader || !isTerminalJobState(master.graph.state)) return;
    if (++operations !== operation) return;
    heard.push(cluster.dispatcher.job(master.jobId)?.state ?? '');
    diedMs = cluster.clock.now();
    killLeader(cluster, 10_000);
  };
  expect(await cluster.end(job, 60_000)).toBe('FINISHED');
  await cluster.clock.advance(1_000);
  return { cluster, job, operations, heard, diedMs };
}

test('a job that was seen to have FINISHED never runs again, whenever its leader dies', async () => {
  const { operations } = await dyingAt(Number.POSITIVE_INFINITY);
  const outcomes = new Set<string>();
  for (let operation = 1; operation <= operations; operation++) {
    const { cluster, job, heard, diedMs } = await dyingAt(operation);
    const { timestamps } = cluster.dispatcher.details(job.master.jobId);
    const hasRunAgain = (timestamps.RUNNING ?? 0) > diedMs;
    const wasSeen = heard.includes('FINISHED');
    expect(wasSeen && hasRunAgain, `operation ${operation} of ${operations}`).toBe(false);
    expect(job.rows.of('rows')).toEqual([...Array(COUNT).keys()]);
    outcomes.add(wasSeen ? 'seen' : hasRunAgain ? 'has run again' : 'was durable');
  }
  // Else it would prove nothing.
  expect([...outcomes]).toEqual(expect.arrayContaining(['seen', 'has run again']));
});

test('an end that cannot be made durable is not shown, its clients hear why, and it is tried until it can', async () => {
  const cluster = new MiniCluster({ seed: 4, jobManagers: 2 });
  const job = await cluster.accept(program, CONFIGURATION);
  const { master } = job;
  cluster.files.before = (_operation, path) => {
    if (path.includes('ended-')) throw fileError('ENOSPC', path);
  };
  await cluster.clock.play(() => isTerminalJobState(master.graph.state), 'the end of its tasks');
  await cluster.clock.advance(5_000);
  expect(cluster.dispatcher.job(master.jobId)?.state).toBe('RUNNING');
  expect(cluster.dispatcher.details(master.jobId).timestamps).not.toHaveProperty('FINISHED');
  const said = master.messages.kept.filter(({ level }) => level === 'error');
  expect(said.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^high-availability\.storageDir cannot .* the job is FINISHED.*ENOSPC/),
  ]);
  cluster.files.before = () => undefined;
  expect(await cluster.end(job, 1_000)).toBe('FINISHED');
  expect(job.rows.of('rows')).toEqual([...Array(COUNT).keys()]);
});
