// What operators over fixed windows and over sessions share: whose time it is, when an element is late,
// timers, and the user's function. Event-time and processing-time windows differ in nothing but the clock.

import { options } from '../../core/options.ts';
import type { AggregateSpec, TimeDomain, WindowSpec } from '../../graph/operator-params.ts';
import type { KeyedStateBackend } from '../../state/keyed-state.ts';
import { type Copier, copierFor } from '../../state/value-copier.ts';
import { createAggregate } from '../aggregates/aggregate.ts';
import { elementsOfPartial, overPartials } from '../aggregates/partial-aggregates.ts';
import { ElementOutput } from '../element-output.ts';
import type { Trigger, Window } from '../functions.ts';
import type { OperatorContext, StreamOperator, TimeCell } from '../stream-operator.ts';
import { TimerService, type TimerTarget } from '../timer-service.ts';
import { emitSidesFor, JoinContents } from './join-contents.ts';
import { TriggerScope } from './trigger-scope.ts';
import { createTrigger, isPlainTimeTrigger } from './triggers.ts';
import { UnkeyedState } from './unkeyed-state.ts';
import {
  AggregateContents,
  createEvictor,
  EvictingContents,
  type Side,
  type WindowContents,
} from './window-contents.ts';
import { createEmitter, type WindowEmitter } from './window-emitter.ts';

/** A `window` or a `window-join` operator, as its parameters say. */
export interface WindowDefinition {
  readonly window: WindowSpec;
  readonly makes:
    | {
        readonly kind: 'aggregate';
        readonly aggregate: AggregateSpec;
        /** Elements are partial aggregates. */
        readonly takesPartials: boolean;
      }
    | { readonly kind: 'join' | 'co-group' };
  readonly isKeyed: boolean;
  readonly isMerging: boolean;
}

export abstract class WindowingOperator implements StreamOperator, TimerTarget {
  protected readonly context: OperatorContext;
  protected readonly time: TimeCell;
  protected readonly state: KeyedStateBackend;
  protected readonly output: ElementOutput;
  protected readonly timers: TimerService;
  protected readonly trigger: Trigger<unknown>;
  protected readonly scope: TriggerScope;
  protected readonly contents: WindowContents;
  /** Null: windows without end, which are never late and never cleaned up. */
  protected readonly domain: TimeDomain | null;
  protected readonly latenessMs: number;
  /** The trigger is the plain one: it fires at the window's end, and later for each late element. */
  protected readonly isPlain: boolean;
  readonly #emitter: WindowEmitter | undefined;
  readonly #lateTag: string | null;
  readonly #takesPartials: boolean;
  readonly #unkeyed: UnkeyedState | undefined;

  constructor(definition: WindowDefinition, domain: TimeDomain | null, context: OperatorContext) {
    const { window, isKeyed } = definition;
    const copier = copierFor(context.configuration.get(options.objectReuse));
    this.context = context;
    this.time = context.time;
    this.domain = domain;
    // Only event time has late elements; wall time passes nobody by.
    this.latenessMs = domain === 'event' ? window.allowedLatenessMs : 0;
    this.#lateTag = window.lateTag;
    this.#takesPartials = definition.makes.kind === 'aggregate' && definition.makes.takesPartials;
    this.#unkeyed = isKeyed ? undefined : new UnkeyedState(context);
    this.state = this.#unkeyed?.backend ?? context.keyedState;
    this.output = new ElementOutput(context);
    this.timers = new TimerService(context, this.state, this.output, this);
    this.trigger = createTrigger(window, context);
    this.isPlain = isPlainTimeTrigger(window);
    this.scope = new TriggerScope(context, this.state, this.timers, copier);
    this.#emitter = this.#createEmitter(definition, copier);
    this.contents = this.#createContents(definition, copier);
  }

  open(): void {
    this.#emitter?.open?.();
  }

  processElement(value: unknown): void {
    this.addElement(value, 0);
  }

  processElement2(value: unknown): void {
    this.addElement(value, 1);
  }

  onWatermark(watermark: number): boolean {
    return this.timers.onWatermark(watermark);
  }

  onProcessingTime(now: number): boolean {
    return this.timers.onProcessingTime(now);
  }

  resume(): boolean {
    return this.timers.resume();
  }

  snapshot(checkpointId: number): void {
    this.#emitter?.snapshot?.(checkpointId);
    this.#unkeyed?.snapshot();
  }

  onCheckpointComplete(checkpointId: number): undefined {
    this.#emitter?.onCheckpointComplete?.(checkpointId);
  }

  close(): void {
    this.#emitter?.close?.();
  }

