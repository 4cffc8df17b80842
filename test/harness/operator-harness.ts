// Runs one operator as a chain would, with real state backends: feeds it elements, watermarks and wall time,
// resumes it when it stopped, takes snapshots and restores from them. Whatever it emits is recorded, and the
// chain's time cell is spoiled after each record, as an operator downstream may do.

import { must } from '../../engine/core/assert.ts';
import { checkKey } from '../../engine/core/bad-key.ts';
import { Configuration } from '../../engine/core/configuration.ts';
import { type AttemptId, operatorIdOf } from '../../engine/core/ids.ts';
import type { Json } from '../../engine/core/json.ts';
import { keyGroupRange } from '../../engine/core/key-groups.ts';
import { silentLogger } from '../../engine/core/logger.ts';
import { options } from '../../engine/core/options.ts';
import { NO_WATERMARK } from '../../engine/core/time.ts';
import { createOperator, type OperatorNode } from '../../engine/operators/create-operator.ts';
import type { OperatorContext, StreamOperator } from '../../engine/operators/stream-operator.ts';
import { HeapStateBackend } from '../../engine/state/heap-keyed-state.ts';
import { HeapOperatorState } from '../../engine/state/heap-operator-state.ts';
import type { KeyGroupBlock, SnapshotExtent } from '../../engine/state/keyed-snapshot.ts';
import { decodeOperatorState, encodeOperatorState } from '../../engine/state/operator-snapshot.ts';
import { handOf } from '../../engine/task/linked-code.ts';
import { OperatorChain } from '../../engine/task/operator-chain.ts';
import { metricsColumns, newMetricsMemory } from '../../engine/task/task-metrics.ts';
import { UserObservations } from '../../engine/task/user-observations.ts';
import { FakeClock } from './fake-clock.ts';
import { type InputItem, type OutputItem, watermark } from './operator-items.ts';

// biome-ignore lint/suspicious/noExplicitAny: functions of a test's program have any types.
type ProgramFunction = (...args: any[]) => unknown;

export interface OperatorDefinition {
  readonly kind: OperatorNode['kind'];
  readonly params?: Json;
  /** Called at every start: a restored operator gets fresh functions, as a restarted task does. */
  readonly functions: () => Readonly<Record<string, ProgramFunction | object>>;
  /** The key of an element; absent: the operator has no keyed input. */
  readonly key?: (value: never, input: 0 | 1) => unknown;
  /** Inputs that have the key; both when absent. A broadcast input has none. */
  readonly keyedInputs?: readonly (0 | 1)[];
  readonly configuration?: Readonly<Record<string, string>>;
  readonly isInputBounded?: boolean;
  readonly maxParallelism?: number;
  /** Fed by the generated code of a chain, which does itself what it has of the operator (chain-code.ts). */
  readonly isWrittenOut?: boolean;
}

export interface HarnessOptions {
  readonly subtask?: number;
  readonly parallelism?: number;
  readonly restored?: HarnessSnapshot;
  /** What `hasCredit` says; absent: there always is. */
  readonly hasCredit?: () => boolean;
  /** Receivers change the objects that they get. */
  readonly isVandal?: boolean;
}

/** What a checkpoint holds of a subtask, as bytes. */
export interface HarnessSnapshot {
  readonly keyed: readonly KeyGroupBlock[];
  readonly operator: Uint8Array;
  readonly watermark: number;
  readonly ownWatermark: number;
  readonly nowMs: number;
}

const RESUMES_MAX = 100_000;

export class OperatorHarness {
  readonly output: OutputItem[] = [];
  readonly counts = { late: 0, fired: 0 };
  /** What the functions measure. */
  readonly observations = new UserObservations(new FakeClock(), () => undefined);
  readonly #definition: OperatorDefinition;
  readonly #options: HarnessOptions;
  readonly #operator: StreamOperator;
  readonly #keyed: HeapStateBackend | undefined;
  readonly #operatorState: HeapOperatorState;
  readonly #time = new Float64Array(1);
  readonly #waiting: InputItem[] = [];
  #watermark: number;
  #ownWatermark: number;
  #nowMs: number;
  #wakeMs = Number.POSITIVE_INFINITY;
  #isPending = false;
  #checkpoints = 0;
  /** By input; empty: the operator is called. */
  readonly #hand: readonly ((value: unknown, timeMs: number) => void)[];
  /** A base, and the changes behind it. */
  readonly #chain: KeyGroupBlock[] = [];

