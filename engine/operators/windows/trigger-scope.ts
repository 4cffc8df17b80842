// What a trigger works with: timers and state of the window at work, whose namespace the operator sets.

import type { AnyDescriptor, StateAccess } from '../../state/descriptors.ts';
import type { KeyedStateBackend } from '../../state/keyed-state.ts';
import type { Copier } from '../../state/value-copier.ts';
import type { MergeContext } from '../functions.ts';
import type { OperatorContext } from '../stream-operator.ts';
import type { TimerService } from '../timer-service.ts';
import { type Namespace, type Scope, ScopedStates } from './scoped-states.ts';

export class TriggerScope implements MergeContext, Scope {
  namespace: Namespace = 0;
  /** The windows that grew together, while `onMerge` runs. */
  merging: readonly Namespace[] = [];
  readonly state: StateAccess['state'];
  readonly #context: OperatorContext;
  readonly #timers: TimerService;
  readonly #states: ScopedStates;

  constructor(
    context: OperatorContext,
    backend: KeyedStateBackend,
    timers: TimerService,
    copier: Copier,
  ) {
    this.#context = context;
    this.#timers = timers;
    this.#states = new ScopedStates(backend, 'trigger.', this, copier);
    this.state = this.#states.state;
  }

  get watermark(): number {
    return this.#context.currentWatermark();
  }

  get processingTime(): number {
    return this.#context.processingTime();
  }

  registerEventTimer(timeMs: number): void {
    this.#timers.registerEvent(timeMs, this.namespace);
  }

  registerProcessingTimer(timeMs: number): void {
    this.#timers.registerProcessing(timeMs, this.namespace);
  }

  deleteEventTimer(timeMs: number): void {
    this.#timers.removeEvent(timeMs, this.namespace);
  }

  deleteProcessingTimer(timeMs: number): void {
    this.#timers.removeProcessing(timeMs, this.namespace);
  }

  mergeState(descriptor: AnyDescriptor): void {
    this.#states.merge(descriptor, this.merging);
  }
}
