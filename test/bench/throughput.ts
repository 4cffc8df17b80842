// A job beside a hand-written loop over the same records, in turns, so that both see the same of what else
// the machine does.

import { execFileSync } from 'node:child_process';
import { type Measured, type Throughput, throughputOf } from './report.ts';
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
}

interface Contest {
  readonly name: string;
  readonly events: number;
  readonly job: Pick<JobSettings, 'notebook' | 'parameters'>;
  /** A script that prints what it measured as JSON, and its arguments. */
  readonly loop: readonly string[];
}

export async function contend(
  { name, events, job, loop }: Contest,
  { parallelism, runs }: ThroughputSettings,
): Promise<Throughput> {
  const configuration = {
    'parallelism.default': `${parallelism}`,
    'execution.checkpointing.interval': '1 s',
  };
  const ours: Measured[] = [];
  const loops: Measured[] = [];
  for (let run = 0; run < runs; run++) {
    loops.push(runLoop(loop));
    ours.push(await runJob({ ...job, configuration }));
  }
  return throughputOf(name, events, parallelism, ours, loops);
}

function runLoop(script: readonly string[]): Measured {
  const flags = ['--no-warnings', '--max-old-space-size=8192', ...script];
  return JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' })) as Measured;
}
