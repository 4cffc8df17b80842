// The part of a source that lives beside the JobMaster: its enumerator, and the events between that and the
// readers. What it hands out after its snapshot belongs to the next checkpoint; since events and triggers
// travel on one connection, what it handed out before is in the readers' snapshots.

import type { EnumeratorContext, SourceSplit, SplitEnumerator } from '../../connectors/source.ts';
import type { FromReader, ToReader } from '../../connectors/source-events.ts';
import { assert } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { OperatorId } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';

export interface SourceCoordinatorSettings {
  readonly operatorId: OperatorId;
  readonly parallelism: number;
  readonly baseDirectory: string;
  readonly create: (
    context: EnumeratorContext<SourceSplit>,
    restored: unknown,
  ) => SplitEnumerator<SourceSplit>;
}

export interface SourceCoordinatorDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly fileSystem: FileSystem;
  /** To the reader of a subtask. */
  readonly send: (subtask: number, event: ToReader) => void;
  /** Fails the job. */
  readonly fail: (error: unknown) => void;
}

export class SourceCoordinator {
  readonly operatorId: OperatorId;
  readonly #settings: SourceCoordinatorSettings;
  readonly #deps: SourceCoordinatorDependencies;
  #enumerator: SplitEnumerator<SourceSplit> | undefined;
  /** Counts restarts of the enumerator: what an earlier one began comes to nothing. */
  #generation = 0;
  /** By subtask: given since the last completed checkpoint, and under which checkpoint it will be. */
  readonly #given = new Map<number, { readonly split: SourceSplit; readonly before: number }[]>();
  /** The checkpoint that will cover what is handed out now. */
  #nextCheckpointId = 0;

  constructor(settings: SourceCoordinatorSettings, deps: SourceCoordinatorDependencies) {
    this.operatorId = settings.operatorId;
    this.#settings = settings;
    this.#deps = deps;
  }

  /** At the job's start, and when all of it is restored. `restored`: of a checkpoint's `snapshot`, or undefined. */
  start(restored: unknown): void {
    this.#enumerator?.close();
    this.#generation++;
    this.#given.clear();
    this.#guarded(() => {
      const enumerator = this.#settings.create(this.#context(this.#generation), restored);
      this.#enumerator = enumerator;
      enumerator.start();
    });
  }

  onEvent(subtask: number, event: unknown): void {
    const { kind } = event as FromReader;
    this.#guarded(() => {
      switch (kind) {
        case 'register':
          return this.#enumerator?.addReader(subtask);
        case 'request-split':
          return this.#enumerator?.onSplitRequest(subtask);
      }
    });
  }

  /**
   * A subtask begins again from the last checkpoint while others go on: what that does not cover is given anew.
   * The enumerator hears of it also when that is nothing: what it waits for of that reader will not come.
   */
  onSubtaskReset(subtask: number): void {
    const given = this.#given.get(subtask) ?? [];
    this.#given.delete(subtask);
    this.#guarded(() =>
      this.#enumerator?.addSplitsBack(
        given.map(({ split }) => split),
        subtask,
      ),
    );
  }

  /** Synchronous with the triggers of the checkpoint. */
  snapshot(checkpointId: number): unknown {
    this.#nextCheckpointId = checkpointId;
    return this.#enumerator?.snapshot();
  }

  onCheckpointComplete(checkpointId: number): void {
    for (const [subtask, given] of this.#given) {
      this.#given.set(
        subtask,
        given.filter(({ before }) => before >= checkpointId),
      );
    }
  }

  close(): void {
    this.#generation++;
    this.#enumerator?.close();
    this.#enumerator = undefined;
  }

  #context(generation: number): EnumeratorContext<SourceSplit> {
    const { clock, log, fileSystem } = this.#deps;
    const isCurrent = (): boolean => this.#generation === generation;
    return {
      parallelism: this.#settings.parallelism,
      clock,
      log,
      fileSystem,
      baseDirectory: this.#settings.baseDirectory,
      assign: (subtask, splits) => this.#assign(subtask, splits),
      noMoreSplits: (subtask) => this.#deps.send(subtask, { kind: 'no-more-splits' }),
      callAsync: (work, then) => {
        work().then(
          (result) => {
            if (isCurrent()) this.#guarded(() => then(result));
          },
          (error: unknown) => {
            if (isCurrent()) this.#deps.fail(error);
          },
        );
      },
      after: (delayMs, call) => {
        clock.after(delayMs, () => {
          if (isCurrent()) this.#guarded(call);
        });
      },
      fail: (error) => {
        if (isCurrent()) this.#deps.fail(error);
      },
    };
  }

  #assign(subtask: number, splits: readonly SourceSplit[]): void {
    assert(
      subtask >= 0 && subtask < this.#settings.parallelism,
      `reader ${subtask} of ${this.#settings.parallelism}`,
    );
    const given = this.#given.get(subtask) ?? [];
    given.push(...splits.map((split) => ({ split, before: this.#nextCheckpointId })));
    this.#given.set(subtask, given);
    this.#deps.send(subtask, { kind: 'add-splits', splits });
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#deps.fail(error);
    }
  }
}
