// What the user of a run does while the job runs, once: and what is done again when a JobManager dies in the middle.

import { stopWithSavepoint, takeSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { type Answer, whileLed } from '../harness/led-answer.ts';
import type { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';

const SAVEPOINTS = '/savepoints';
const AGAIN_MS = 20;

export class User {
  readonly #cluster: MiniCluster;
  readonly #job: RunningJob;
  /** Nobody waits for an answer any more. */
  readonly #isOver: () => boolean;
  readonly #tell: (line: string) => void;

  constructor(
    cluster: MiniCluster,
    job: RunningJob,
    isOver: () => boolean,
    tell: (line: string) => void,
  ) {
    this.#cluster = cluster;
    this.#job = job;
    this.#isOver = isOver;
    this.#tell = tell;
  }

  async takeSavepoint(): Promise<void> {
    const { random } = this.#cluster;
    await this.#answer(() => takeSavepoint(this.#job.master, SAVEPOINTS, random));
  }

  /** Where the savepoint is; undefined when the job goes on, or nobody has answered. */
  stop(isDrained: boolean): Promise<string | undefined> {
    const { random } = this.#cluster;
    return this.#answer(() => stopWithSavepoint(this.#job.master, SAVEPOINTS, isDrained, random));
  }

  /** Of a job that has ended without a word: the savepoint that it ended with. */
  get stoppedAt(): string | undefined {
    const { checkpoints } = this.#cluster.dispatcher.details(this.#job.jobId);
    const { savepoint, completed } = checkpoints.latest;
    const isLast = savepoint?.kind === 'stop' && savepoint.id > (completed?.id ?? 0);
    return isLast ? savepoint.path : undefined;
  }

  /** Once its savepoint is complete, the data of a job has ended for good, whatever comes then. */
  get hasDrained(): boolean {
    const { paths } = this.#cluster.files;
    return paths.some((path) => path.startsWith(SAVEPOINTS) && path.endsWith('/_metadata'));
  }

  /** Whoever leads may never have heard of it: then it is not done. */
  rescale(parallelism: number): void {
    const { leader } = this.#cluster;
    if (this.#isOver() || leader?.serves !== true) return;
    const { master } = this.#job;
    const bounds = master.job.vertices.map(
      ({ id }) => [id, { lower: 1, upper: parallelism }] as const,
    );
    master.rescale.require(new Map(bounds)).then(
      () => this.#tell(`parallelism ${parallelism} is promised`),
      (error: unknown) => this.#tell(`refused: ${String(error)}`),
    );
  }

  /** Until somebody has promised it. */
  async cancel(): Promise<void> {
    while (!this.#isOver()) {
      const { jobId } = this.#job;
      const answer = await this.#ask(() => this.#cluster.dispatcher.cancel(jobId));
      if (answer.kind === 'result') return;
      await this.#cluster.clock.advance(AGAIN_MS);
    }
  }

  async #answer<T>(ask: () => Promise<T>): Promise<T | undefined> {
    const answer = await this.#ask(ask);
    if (answer.kind === 'refused') this.#tell(`refused: ${String(answer.error)}`);
    return answer.kind === 'result' ? answer.result : undefined;
  }

  async #ask<T>(ask: () => Promise<T>): Promise<Answer<T>> {
    const { clock } = this.#cluster;
    const serves = (): boolean => this.#cluster.leader?.serves === true;
    await clock.play(() => serves() || this.#isOver(), 'somebody leads');
    if (this.#isOver()) return { kind: 'none' };
    return whileLed(this.#cluster, ask(), this.#isOver);
  }
}
