// When windows fire. The built-in triggers are written against the same interface as users' own; their
// behaviour is Flink's, to the letter.

import { END_OF_TIME } from '../../core/time.ts';
import type {
  AssignerSpec,
  TimeDomain,
  TriggerSpec,
  WindowSpec,
} from '../../graph/operator-params.ts';
import { reducing, value } from '../../state/descriptors.ts';
import type { Trigger, TriggerContext, TriggerResult, Window } from '../functions.ts';
import { userObject } from '../process/user-object.ts';
import type { OperatorContext } from '../stream-operator.ts';

/** The last moment that belongs to the window; Infinity for one without end. */
const maxTimestamp = (window: Window): number => window.end - 1;

export function createTrigger(spec: WindowSpec, context: OperatorContext): Trigger<unknown> {
  return create(spec.trigger ?? defaultTrigger(spec.assigner), context);
}

/** The trigger that fires once when time has passed the window's end, which operators treat specially. */
export function isPlainTimeTrigger({ assigner, trigger }: WindowSpec): boolean {
  const kind = (trigger ?? defaultTrigger(assigner)).kind;
  return 'time' in assigner && kind === `${assigner.time}-time`;
}

function defaultTrigger(assigner: AssignerSpec): TriggerSpec {
  switch (assigner.kind) {
    case 'global':
      return { kind: 'never' };
    case 'count': {
      const count: TriggerSpec = { kind: 'count', size: assigner.slide };
      // Sliding counts keep elements between firings; an evictor drops the old ones.
      return assigner.slide === assigner.size ? { kind: 'purging', of: count } : count;
    }
    case 'tumbling':
    case 'sliding':
    case 'cumulative':
    case 'session':
    case 'dynamic-session':
      return assigner.time === 'event' ? { kind: 'event-time' } : { kind: 'processing-time' };
  }
}

function create(spec: TriggerSpec, context: OperatorContext): Trigger<unknown> {
  switch (spec.kind) {
    case 'event-time':
      return eventTime;
    case 'processing-time':
      return processingTime;
    case 'count':
      return count(spec.size);
    case 'continuous':
      return continuous(spec.time, spec.everyMs);
    case 'delta':
      return delta(spec.threshold, context.function('delta') as (a: unknown, b: unknown) => number);
    case 'never':
      return never;
    case 'purging':
      return purging(create(spec.of, context));
    case 'own':
      return userObject<Trigger<unknown>>(context, 'trigger', [
        'onElement',
        'onEventTime',
        'onProcessingTime',
        'clear',
      ]);
  }
}

const carryOn = (): TriggerResult => 'continue';
const nothing = (): void => undefined;

const never: Trigger<unknown> = {
  onElement: carryOn,
  onEventTime: carryOn,
  onProcessingTime: carryOn,
  onMerge: nothing,
  clear: nothing,
};

const eventTime: Trigger<unknown> = {
  onElement(_value, _timeMs, window, ctx) {
    if (maxTimestamp(window) <= ctx.watermark) return 'fire';
    ctx.registerEventTimer(maxTimestamp(window));
    return 'continue';
  },
  onEventTime: (timeMs, window) => (timeMs === maxTimestamp(window) ? 'fire' : 'continue'),
  onProcessingTime: carryOn,
  onMerge(window, ctx) {
    // One that is past fires with the element that caused the merge.
    if (maxTimestamp(window) > ctx.watermark) ctx.registerEventTimer(maxTimestamp(window));
  },
  clear: (window, ctx) => ctx.deleteEventTimer(maxTimestamp(window)),
};

const processingTime: Trigger<unknown> = {
  onElement(_value, _timeMs, window, ctx) {
    ctx.registerProcessingTimer(maxTimestamp(window));
    return 'continue';
  },
  onEventTime: carryOn,
  onProcessingTime: () => 'fire',
  onMerge(window, ctx) {
    if (maxTimestamp(window) > ctx.processingTime) {
      ctx.registerProcessingTimer(maxTimestamp(window));
    }
  },
  clear: (window, ctx) => ctx.deleteProcessingTimer(maxTimestamp(window)),
};

