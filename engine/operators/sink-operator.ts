// Runs a sink connector: the writer takes records; what it hands over before a barrier stands in the
// snapshot as pending and is committed when the checkpoint is complete. After a restore everything pending
// is committed first (idempotent), then what earlier attempts prepared and no checkpoint knows is aborted.

import type { Committer, SinkWriter } from '../connectors/sink.ts';
import type { OperatorList } from '../state/operator-state.ts';
import type { OperatorContext, StreamOperator } from './stream-operator.ts';

interface Pending {
  readonly checkpointId: number;
  readonly committables: readonly unknown[];
}

export class SinkOperator implements StreamOperator {
  readonly #context: OperatorContext;
  readonly #createWriter: () => SinkWriter<unknown, unknown>;
  readonly #committer: Committer<unknown> | undefined;
  readonly #isCheckpointed: boolean;
  readonly #stored: OperatorList<Pending>;
  #pending: Pending[] = [];
  #writer: SinkWriter<unknown, unknown> | undefined;
  /** Settles when all commits so far are done. */
  #commits: Promise<void> = Promise.resolve();

  constructor(
    context: OperatorContext,
    createWriter: () => SinkWriter<unknown, unknown>,
    committer: Committer<unknown> | undefined,
    isCheckpointed: boolean,
  ) {
    this.#context = context;
    this.#createWriter = createWriter;
    this.#committer = committer;
    this.#isCheckpointed = isCheckpointed;
    this.#stored = context.operatorState.list<Pending>('committables', 'split');
  }

  async initialize(): Promise<void> {
    for (const { committables } of this.#stored.get()) await this.#commit(committables);
    this.#stored.update([]);
    await this.#committer?.abortOthers();
  }

  open(): void {
    this.#writer = this.#createWriter();
  }

  processElement(value: unknown): void {
    this.#writer?.write(value, this.#context.time[0] as number);
  }

  isWritable(): boolean {
    return this.#writer?.isWritable() ?? true;
  }

  async prepareBarrier(checkpointId: number): Promise<void> {
    const committables = (await this.#writer?.prepareCommit(checkpointId)) ?? [];
    if (committables.length > 0) this.#pending.push({ checkpointId, committables });
  }

  snapshot(): void {
    this.#stored.update(this.#pending);
  }

  /** What earlier checkpoints have begun to commit comes first: a task that ends with this one waits for it. */
  onCheckpointComplete(checkpointId: number): Promise<void> {
    this.#commits = this.#commits.then(() => this.#commitUpTo(checkpointId));
    return this.#commits;
  }

  async endInput(): Promise<void> {
    await this.#writer?.finish();
    if (this.#isCheckpointed) return; // the last checkpoint commits
    await this.#commit((await this.#writer?.prepareCommit(0)) ?? []);
  }

  close(): void {
    this.#writer?.close();
  }

  /** Until it is committed it stands in every snapshot. */
  async #commitUpTo(checkpointId: number): Promise<void> {
    for (const one of this.#pending.filter((pending) => pending.checkpointId <= checkpointId)) {
      await this.#commit(one.committables);
      this.#pending = this.#pending.filter((other) => other !== one);
    }
  }

  async #commit(committables: readonly unknown[]): Promise<void> {
    for (const committable of committables) await this.#committer?.commit(committable);
  }
}
