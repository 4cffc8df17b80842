// What the screen is told of a job, of a whole cluster under virtual time.

import { expect, test } from 'vitest';
import { jobView } from '../../engine/rest/handlers/job-view.ts';
import { jobDetails } from '../../engine/runtime/jobmaster/job-details.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { TestProgram } from '../harness/test-jobs.ts';

const program: TestProgram = ({ env }) => {
  env
    .generate((n) => n, { count: 5_000, ratePerSecond: 1_000 })
    .filter((n) => n % 10 === 0)
    .keyBy((n) => n)
    .map((n) => n)
    .print('rows');
};

test('what comes into a source is what it reads, though its chain hands on a tenth of it', async () => {
  const cluster = new MiniCluster({ taskManagers: 1 });
  const job = cluster.submit(program, { 'parallelism.default': 1 });
  await cluster.clock.advance(3_500);
  const { vertices } = jobView(jobDetails(job.master, cluster.clock.now()));
  const [source, behind] = vertices.map(({ subtasks }) => subtasks[0]);
  expect(source?.recordsIn).toBeGreaterThan(2_000);
  expect(source?.recordsInPerSecond).toBeGreaterThan(800);
  expect(source?.recordsOutPerSecond).toBeLessThan(150);
  expect(behind?.recordsInPerSecond).toBeLessThan(150);
});
