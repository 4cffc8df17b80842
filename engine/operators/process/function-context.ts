// The contexts that functions see, made of the operator's context. One object per operator, not per record:
// it always speaks of the element at work.

import type { MapDescriptor, StateAccess } from '../../state/descriptors.ts';
import type { KeyedStateBackend } from '../../state/keyed-state.ts';
import type { OperatorList } from '../../state/operator-state.ts';
import type { ElementOutput } from '../element-output.ts';
import type {
  BroadcastState,
  BroadcastWriteContext,
  KeyedOpenContext,
  OnTimerContext,
  OutputTag,
  ProcessContext,
  RuntimeContext,
  Timers,
} from '../functions.ts';
import type { Accumulators, MetricGroup } from '../metric-group.ts';
import type { OperatorContext } from '../stream-operator.ts';
import { type TimerService, userTimers } from '../timer-service.ts';
import type { BroadcastStates } from './broadcast-states.ts';
import { stateAccess } from './state-access.ts';

export class OpenFunctionContext implements RuntimeContext {
  readonly jobId: string;
  readonly jobName: string;
  readonly operatorName: string;
  readonly subtask: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly attempt: number;
  readonly metrics: MetricGroup;
  readonly accumulators: Accumulators;
  protected readonly context: OperatorContext;

  constructor(context: OperatorContext) {
    const { subtask } = context;
    this.context = context;
    this.jobId = subtask.jobId;
    this.jobName = subtask.jobName;
    this.operatorName = context.name;
    this.subtask = subtask.index;
    this.parallelism = subtask.parallelism;
    this.maxParallelism = subtask.maxParallelism;
    this.attempt = subtask.attempt;
    this.metrics = context.userMetrics;
    this.accumulators = context.accumulators;
  }

  listState<T>(name: string): OperatorList<T> {
    return this.context.operatorState.list(`function.${name}`, 'split');
  }

  unionListState<T>(name: string): OperatorList<T> {
    return this.context.operatorState.list(`function.${name}`, 'union');
  }
}

export class KeyedOpenFunctionContext extends OpenFunctionContext implements KeyedOpenContext {
  readonly state: StateAccess['state'];

  constructor(context: OperatorContext, state: KeyedStateBackend) {
    super(context);
    this.state = stateAccess(state);
  }
}

export class FunctionContext extends OpenFunctionContext implements ProcessContext {
  readonly #output: ElementOutput;

  constructor(context: OperatorContext, output: ElementOutput) {
    super(context);
    this.#output = output;
  }

  get timestamp(): number {
    return this.#output.timeMs;
  }

  get watermark(): number {
    return this.context.currentWatermark();
  }

  get processingTime(): number {
    return this.context.processingTime();
  }

  output<T>(tag: OutputTag<T>, value: T): void {
    this.#output.output(tag as OutputTag<unknown>, value);
  }
}

export class KeyedFunctionContext extends FunctionContext implements OnTimerContext<unknown> {
  readonly timers: Timers;
  readonly state: StateAccess['state'];
  /** Set before each call of onTimer. */
  timeDomain: 'event' | 'processing' = 'event';

  constructor(context: OperatorContext, output: ElementOutput, timers: TimerService) {
    super(context, output);
    this.timers = userTimers(timers);
    this.state = stateAccess(context.keyedState);
  }

  get key(): unknown {
    return this.context.keyedState.currentKey();
  }
}

/** For both sides of a broadcast operator without keys; its types let only one of them write. */
export class BroadcastFunctionContext extends FunctionContext implements BroadcastWriteContext {
  readonly #states: BroadcastStates;

  constructor(context: OperatorContext, output: ElementOutput, states: BroadcastStates) {
    super(context, output);
    this.#states = states;
  }

  broadcastState<K, V>(descriptor: MapDescriptor<K, V>): BroadcastState<K, V> {
    return this.#states.state(descriptor);
  }
}
