// One seed's run: a cluster, a job, faults and what the user does, all drawn from it; and then whether all that
// must hold has held. The seed alone tells a run.

import type { Logger } from '../../engine/core/logger.ts';
import { below, type Random, SeededRandom } from '../../engine/core/random.ts';
import { systemClock } from '../../engine/core/system-clock.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import { type Fault, Faults } from './faults.ts';
import { JobRun } from './job-run.ts';
import { type JobShape, randomShape } from './job-shape.ts';
import { randomScenario, type Scenario } from './scenario.ts';
import type { Violation } from './watch.ts';

export interface SimulationResult {
  readonly seed: number;
  /** Its job and options, for people. */
  readonly what: string;
  readonly faults: readonly Fault[];
  readonly checkpoints: number;
  readonly restarts: number;
  readonly virtualMs: number;
  /** Three faults at least, and a checkpoint between two of them: else it proves little. */
  readonly counts: boolean;
  /** Of all that has happened. */
  readonly hash: string;
  /** Undefined when all is well. */
  readonly violation: Violation | undefined;
}

const FAULTS_MIN = 3;

/** What a seed draws before anything runs. */
export interface Drawn {
  readonly scenario: Scenario;
  readonly shape: JobShape;
  /** For what is drawn while it runs. */
  readonly random: Random;
}

export function drawnBy(seed: number): Drawn {
  // Apart from what the run itself draws, so that a job is the same whatever happens to it.
  const random = new SeededRandom(seed * 31 + 7);
  const scenario = randomScenario(random, seed);
  return { scenario, shape: randomShape(random), random };
}

/** `onLine` hears of everything that happens, in the order of virtual time. */
export async function simulate(
  seed: number,
  onLine: (line: string) => void = () => undefined,
): Promise<SimulationResult> {
  const { scenario, shape, random } = drawnBy(seed);
  const cluster: MiniCluster = new MiniCluster({
    ...scenario.cluster,
    log: logTo((line) => tell(line)),
    skewMs: () => (below(random, 4) === 0 ? below(random, 7_200_000) - 3_600_000 : 0),
  });
  const tell = (line: string): void =>
    onLine(`${cluster.clock.elapsedMs.toFixed(2).padStart(9)} ${line}`);
  const faults = new Faults(cluster, (fault) => tell(`FAULT ${fault}`));
  const run = new JobRun(cluster, scenario, shape, faults, tell);
  const violation = await guarded(() => run.toItsEnd());
  const [first, last] = [faults.happened[0]?.atMs ?? 0, faults.happened.at(-1)?.atMs ?? 0];
  const { checkpointsAt, restarts } = run;
  return {
    seed,
    what: `${shape.kind} ${scenario.act} ${JSON.stringify({ shape, scenario })}`,
    faults: faults.happened,
    checkpoints: checkpointsAt.length,
    restarts,
    virtualMs: Math.round(cluster.clock.elapsedMs),
    counts:
      faults.happened.length >= FAULTS_MIN && checkpointsAt.some((at) => at > first && at < last),
    hash: run.trace,
    violation,
  };
}

/** A promise that nobody waits for, and an assertion that fails, are violations too. */
async function guarded(run: () => Promise<Violation | undefined>): Promise<Violation | undefined> {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', onUnhandled);
  try {
    const violation = await run().catch((error: unknown) => ({
      name: 'thrown',
      text: textOf(error),
    }));
    await new Promise<void>((done) => systemClock.soon(done));
    if (violation !== undefined || unhandled.length === 0) return violation;
    return { name: 'unhandled', text: textOf(unhandled[0]) };
  } finally {
    process.removeListener('unhandledRejection', onUnhandled);
  }
}

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

function logTo(tell: (line: string) => void): Logger {
  const logger: Logger = {
    log: (level, message) => tell(`${level}: ${message}`),
    named: () => logger,
  };
  return logger;
}