function count(size: number): Trigger<unknown> {
  const counted = reducing<number>({ name: 'count', reduce: (a, b) => a + b });
  return {
    onElement(_value, _timeMs, _window, ctx) {
      const state = ctx.state(counted);
      state.add(1);
      if ((state.get() ?? 0) < size) return 'continue';
      state.clear();
      return 'fire';
    },
    onEventTime: carryOn,
    onProcessingTime: carryOn,
    onMerge: (_window, ctx) => ctx.mergeState(counted),
    clear: (_window, ctx) => ctx.state(counted).clear(),
  };
}

function delta(threshold: number, of: (a: unknown, b: unknown) => number): Trigger<unknown> {
  const last = value<unknown>({ name: 'last' });
  return {
    onElement(element, _timeMs, _window, ctx) {
      const state = ctx.state(last);
      const before = state.value();
      if (before === undefined) {
        state.update(element);
        return 'continue';
      }
      if (!(of(before, element) > threshold)) return 'continue';
      state.update(element);
      return 'fire';
    },
    onEventTime: carryOn,
    onProcessingTime: carryOn,
    clear: (_window, ctx) => ctx.state(last).clear(),
  };
}

/** Fires at every multiple of the interval while the window is open, and at its end in event time. */
function continuous(domain: TimeDomain, everyMs: number): Trigger<unknown> {
  const next = reducing<number>({ name: 'next-firing', reduce: Math.min });
  const register = (timeMs: number, ctx: TriggerContext): void =>
    domain === 'event' ? ctx.registerEventTimer(timeMs) : ctx.registerProcessingTimer(timeMs);
  function schedule(timeMs: number, window: Window, ctx: TriggerContext): void {
    const multiple = (Math.floor(timeMs / everyMs) + 1) * everyMs;
    const last = maxTimestamp(window);
    let fireMs = Math.min(multiple, last);
    // Wall time may be past the end of an event-time window: a timer there would fire for ever.
    if (domain === 'processing' && last <= timeMs) fireMs = multiple;
    // At the end of input event time runs to Infinity at once: a window without end fires only there.
    if (domain === 'event' && ctx.watermark === END_OF_TIME && last === END_OF_TIME) fireMs = last;
    ctx.state(next).add(fireMs);
    register(fireMs, ctx);
  }
  function onTime(timeMs: number, window: Window, ctx: TriggerContext): TriggerResult {
    if (ctx.state(next).get() !== timeMs) return 'continue';
    ctx.state(next).clear();
    schedule(timeMs, window, ctx);
    return 'fire';
  }
  return {
    onElement(_value, timeMs, window, ctx) {
      if (domain === 'event') {
        if (maxTimestamp(window) <= ctx.watermark) return 'fire';
        ctx.registerEventTimer(maxTimestamp(window));
      }
      if (ctx.state(next).get() === undefined) {
        schedule(domain === 'event' ? timeMs : ctx.processingTime, window, ctx);
      }
      return 'continue';
    },
    onEventTime(timeMs, window, ctx) {
      if (domain !== 'event') return 'continue';
      return timeMs === maxTimestamp(window) ? 'fire' : onTime(timeMs, window, ctx);
    },
    onProcessingTime: (timeMs, window, ctx) =>
      domain === 'processing' ? onTime(timeMs, window, ctx) : 'continue',
    onMerge(_window, ctx) {
      ctx.mergeState(next);
      const fireMs = ctx.state(next).get();
      if (fireMs !== undefined) register(fireMs, ctx);
    },
    clear(_window, ctx) {
      const fireMs = ctx.state(next).get();
      if (fireMs === undefined) return;
      if (domain === 'event') ctx.deleteEventTimer(fireMs);
      else ctx.deleteProcessingTimer(fireMs);
      ctx.state(next).clear();
    },
  };
}

/** Whenever the other trigger fires, the elements go. */
function purging(of: Trigger<unknown>): Trigger<unknown> {
  const purge = (result: TriggerResult): TriggerResult =>
    result === 'fire' ? 'fire-and-purge' : result;
  return {
    onElement: (element, timeMs, window, ctx) => purge(of.onElement(element, timeMs, window, ctx)),
    onEventTime: (timeMs, window, ctx) => purge(of.onEventTime(timeMs, window, ctx)),
    onProcessingTime: (timeMs, window, ctx) => purge(of.onProcessingTime(timeMs, window, ctx)),
    ...(of.onMerge === undefined ? {} : { onMerge: (window, ctx) => of.onMerge?.(window, ctx) }),
    clear: (window, ctx) => of.clear(window, ctx),
  };
}