  onEventTimer(timeMs: number, namespace: string | number): void {
    this.onTimer('event', timeMs, namespace);
  }

  onProcessingTimer(timeMs: number, namespace: string | number): void {
    this.onTimer('processing', timeMs, namespace);
  }

  protected abstract addElement(value: unknown, side: Side): void;

  protected abstract onTimer(domain: TimeDomain, timeMs: number, namespace: string | number): void;

  /** The time by which the element at work is put into windows. */
  protected windowTime(): number {
    if (this.domain === 'processing') return this.context.processingTime();
    const timeMs = this.time[0] as number;
    if (this.domain === null || Number.isFinite(timeMs)) return timeMs;
    throw noEventTime(timeMs, this.context.name);
  }

  /** Where time is in the windows' domain; -Infinity for windows without end. */
  protected now(): number {
    if (this.domain === 'event') return this.context.currentWatermark();
    return this.domain === 'processing' ? this.context.processingTime() : Number.NEGATIVE_INFINITY;
  }

  /** When the window goes for good. Infinity: never. */
  protected cleanupTime(window: Window): number {
    return window.end - 1 + this.latenessMs;
  }

  /** A window with this end takes no element any more. */
  protected isOver(end: number, now: number): boolean {
    return this.domain === 'event' && end - 1 + this.latenessMs <= now;
  }

  protected registerTimer(timeMs: number, namespace: string | number): void {
    if (timeMs === Number.POSITIVE_INFINITY) return;
    if (this.domain === 'event') this.timers.registerEvent(timeMs, namespace);
    else this.timers.registerProcessing(timeMs, namespace);
  }

  protected removeTimer(timeMs: number, namespace: string | number): void {
    if (this.domain === 'event') this.timers.removeEvent(timeMs, namespace);
    else this.timers.removeProcessing(timeMs, namespace);
  }

  /** Emits the window's contents with its last moment for a time. Returns what it holds afterwards. */
  protected fire(contents: unknown, window: Window, isKept: boolean): unknown {
    this.output.timeMs = window.end - 1;
    this.context.metrics.countWindowFired(1);
    return this.contents.fire(contents, window, isKept);
  }

  /** For an element that went into no window. It is late unless no window holds its time at all. */
  protected skip(value: unknown, timeMs: number): void {
    const isElementLate =
      this.domain === 'event' && timeMs + this.latenessMs <= this.context.currentWatermark();
    if (!isElementLate) return;
    this.context.metrics.countLate(this.#takesPartials ? elementsOfPartial(value) : 1);
    if (this.#lateTag === null) return;
    this.time[0] = timeMs;
    this.context.emitSide(this.#lateTag, value);
  }

  #createEmitter(definition: WindowDefinition, copier: Copier): WindowEmitter | undefined {
    const { makes, isKeyed, isMerging } = definition;
    if (makes.kind !== 'aggregate') return undefined;
    const { context, state: backend, output } = this;
    const isList = makes.aggregate.kind === 'list';
    return createEmitter({ context, backend, output, copier, isKeyed, isMerging, isList });
  }

  #createContents({ window, makes }: WindowDefinition, copier: Copier): WindowContents {
    const inner = this.#createInnerContents(makes, copier);
    const evictor = evictorOf(window);
    if (evictor === null) return inner;
    return new EvictingContents(inner, createEvictor(evictor, this.context), copier);
  }

  #createInnerContents(makes: WindowDefinition['makes'], copier: Copier): WindowContents {
    const { context, output } = this;
    switch (makes.kind) {
      case 'aggregate': {
        const emitter = this.#emitter ?? { emit: () => undefined, clear: () => undefined };
        const whole = createAggregate(makes.aggregate, context);
        const aggregate = makes.takesPartials ? overPartials(makes.aggregate, whole) : whole;
        return new AggregateContents(aggregate, emitter, copier);
      }
      case 'join':
      case 'co-group':
        return new JoinContents(emitSidesFor(makes.kind, context), output, copier);
    }
  }
}

export const noEventTime = (timeMs: number, operator: string): TypeError =>
  new TypeError(
    `an element with event time ${timeMs} at operator ${JSON.stringify(operator)}, whose windows need one: give the stream watermarks (withWatermarks), or use windows by processing time`,
  );

/** A sliding count window keeps its last `size` elements, unless an evictor says otherwise. */
function evictorOf({ assigner, evictor }: WindowSpec): WindowSpec['evictor'] {
  if (evictor !== null || assigner.kind !== 'count' || assigner.slide === assigner.size) {
    return evictor;
  }
  return { kind: 'count', keep: assigner.size };
}