  constructor(definition: OperatorDefinition, harnessOptions: HarnessOptions = {}) {
    const { restored } = harnessOptions;
    this.#definition = definition;
    this.#options = harnessOptions;
    this.#watermark = restored?.watermark ?? NO_WATERMARK;
    this.#ownWatermark = restored?.ownWatermark ?? NO_WATERMARK;
    this.#nowMs = restored?.nowMs ?? 0;
    this.#keyed = this.#createKeyedState();
    this.#keyed?.restore(restored?.keyed ?? []);
    this.#operatorState = new HeapOperatorState(
      restored === undefined ? [] : decodeOperatorState(restored.operator),
    );
    const node = { kind: definition.kind, params: definition.params ?? null };
    this.#operator = createOperator(node, this.#context());
    this.#hand =
      definition.isWrittenOut === true ? this.#createChain().ways.handing.map(handOf) : [];
    this.#operator.open?.();
    this.#settle();
  }

  get isPending(): boolean {
    return this.#isPending;
  }

  /** Whether its output is out of its receivers' minimum. */
  get isIdle(): boolean {
    return this.#operator.ownIdle?.() ?? false;
  }

  /** The keys that have state. */
  keys(): unknown[] {
    return [...(this.#keyed?.keys() ?? [])];
  }

  /** Feeds all items and returns what was emitted meanwhile. */
  push(...items: readonly InputItem[]): OutputItem[] {
    const from = this.output.length;
    for (const item of items) this.#push(item);
    return this.output.slice(from);
  }

  /** Feeds an element even if one is half done, as an operator above in the chain may. */
  pushAnyway(value: unknown, timeMs: number): void {
    this.#time[0] = timeMs;
    this.#operator.processElement(value);
  }

  /** Those behind are about to hear that nothing comes. */
  idle(): void {
    this.#operator.onIdle?.();
  }

  /** `extent`: of what has changed, which is behind those before it. */
  snapshot(extent: SnapshotExtent = 'whole'): HarnessSnapshot {
    return this.beginSnapshot(extent)();
  }

  /** As it is now. What is answered completes it, before the next begins. */
  beginSnapshot(extent: SnapshotExtent): () => HarnessSnapshot {
    void this.#operator.prepareBarrier?.(++this.#checkpoints);
    this.#operator.snapshot?.(this.#checkpoints, false);
    const isFirst = extent === 'changes' && this.#chain.length === 0;
    const keyed = this.#keyed?.snapshot(isFirst ? 'base' : extent);
    const head = {
      operator: encodeOperatorState(this.#operatorState.snapshot()),
      watermark: this.#watermark,
      ownWatermark: this.#ownWatermark,
      nowMs: this.#nowMs,
    };
    return () => {
      if (extent !== 'changes') this.#chain.length = 0;
      for (let blocks = keyed?.next(100); blocks !== undefined; blocks = keyed?.next(100))
        for (const { keyGroup, bytes } of blocks)
          this.#chain.push({ keyGroup, bytes: Uint8Array.from(bytes) });
      const complete = { ...head, keyed: [...this.#chain] };
      if (extent === 'whole') this.#chain.length = 0;
      return complete;
    };
  }

  close(): void {
    this.#operator.close?.();
  }

  #push(item: InputItem): void {
    if (this.#isPending) this.#settle();
    if (item.kind === 'processing-time') return this.#passTime(item.timeMs);
    this.#waiting.push(item);
    this.#drain();
  }

  /** Nothing is fed while the operator is in the middle of something. */
  #drain(): void {
    while (!this.#isPending) {
      const item = this.#waiting.shift();
      if (item === undefined) return;
      if (item.kind === 'record') this.#feed(item.value, item.timeMs, item.input);
      else if (item.kind === 'watermark') this.#passWatermark(item.timeMs);
      this.#settle();
    }
  }

  #feed(value: unknown, timeMs: number, input: 0 | 1): void {
    if (this.#hand.length === 0) this.#call(value, timeMs, input);
    else this.#hand[input]?.(value, timeMs);
    if (!this.#isPending && this.#options.isVandal === true) vandalise(value);
  }

  #call(value: unknown, timeMs: number, input: 0 | 1): void {
    const { key, keyedInputs = [0, 1] } = this.#definition;
    if (key !== undefined && keyedInputs.includes(input)) {
      this.#keyed?.setCurrentKey(key(value as never, input));
    }
    this.#time[0] = timeMs;
    if (input === 0) this.#operator.processElement(value);
    else this.#operator.processElement2?.(value);
  }

  #passWatermark(timeMs: number): void {
    this.#watermark = timeMs;
    this.#finish(this.#operator.onWatermark?.(timeMs) ?? true);
    if (this.#operator.ownWatermark === undefined) this.output.push(watermark(timeMs));
  }

  #passTime(timeMs: number): void {
    while (this.#wakeMs <= timeMs) this.#wake();
    this.#nowMs = timeMs;
    this.#drain();
  }

  #wake(): void {
    this.#nowMs = Math.max(this.#nowMs, this.#wakeMs);
    this.#wakeMs = Number.POSITIVE_INFINITY;
    this.#finish(this.#operator.onProcessingTime?.(this.#nowMs) ?? true);
    this.#takeOwnWatermark();
    this.#drain();
  }

  /** Until everything that can be done now is done. */
  #settle(): void {
    for (let turns = 0; this.#isPending && turns < 10; turns++) {
      if (this.#operator.resume?.() ?? true) this.#isPending = false;
    }
    this.#takeOwnWatermark();
    while (this.#wakeMs <= this.#nowMs) this.#wake();
  }

  #finish(isDone: boolean): void {
    let done = isDone;
    for (let i = 0; !done; i++) {
      if (i > RESUMES_MAX) throw new Error(`not done after ${RESUMES_MAX} resumes`);
      done = this.#operator.resume?.() ?? true;
    }
  }

  #takeOwnWatermark(): void {
    const own = this.#operator.ownWatermark?.() ?? NO_WATERMARK;
    if (own <= this.#ownWatermark) return;
    this.#ownWatermark = own;
    this.output.push(watermark(own));
  }

  #take(item: OutputItem): void {
    this.output.push(item);
    this.#time[0] = -987_654_321;
  }

  #emit(value: unknown, tag?: string): void {
    const copy = structuredClone(value);
    const timeMs = this.#time[0] as number;
    this.#take({
      kind: 'record',
      value: copy,
      timeMs,
      ...(tag === undefined ? {} : { tag }),
    });
    if (this.#options.isVandal === true) vandalise(value);
  }

  /** The operator, and one behind it that takes what the chain's own code emits. */
  #createChain(): OperatorChain {
    const taker: StreamOperator = { processElement: (value) => this.#emit(value) };
    const { key } = this.#definition;
    return new OperatorChain(
      2,
      (index) => ({
        operator: index === 0 ? this.#operator : taker,
        after: index - 1,
        sideOutput: undefined,
      }),
      [],
      this.#time,
      metricsColumns(newMetricsMemory(2)),
      undefined,
      () =>
        ([0, 1] as const).map((input) => {
          const state = must(this.#keyed, 'keyed state');
          const ofInput = (value: unknown): unknown => key?.(value as never, input);
          return { input, keyed: { key: ofInput, state, check: checkKey } };
        }),
    );
  }

  #createKeyedState(): HeapStateBackend | undefined {
    const { key, maxParallelism = 128, configuration = {} } = this.#definition;
    if (key === undefined) return undefined;
    const { subtask = 0, parallelism = 1 } = this.#options;
    return new HeapStateBackend({
      maxParallelism,
      keyGroups: keyGroupRange(subtask, parallelism, maxParallelism),
      clock: { now: () => this.#nowMs },
      objectReuse: new Configuration(configuration).get(options.objectReuse),
    });
  }

  #context(): OperatorContext {
    const { subtask = 0, parallelism = 1, hasCredit = () => true } = this.#options;
    const { maxParallelism = 128, isInputBounded = false } = this.#definition;
    const functions = this.#definition.functions();
    const keyed = this.#keyed;
    const uid = 'operator under test';
    return {
      operatorId: operatorIdOf(uid),
      uid,
      name: uid,
      subtask: {
        jobId: '0'.repeat(32),
        jobName: 'test',
        vertexName: uid,
        index: subtask,
        parallelism,
        maxParallelism,
        attemptId: '0'.repeat(32) as AttemptId,
        attempt: 0,
      },
      configuration: new Configuration(this.#definition.configuration ?? {}),
      log: silentLogger,
      time: this.#time,
      get keyedState() {
        if (keyed === undefined) throw new Error('no keyed input');
        return keyed;
      },
      operatorState: this.#operatorState,
      isInputBounded,
      metrics: {
        countLate: (records) => {
          this.counts.late += records;
        },
        countWindowFired: (windows) => {
          this.counts.fired += windows;
        },
      },
      userMetrics: this.observations.metricsOf(uid),
      accumulators: this.observations.accumulators,
      emit: (value) => this.#emit(value),
      emitSide: (tag, value) => this.#emit(value, tag),
      hasCredit,
      pend: () => {
        this.#isPending = true;
      },
      processingTime: () => this.#nowMs,
      wakeAt: (timeMs) => {
        this.#wakeMs = Math.min(this.#wakeMs, timeMs);
      },
      wake: () => this.#settle(),
      fail: (error) => {
        throw error;
      },
      currentWatermark: () => this.#watermark,
      function: (slot) => {
        const found = functions[slot];
        if (found === undefined) throw new Error(`no function ${slot}`);
        return found as (...args: never[]) => unknown;
      },
      hasFunction: (slot) => slot in functions,
    };
  }
}

/** What a careless receiver may do with a record that is its own. */
function vandalise(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) value.fill('vandalised');
  else for (const key of Object.keys(value)) Object.assign(value, { [key]: 'vandalised' });
}
