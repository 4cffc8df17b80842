// One seed's run: a cluster, a job and faults, all drawn from it; then the oracle: the job finishes in time, and
// every row has come once, each key's in their order. The seed alone tells a run.

import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../../engine/core/logger.ts';
import { below } from '../../engine/core/random.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import { byKey } from '../runtime/programs.ts';
import { planFaults } from './faults.ts';
import { randomJob, type SimulatedJob } from './random-jobs.ts';

export interface SimulationResult {
  readonly seed: number;
  readonly job: string;
  readonly faults: readonly string[];
  readonly restarts: number;
  readonly virtualMs: number;
  /** What the oracle says; undefined when all is well. */
  readonly failure: string | undefined;
}

/** Virtual. Without faults a run takes less than one second. */
const WITHIN_MS = 60_000;

/** `onLine` hears of everything that happens, in the order of virtual time. */
export async function simulate(
  seed: number,
  onLine: (line: string) => void = () => undefined,
): Promise<SimulationResult> {
  const cluster: MiniCluster = new MiniCluster({
    seed,
    taskManagers: 1 + (seed % 3),
    slotsPerTaskManager: seed % 3 === 0 ? 3 : 2,
    threads: seed % 2 === 0 ? 'slot' : 'chain',
    ringSlots: seed % 5 === 0 ? 2 : 4,
    log: logTo((line) => tell(line)),
  });
  const tell = (line: string): void => onLine(`${at(cluster)} ${line}`);
  const job = randomJob(cluster.random);
  const faults: string[] = [];
  planFaults(cluster, (fault) => {
    faults.push(`${at(cluster)} ${fault}`);
    tell(`fault: ${fault}`);
  });
  const { failure, restarts } = await run(cluster, job, tell);
  const virtualMs = Math.round(cluster.clock.elapsedMs);
  return { seed, job: job.name, faults, restarts, virtualMs, failure };
}

async function run(
  cluster: MiniCluster,
  job: SimulatedJob,
  tell: (line: string) => void,
): Promise<{ readonly failure: string | undefined; readonly restarts: number }> {
  const running = cluster.submit(job.program, configurationOf(cluster));
  const stopTelling = tellEvents(cluster, tell);
  const restartsOf = (): number => running.master.scheduler.restarts;
  try {
    const state = await cluster.end(running, WITHIN_MS);
    if (state !== 'FINISHED') return { failure: `the job is ${state}`, restarts: restartsOf() };
    const rows = byKey(running.rows.of('rows'), job.isOrdered);
    const failure = isDeepStrictEqual(rows, job.wanted) ? undefined : wrongRows(rows, job);
    return { failure, restarts: restartsOf() };
  } catch (error) {
    return { failure: (error as Error).message, restarts: restartsOf() };
  } finally {
    stopTelling();
  }
}

const configurationOf = ({ random }: MiniCluster): Record<string, string | number> => ({
  'parallelism.default': 1 + below(random, 3),
  'execution.checkpointing.interval': `${10 + below(random, 100)} ms`,
  // So long that no run ends in time by it.
  'execution.checkpointing.timeout': '10 min',
  'execution.checkpointing.tolerable-failed-checkpoints': 1_000,
  'restart-strategy.type': 'fixed-delay',
  'restart-strategy.fixed-delay.attempts': 1_000,
  'restart-strategy.fixed-delay.delay': '10 ms',
});

/** What the cluster tells its screen. Answers how to end it. */
function tellEvents({ clock, dispatcher }: MiniCluster, tell: (line: string) => void): () => void {
  let seen = 0;
  const before = clock.afterEvent;
  clock.afterEvent = () => {
    before();
    for (const event of dispatcher.events.since(seen)) {
      seen = event.id;
      tell(JSON.stringify(event));
    }
  };
  return () => {
    clock.afterEvent = before;
  };
}

function wrongRows(rows: SimulatedJob['wanted'], { wanted }: SimulatedJob): string {
  const keys = [...new Set([...wanted.keys(), ...rows.keys()])];
  const wrong = keys.filter((key) => !isDeepStrictEqual(rows.get(key), wanted.get(key)));
  const shown = wrong
    .slice(0, 3)
    .map((key) => `key ${key}: ${rows.get(key)?.join()} instead of ${wanted.get(key)?.join()}`);
  return `${wrong.length} keys have wrong rows: ${shown.join('; ')}`;
}

function logTo(tell: (line: string) => void): Logger {
  const logger: Logger = {
    log: (level, message) => tell(`${level}: ${message}`),
    named: () => logger,
  };
  return logger;
}

const at = ({ clock }: MiniCluster): string => clock.elapsedMs.toFixed(2).padStart(9);
