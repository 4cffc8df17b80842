// A job beside a hand-written loop over the same records, in turns, so that both see the same of what else
// the machine does.

import { execFileSync } from 'node:child_process';
import { type Measured, type Rival, type Throughput, throughputOf } from './report.ts';
import { type JobSettings, runJob } from './run-job.ts';

export interface ThroughputSettings {
  /** Empty: all. */
  readonly names: readonly string[];
  /** Events; undefined: as many as the group thinks right. */
  readonly events: number | undefined;
  /** Events per second of event time; undefined: what the job is usually measured with. */
  readonly rate: number | undefined;
  readonly parallelism: number;
  readonly runs: number;
  /** A distribution of Apache Flink to measure as well, where the group knows how. */
  readonly flinkHome: string | undefined;
}

interface Contest {
  readonly name: string;
  readonly events: number;
  readonly job: Pick<JobSettings, 'notebook' | 'parameters'>;
  /** A script that prints what it measured as JSON, and its arguments. */
  readonly loop: readonly string[];
  readonly flink?: { readonly api: Rival['api']; readonly run: () => Promise<Measured> };
}

export async function contend(
  { name, events, job, loop, flink }: Contest,
  { parallelism, runs }: ThroughputSettings,
): Promise<Throughput> {
  const configuration = {
    'parallelism.default': `${parallelism}`,
    'execution.checkpointing.interval': '1 s',
    'pipeline.object-reuse': 'true',
  };
  const ours: Measured[] = [];
  const loops: Measured[] = [];
  const theirs: Measured[] = [];
  await flink?.run(); // its virtual machine warms up
  for (let run = 0; run < runs; run++) {
    loops.push(runLoop(loop));
    ours.push(await runJob({ ...job, configuration }));
    if (flink !== undefined) theirs.push(await flink.run());
  }
  return throughputOf(name, events, parallelism, {
    ours,
    loop: loops,
    flink: flink === undefined ? undefined : { api: flink.api, runs: theirs },
  });
}

function runLoop(script: readonly string[]): Measured {
  const flags = ['--no-warnings', '--max-old-space-size=8192', ...script];
  return JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' })) as Measured;
}
