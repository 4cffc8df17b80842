// What checkpoints cost a job that is as fast as it can be: Nexmark's q5 with one each second, and without any, in
// turns.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { discarding } from '../nexmark/discarding.ts';
import { type Case, quantiles } from '../report.ts';
import { type JobRun, runJob } from '../run-job.ts';

const RUNS = 5;
const parameters = { events: '20000000', rate: '100000', splits: '2' };
const configuration = { 'parallelism.default': '2', 'pipeline.object-reuse': 'true' };
const EACH_SECOND = { ...configuration, 'execution.checkpointing.interval': '1 s' };
/** What is to be left of the throughput. */
const SHARE = 0.95;

export async function eachSecond(): Promise<readonly Case[]> {
  const folder = discarding();
  const job = { notebook: join(folder, 'q5.ts'), parameters };
  const [quiet, busy]: [JobRun[], JobRun[]] = [[], []];
  try {
    for (let i = 0; i < RUNS; i++) {
      quiet.push(await runJob({ ...job, configuration }));
      busy.push(await runJob({ ...job, configuration: EACH_SECOND }));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return [
    beside('20 M events of q5, a checkpoint each second', busy, quiet, ({ seconds }) => seconds),
    beside('  CPU time', busy, quiet, ({ cpuSeconds }) => cpuSeconds ?? Number.NaN),
    {
      name: '  its checkpoints',
      unit: 'ms',
      figures: quantiles(busy.flatMap(({ checkpointMs }) => checkpointMs)),
      goal: 100,
    },
  ];
}

function beside(
  name: string,
  busy: readonly JobRun[],
  quiet: readonly JobRun[],
  secondsOf: (run: JobRun) => number,
): Case {
  const of = (runs: readonly JobRun[]) => quantiles(runs.map((run) => secondsOf(run) * 1_000));
  const without = of(quiet);
  return {
    name,
    unit: 'ms',
    figures: of(busy),
    baseline: { name: '  without checkpoints', figures: without },
    goal: Math.round(without.p50 / SHARE),
  };
}
