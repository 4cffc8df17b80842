// A SlotRuntime with all tasks of one small job in it, and everything that it posts.

import type { CompletedCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { TextStream } from '../../engine/connectors/sink.ts';
import { must } from '../../engine/core/assert.ts';
import type { AllocationId, AttemptId, ResourceId } from '../../engine/core/ids.ts';
import { silentLogger } from '../../engine/core/logger.ts';
import { SeededRandom } from '../../engine/core/random.ts';
import { systemClock } from '../../engine/core/system-clock.ts';
import { ExecutionGraph } from '../../engine/graph/execution-graph.ts';
import { type JobGraph, jobGraphOf } from '../../engine/graph/job-graph.ts';
import { Doorbell } from '../../engine/network/doorbell.ts';
import { JobSources } from '../../engine/runtime/jobmaster/job-sources.ts';
import type { JobSubmission } from '../../engine/runtime/jobmaster/job-submission.ts';
import { taskDeployment } from '../../engine/runtime/jobmaster/task-deployments.ts';
import type { ProgramFunctions } from '../../engine/task/operator-context.ts';
import type { FromSlot, TaskEnd, ToSlot } from '../../engine/task/slot-messages.ts';
import { SlotRuntime } from '../../engine/task/slot-runtime.ts';
import type { TaskDeployment } from '../../engine/task/task-deployment.ts';
import { newMetricsMemory } from '../../engine/task/task-metrics.ts';
import { MemoryFiles } from '../harness/memory-files.ts';
import { TestJobs, type TestProgram } from '../harness/test-jobs.ts';
import { until } from '../harness/until.ts';

/** The deployments of all tasks of a job, every one in the same slot. */
function deploymentsOf(
  job: JobGraph,
  submission: JobSubmission,
  restored: CompletedCheckpoint | undefined,
): TaskDeployment[] {
  const graph = new ExecutionGraph(job, new SeededRandom(5), 0);
  const location = { resourceId: 'tm' as ResourceId, address: 'a', dataAddress: 'd' };
  const slot = { allocationId: 'slot' as AllocationId, taskManager: location, slot: 0 };
  return graph.subtasks.map(({ id }) =>
    taskDeployment(
      {
        jobId: submission.jobId,
        graph,
        program: {
          bundle: submission.bundle,
          plan: submission.plan,
          baseDirectory: submission.baseDirectory,
          configuration: submission.configuration.toRecord(),
          blobs: [...submission.blobs.keys()],
          attached: submission.attached,
        },
        slotOf: () => slot,
        restored,
        isRestoredGiven: restored !== undefined,
        firstAttempt: 0,
        isInputBounded: () => true,
      },
      id,
    ),
  );
}

export class SlotHarness {
  readonly posted: FromSlot[] = [];
  readonly printed: string[] = [];
  readonly files = new MemoryFiles();
  readonly doorbell = new Doorbell();
  readonly runtime: SlotRuntime;
  readonly submission: JobSubmission;
  readonly deployments: readonly TaskDeployment[];
  readonly #jobs = new TestJobs();
  readonly #sources: JobSources;
  /** How many each task has sent. */
  readonly #events = new Map<AttemptId, number>();
  /** How a program comes to be loaded. */
  load: (bundle: Uint8Array) => Promise<ProgramFunctions>;

  constructor(
    program: TestProgram,
    configuration: Readonly<Record<string, string>> = {},
    restored?: CompletedCheckpoint,
  ) {
    this.submission = this.#jobs.submission(program, configuration, false);
    const job = jobGraphOf(this.submission.graph, this.submission.configuration);
    this.deployments = deploymentsOf(job, this.submission, restored);
    this.#sources = this.#createSources(job);
    this.#sources.start(restored);
    this.load = (bundle) => Promise.resolve(this.#jobs.load(bundle));
    this.runtime = new SlotRuntime({
      clock: systemClock,
      random: new SeededRandom(1),
      files: this.files,
      outputFiles: this.files,
      doorbell: this.doorbell,
      stdout: this.#stdout(),
      post: (message) => this.#onPost(message),
      loadProgram: (bundle) => this.load(bundle),
    });
    void this.runtime.run();
  }

  /** Attempts in the order of the deployments. */
  get attempts(): readonly AttemptId[] {
    return this.deployments.map(({ attemptId }) => attemptId);
  }

  deploy(...indexes: readonly number[]): this {
    const chosen = indexes.length === 0 ? [...this.deployments.keys()] : indexes;
    for (const i of chosen)
      this.runtime.onMessage(this.#deployOf(must(this.deployments[i], 'a task')));
    return this;
  }

  /** What became of a task. */
  async end(index = 0): Promise<TaskEnd> {
    const attempt = this.attempts[index];
    const find = () => this.posted.find((m) => m.kind === 'ended' && m.attemptId === attempt);
    await until(() => find() !== undefined, `the end of task ${index}`);
    return (find() as FromSlot & { kind: 'ended' }).end;
  }

  kinds(index = 0): string[] {
    return this.posted
      .filter((message) => 'attemptId' in message && message.attemptId === this.attempts[index])
      .map((message) => (message.kind === 'state' ? message.state : message.kind));
  }

  #deployOf(deployment: TaskDeployment): ToSlot {
    const channels = [...deployment.inputs, ...deployment.outputs].flatMap((d) => d.channels);
    return {
      kind: 'deploy',
      deployment,
      carriers: channels.map(({ channelId }) => [channelId, { kind: 'local' }] as const),
      metrics: newMetricsMemory(deployment.operators.length),
      blobs: [...this.submission.blobs],
      checkpointDirectory: '/checkpoints',
      localDirectory: '/local',
    };
  }

  #onPost(message: FromSlot): void {
    this.posted.push(message);
    if (message.kind !== 'operator-event') return;
    const { attemptId, operatorId, event } = message;
    const { vertexId: vertex, subtask } = must(
      this.deployments.find((deployment) => deployment.attemptId === attemptId),
      'a task',
    );
    const number = (this.#events.get(attemptId) ?? 0) + 1;
    this.#events.set(attemptId, number);
    this.#sources.onEvent({ vertex, subtask }, attemptId, operatorId, number, event);
  }

  #createSources(job: JobGraph): JobSources {
    return new JobSources(job, {
      clock: systemClock,
      log: silentLogger,
      files: this.files,
      baseDirectory: '/',
      send: ({ vertex, subtask }, operatorId, event) => {
        const task = this.deployments.find((d) => d.vertexId === vertex && d.subtask === subtask);
        const { attemptId } = must(task, 'a task');
        this.runtime.onMessage({ kind: 'operator-event', attemptId, operatorId, event });
      },
      fail: (_, error) => {
        throw error as Error;
      },
    });
  }

  #stdout(): TextStream {
    return {
      write: (text) => {
        this.printed.push(...text.trimEnd().split('\n'));
        return true;
      },
      once: () => undefined,
    };
  }
}
