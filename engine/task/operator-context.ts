// What an operator sees of the task that it runs in.

import { assert } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import type { Configuration } from '../core/configuration.ts';
import { keyGroupRange } from '../core/key-groups.ts';
import type { Logger } from '../core/logger.ts';
import { options } from '../core/options.ts';
import type { UserFunction } from '../core/user-function.ts';
import type { LocalWindowParams } from '../graph/operator-params.ts';
import { edgeFunction, nodeFunction, type StreamNode } from '../graph/stream-graph.ts';
import type { Accumulators, MetricGroup } from '../operators/metric-group.ts';
import type {
  OperatorContext,
  OperatorMetrics,
  SubtaskInfo,
  TimeCell,
} from '../operators/stream-operator.ts';
import { HeapStateBackend } from '../state/heap-keyed-state.ts';
import { HeapOperatorState } from '../state/heap-operator-state.ts';
import { LmdbStateBackend } from '../state/lmdb-keyed-state.ts';
import type { ChainEmitter } from './operator-chain.ts';
import { TASK } from './task-metrics.ts';
import type { RestoredOperator } from './task-restore.ts';
import type { UserObservations } from './user-observations.ts';

export type ProgramFunctions = ReadonlyMap<string, UserFunction | object>;

export interface TaskContext {
  readonly subtask: SubtaskInfo;
  readonly isInputBounded: boolean;
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly log: Logger;
  readonly time: TimeCell;
  readonly metrics: Float64Array;
  readonly functions: ProgramFunctions;
  readonly observations: UserObservations;
  /** Gives the task a turn. */
  wake(): void;
  fail(error: unknown): void;
}

/** The context of one operator, and its state, which the task snapshots. */
export class TaskOperatorContext implements OperatorContext {
  readonly operatorId: StreamNode['operatorId'];
  readonly uid: string;
  readonly name: string;
  readonly subtask: SubtaskInfo;
  readonly isInputBounded: boolean;
  readonly configuration: Configuration;
  readonly log: Logger;
  readonly time: TimeCell;
  readonly metrics: OperatorMetrics;
  readonly userMetrics: MetricGroup;
  readonly accumulators: Accumulators;
  readonly operatorState: HeapOperatorState;
  emit: (value: unknown) => void;
  readonly emitSide: (tag: string, value: unknown) => void;
  readonly hasCredit: () => boolean;
  readonly pend: () => void;
  readonly wakeAt: (timeMs: number) => void;
  readonly currentWatermark: () => number;
  readonly #node: StreamNode;
  readonly #task: TaskContext;
  readonly #keyed: HeapStateBackend | undefined;

  /** `isKeyed`: the operator has keyed input, and so keyed state. */
  constructor(
    node: StreamNode,
    task: TaskContext,
    emitter: ChainEmitter,
    isKeyed: boolean,
    restored: RestoredOperator | undefined,
  ) {
    this.#node = node;
    this.#task = task;
    this.operatorId = node.operatorId;
    this.uid = node.uid;
    this.name = node.name;
    this.subtask = task.subtask;
    this.isInputBounded = task.isInputBounded;
    this.configuration = task.configuration;
    this.log = task.log.named(node.name);
    this.time = task.time;
    this.metrics = operatorMetrics(task.metrics);
    this.userMetrics = task.observations.metricsOf(node.name);
    this.accumulators = task.observations.accumulators;
    this.emit = emitter.emit;
    this.emitSide = emitter.emitSide;
    this.hasCredit = emitter.hasCredit;
    this.pend = emitter.pend;
    this.wakeAt = emitter.wakeAt;
    this.currentWatermark = emitter.currentWatermark;
    this.operatorState = new HeapOperatorState(restored?.lists);
    this.#keyed = isKeyed ? keyedBackend(task, node.operatorId) : undefined;
    const checksTypes = task.configuration.get(options.stateChecksTypes);
    this.#keyed?.restore(restored?.keyed ?? [], checksTypes && restored?.isGiven === true);
  }

  get keyedState(): HeapStateBackend {
    assert(this.#keyed !== undefined, `operator ${this.name} has no keyed input`);
    return this.#keyed;
  }

  get hasKeyedState(): boolean {
    return this.#keyed !== undefined;
  }

  /** The task has ended: what its state takes on the disk is given back. */
  async close(): Promise<void> {
    await this.#keyed?.close();
  }

  /** Adds to a counter of the task (task-metrics.ts). */
  addToTask(column: number, by: number): void {
    const { metrics } = this.#task;
    metrics[column] = (metrics[column] as number) + by;
  }

  processingTime(): number {
    return this.#task.clock.now();
  }

  wake(): void {
    this.#task.wake();
  }

  fail(error: unknown): void {
    this.#task.fail(error);
  }

  function(slot: string): UserFunction {
    const found = this.#task.functions.get(this.#nameOf(slot));
    assert(found !== undefined, `operator ${this.name} has no function ${slot}`);
    // Process functions are objects; their operators know it.
    return found as UserFunction;
  }

  hasFunction(slot: string): boolean {
    return this.#task.functions.has(this.#nameOf(slot));
  }

  /** A local window takes the key that its edge to the window had in the program. */
  #nameOf(slot: string): string {
    const { id, kind, params } = this.#node;
    if (kind !== 'local-window' || slot !== 'key') return nodeFunction(id, slot);
    return edgeFunction((params as unknown as LocalWindowParams).edge, slot);
  }
}

function keyedBackend(
  { subtask, configuration, clock }: TaskContext,
  operatorId: StreamNode['operatorId'],
): HeapStateBackend {
  const { index, parallelism, maxParallelism, attemptId } = subtask;
  const settings = {
    maxParallelism,
    keyGroups: keyGroupRange(index, parallelism, maxParallelism),
    clock,
    objectReuse: configuration.get(options.objectReuse),
  };
  if (configuration.get(options.stateBackend) === 'hashmap') return new HeapStateBackend(settings);
  return new LmdbStateBackend({
    ...settings,
    directory: configuration.get(options.stateDirectory),
    name: `${attemptId}-${operatorId}`,
    cacheBytesMax: configuration.get(options.stateCacheSize),
  });
}

function operatorMetrics(columns: Float64Array): OperatorMetrics {
  const add = (column: number, by: number): void => {
    columns[column] = (columns[column] as number) + by;
  };
  return {
    countLate: (records) => add(TASK.lateRecords, records),
    countWindowFired: (windows) => add(TASK.windowsFired, windows),
  };
}
