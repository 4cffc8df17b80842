// What a seed draws beside its job and its faults: the cluster, the options of the job, and what its user does.

import { below, type Random, unit } from '../../engine/core/random.ts';
import type { MiniClusterSettings } from '../harness/mini-cluster.ts';
import type { CheckpointLimits } from './checkpoint-watch.ts';

/** What the user does while the job runs. */
type Act = 'nothing' | 'savepoint' | 'stop' | 'drain' | 'cancel' | 'power-cut';

export interface Scenario {
  readonly cluster: MiniClusterSettings;
  readonly parallelism: number;
  readonly configuration: Readonly<Record<string, string | number>>;
  readonly limits: CheckpointLimits;
  /** Virtual ms after which its client asks for more rows, at most. */
  readonly clientMs: number;
  readonly act: Act;
  /** Virtual ms. */
  readonly actAtMs: number;
  /** With which it goes on. */
  readonly nextParallelism: number;
  /** Beside that, the running job is asked for another parallelism at such moments. */
  readonly rescales: readonly Rescale[];
}

interface Rescale {
  /** Virtual ms. */
  readonly atMs: number;
  readonly parallelism: number;
}

const ACTS: readonly Act[] = [
  'nothing',
  'nothing',
  'nothing',
  'nothing',
  'savepoint',
  'stop',
  'stop',
  'drain',
  'cancel',
  'power-cut',
];

const PARALLELISM_MAX = 4;
/** Then only the end of the data, and the user, bring a checkpoint. */
const RARELY_MS = 600_000;

export function randomScenario(random: Random, seed: number): Scenario {
  const pick = <T>(...of: readonly T[]): T => of[below(random, of.length)] as T;
  const parallelism = 1 + below(random, PARALLELISM_MAX);
  const jobManagers = pick(1, 1, 2);
  const act = pick(...ACTS);
  const nextParallelism = 1 + below(random, PARALLELISM_MAX);
  const slotsPerTaskManager = 1 + below(random, 3);
  const rescales = randomRescales(random);
  const asked = rescales.map((rescale) => rescale.parallelism);
  const slotsNeeded = Math.max(parallelism, nextParallelism, ...asked);
  const taskManagers = Math.ceil(slotsNeeded / slotsPerTaskManager) + below(random, 2);
  const limits = {
    concurrentMax: pick(1, 1, 2, 3),
    // So long that no run ends in time by it, or so short that many a checkpoint does.
    timeoutMs: pick(300, 1_000, 600_000, 600_000),
    retained: pick(1, 1, 2, 3),
    keepsOnCancel: pick(true, false),
  };
  return {
    parallelism,
    limits,
    clientMs: pick(0, 0, 0, 20, 200),
    act,
    actAtMs: 150 + unit(random) * 500,
    nextParallelism,
    rescales,
    cluster: {
      seed,
      jobManagers,
      taskManagers,
      slotsPerTaskManager,
      // Only a JobManager that is alone starts TaskManagers.
      slots: jobManagers === 1 ? pick('fixed', 'fixed', 'elastic') : 'fixed',
      slotsMax: taskManagers * slotsPerTaskManager,
      threads: pick('slot', 'slot', 'chain'),
      ringSlots: pick(2, 4, 4),
      ringSlotBytes: pick(512, 4_096),
      rpcTimeoutMs: pick(1_000, 5_000),
      ...releases(random),
    },
    configuration: {
      'parallelism.default': parallelism,
      'execution.checkpointing.interval': `${pick(10, 10, 20, 20, 40, 40, 80, 80, RARELY_MS)} ms`,
      'execution.checkpointing.timeout': `${limits.timeoutMs} ms`,
      'execution.checkpointing.min-pause': `${pick(0, 0, 30)} ms`,
      'execution.checkpointing.max-concurrent-checkpoints': limits.concurrentMax,
      'execution.checkpointing.unaligned.enabled': pick('false', 'true', 'true'),
      'execution.checkpointing.aligned-checkpoint-timeout': `${pick(0, 0, 3, 15)} ms`,
      'execution.checkpointing.num-retained': limits.retained,
      'execution.checkpointing.incremental': pick('true', 'false'),
      'execution.checkpointing.externalized-checkpoint-retention': limits.keepsOnCancel
        ? 'RETAIN_ON_CANCELLATION'
        : 'DELETE_ON_CANCELLATION',
      'execution.checkpointing.tolerable-failed-checkpoints': 1_000,
      'pipeline.pre-aggregation': seed % 2 === 0 ? 'all' : 'off',
      'execution.buffer-timeout.interval': `${pick(0, 5, 100)} ms`,
      'state.storage.fs.memory-threshold': pick(0, 0, 20_480),
      'restart-strategy.type': 'fixed-delay',
      'restart-strategy.fixed-delay.attempts': 200,
      'restart-strategy.fixed-delay.delay': `${pick(0, 10, 50)} ms`,
    },
  };
}

/** None, mostly: else some, so that one may come in the middle of another. */
const randomRescales = (random: Random): Rescale[] =>
  Array.from({ length: Math.max(0, below(random, 6) - 3) }, () => ({
    atMs: 60 + unit(random) * 600,
    parallelism: 1 + below(random, PARALLELISM_MAX),
  }));

/** Whoever manages machines may not reach one that is given up: then it lives on for a while. */
function releases(random: Random): MiniClusterSettings {
  const often = below(random, 4);
  if (often < 2) return {};
  return { releaseMs: () => (often === 2 ? below(random, 2) : 1) * unit(random) * 8_000 };
}
