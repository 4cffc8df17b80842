// Flame graphs of vertices, as Flink's dashboard draws them: the first who asks sets off a sample of all its
// subtasks, which is shown until it is old. While there is none yet, the answer says so, and the client asks
// again.

import type { Clock } from '../core/clock.ts';
import { type FlameNode, mergedCalls, type TaskSample } from '../core/flame-sample.ts';
import { options } from '../core/options.ts';
import type {
  JobDetails,
  SubtaskDetails,
  VertexDetails,
} from '../runtime/jobmaster/job-details.ts';
import type { RestContext } from './rest-context.ts';

export type FlameGraphType = 'full' | 'on_cpu' | 'off_cpu';

interface Sampled {
  readonly endMs: number;
  /** By index of the subtask. */
  readonly subtasks: ReadonlyMap<number, TaskSample>;
}

/** Flink's way to say it. */
const WAITING = { endTimestamp: -3 };
const DISABLED = { endTimestamp: -2 };
const NOT_RUNNING = { endTimestamp: -1 };
/** Vertices whose graphs are kept; some 100 kB each. */
const KEPT_MAX = 32;

export class FlameGraphs {
  readonly #context: Pick<RestContext, 'configuration' | 'resourceManager'>;
  readonly #clock: Clock;
  readonly #sampled = new Map<string, Sampled>();
  readonly #sampling = new Set<string>();

  constructor(context: Pick<RestContext, 'configuration' | 'resourceManager' | 'clock'>) {
    this.#context = context;
    this.#clock = context.clock;
  }

  /** @param subtask Undefined: all of them. */
  answer(
    { jobId }: JobDetails,
    { vertex, subtasks }: VertexDetails,
    type: FlameGraphType,
    subtask: number | undefined,
  ): unknown {
    const { configuration } = this.#context;
    if (!configuration.get(options.flameGraphEnabled)) return DISABLED;
    const running = subtasks.filter(({ current }) => current.state === 'RUNNING');
    if (running.length === 0) return NOT_RUNNING;
    const key = `${jobId}/${vertex.id}`;
    const known = this.#sampled.get(key);
    const refreshMs = configuration.get(options.flameGraphRefresh);
    if (known === undefined || this.#clock.now() - known.endMs > refreshMs)
      void this.#sample(key, running);
    return known === undefined ? WAITING : graphOf(known, type, subtask);
  }

  async #sample(key: string, subtasks: readonly SubtaskDetails[]): Promise<void> {
    if (this.#sampling.has(key)) return;
    this.#sampling.add(key);
    try {
      const samples = await Promise.all(
        [...Map.groupBy(subtasks, ({ current }) => current.assignment?.taskManager)].map(
          ([taskManager, own]) => this.#ask(taskManager, own),
        ),
      );
      this.#keep(key, { endMs: this.#clock.now(), subtasks: new Map(samples.flat()) });
    } finally {
      this.#sampling.delete(key);
    }
  }

  /** One that does not answer has nothing to show. */
  async #ask(
    taskManager: NonNullable<SubtaskDetails['current']['assignment']>['taskManager'] | undefined,
    subtasks: readonly SubtaskDetails[],
  ): Promise<readonly (readonly [number, TaskSample])[]> {
    const { configuration, resourceManager } = this.#context;
    const executor = taskManager && resourceManager.taskExecutor(taskManager);
    if (executor === undefined) return [];
    const intervalMs = configuration.get(options.flameGraphDelay);
    const durationMs = intervalMs * configuration.get(options.flameGraphSamples);
    const attempts = subtasks.map(({ current }) => current.attemptId);
    const samples = await executor.sampleTasks(attempts, durationMs, intervalMs).catch(() => []);
    const byAttempt = new Map(samples.map((sample) => [sample.attemptId, sample]));
    return subtasks.flatMap(({ subtask, current }) => {
      const sample = byAttempt.get(current.attemptId);
      return sample === undefined ? [] : [[subtask, sample] as const];
    });
  }

  #keep(key: string, sampled: Sampled): void {
    this.#sampled.delete(key);
    this.#sampled.set(key, sampled);
    const [oldest] = this.#sampled.keys();
    if (this.#sampled.size > KEPT_MAX && oldest !== undefined) this.#sampled.delete(oldest);
  }
}

function graphOf({ endMs, subtasks }: Sampled, type: FlameGraphType, subtask?: number): unknown {
  const wanted = [...subtasks].filter(([index]) => subtask === undefined || index === subtask);
  const calls = wanted.flatMap(([, sample]) => callsOf(sample, type));
  const children = mergedCalls(calls);
  const value = children.reduce((sum, child) => sum + child.value, 0);
  return { endTimestamp: endMs, data: { name: 'root', value, children } };
}

function callsOf({ onCpu, offCpu }: TaskSample, type: FlameGraphType): readonly FlameNode[] {
  switch (type) {
    case 'full':
      return [...onCpu, ...offCpu];
    case 'on_cpu':
      return onCpu;
    case 'off_cpu':
      return offCpu;
  }
}
