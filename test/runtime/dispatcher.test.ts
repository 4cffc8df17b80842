// What the Dispatcher remembers of jobs that have ended, and for how long.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { must } from '../../engine/core/assert.ts';
import type { JobMaster } from '../../engine/runtime/jobmaster/job-master.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import { stories } from './programs.ts';

const [{ program }] = stories;
const HOUR_MS = 3_600_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('ended jobs are remembered up to a number of them, the latest', async () => {
  const cluster = new MiniCluster();
  const ids = [];
  for (let i = 0; i < 3; i++) {
    const job = cluster.submit(program);
    await cluster.end(job);
    ids.push(job.master.jobId);
  }
  expect(cluster.dispatcher.jobs().map(({ jobId }) => jobId)).toEqual(ids.slice(1));
  expect(ids.map((id) => cluster.dispatcher.job(id)?.state)).toEqual([
    undefined,
    'FINISHED',
    'FINISHED',
  ]);
});

test('an ended job is forgotten when its time is up', async () => {
  const cluster = new MiniCluster();
  const job = cluster.submit(program);
  await cluster.end(job);
  await cluster.clock.advance(HOUR_MS - 1_000);
  expect(cluster.dispatcher.details(job.master.jobId).state).toBe('FINISHED');
  await cluster.clock.advance(2_000);
  expect(() => cluster.dispatcher.details(job.master.jobId)).toThrow('not found');
});

test('what a job brought along goes when it has ended, though the job is remembered', async () => {
  const cluster = new MiniCluster();
  const submit = (): { readonly blob: WeakRef<Uint8Array>; readonly master: JobMaster } => {
    const submission = cluster.jobs.submission(program);
    cluster.dispatcher.submit(submission);
    return {
      blob: new WeakRef(must(submission.blobs.get(submission.bundle), 'the bundle')),
      master: must(cluster.dispatcher.running(submission.jobId), 'the job'),
    };
  };
  const { blob, master } = submit();
  await cluster.clock.advance(100);
  collectGarbage();
  expect([master.state, blob.deref() === undefined]).toEqual(['RUNNING', false]);
  await cluster.clock.advance(5_000);
  collectGarbage();
  expect([master.state, blob.deref()]).toEqual(['FINISHED', undefined]);
});

test('a job is submitted once, and an unknown one is not cancelled', () => {
  const cluster = new MiniCluster();
  const submission = cluster.jobs.submission(program);
  cluster.dispatcher.submit(submission);
  expect(() => cluster.dispatcher.submit(submission)).toThrow('has been submitted already');
  const other = cluster.jobs.submission(program);
  expect(() => cluster.dispatcher.cancel(other.jobId)).toThrow('not found');
});
