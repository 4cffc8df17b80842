// A window on its way into the plan: assigner, trigger, evictor, lateness, and the functions they bring.
// Windows of one stream and windows of two are drafted alike.

import type { UserFunction } from '../../core/user-function.ts';
import type { WindowSpec } from '../../graph/operator-params.ts';
import type { OutputTag, Trigger } from '../../operators/functions.ts';
import { tagName } from '../output-tag.ts';
import { Check, shown } from '../program-error.ts';
import type { Flow } from '../streams/flow.ts';
import type { WindowAssigner } from './assigners.ts';
import type { WindowEvictor, WindowTrigger } from './triggers.ts';
import { checkAssigner, checkMerges, checkTrigger, needsEventTime } from './window-checks.ts';

export interface WindowDraft {
  readonly spec: WindowSpec;
  readonly functions: Readonly<Record<string, UserFunction | object>>;
}

/** @throws ProgramError when there cannot be such windows, or the streams lack the event time they need. */
export function draftOf(
  flows: readonly [Flow, ...Flow[]],
  call: string,
  given: WindowAssigner<never>,
): WindowDraft {
  const [{ recorder }] = flows;
  const check = new Check(call, recorder);
  const { spec: assigner, functions } = given ?? {};
  if (assigner === undefined)
    return check.fail(
      `the window is ${shown(given)}; give one, such as tumbling({ size: minutes(5) })`,
    );
  checkAssigner(check, assigner);
  if (needsEventTime(assigner) && !flows.every(({ hasEventTime }) => hasEventTime)) {
    check.fail(
      'windows over event time need streams that have it; call withWatermarks(…) on the source, ' +
        "or give the window time: 'processing'",
    );
  }
  const spec = { assigner, trigger: null, evictor: null, allowedLatenessMs: 0, lateTag: null };
  return { spec, functions };
}

export function withTrigger<T>(
  flow: Flow,
  draft: WindowDraft,
  trigger: WindowTrigger<T> | Trigger<T>,
): WindowDraft {
  const check = new Check('trigger', flow.recorder);
  const { spec, functions } =
    typeof trigger === 'object' && trigger !== null && 'spec' in trigger
      ? trigger
      : ownTrigger(check, trigger);
  checkTrigger(check, spec);
  checkMerges(check, draft.spec.assigner, spec, functions);
  return {
    spec: { ...draft.spec, trigger: spec },
    functions: { ...draft.functions, ...functions },
  };
}

function ownTrigger(
  check: Check,
  trigger: object,
): Pick<WindowTrigger<never>, 'spec'> & Pick<WindowDraft, 'functions'> {
  check.methods('the trigger', trigger, ['onElement', 'onEventTime', 'onProcessingTime', 'clear']);
  return { spec: { kind: 'own' }, functions: { trigger } };
}

export function withEvictor(
  flow: Flow,
  draft: WindowDraft,
  evictor: WindowEvictor | UserFunction,
): WindowDraft {
  const check = new Check('evictor', flow.recorder);
  if (typeof evictor === 'function') {
    return {
      spec: { ...draft.spec, evictor: { kind: 'own' } },
      functions: { ...draft.functions, evict: evictor },
    };
  }
  const { spec } = evictor ?? {};
  if (spec === undefined)
    return check.fail(`the evictor is ${shown(evictor)}; give one of evictors, or a function`);
  if (spec.kind === 'count') check.wholeNumber('the number of elements', spec.keep, 0);
  if (spec.kind === 'time') check.duration('the time', spec.keepMs);
  return { ...draft, spec: { ...draft.spec, evictor: spec } };
}

export function withLateness(flow: Flow, draft: WindowDraft, latenessMs: number): WindowDraft {
  const check = new Check('allowedLateness', flow.recorder);
  check.wholeNumber('the lateness', latenessMs, 0);
  check.that(
    latenessMs === 0 || needsEventTime(draft.spec.assigner),
    'only windows over event time have late records; leave it out',
  );
  return { ...draft, spec: { ...draft.spec, allowedLatenessMs: latenessMs } };
}

export function withLateTag(
  flow: Flow,
  draft: WindowDraft,
  tag: Pick<OutputTag<unknown>, 'name'>,
): WindowDraft {
  const check = new Check('sideOutputLateData', flow.recorder);
  check.that(
    needsEventTime(draft.spec.assigner),
    'only windows over event time have late records; leave it out',
  );
  return { ...draft, spec: { ...draft.spec, lateTag: tagName(check, tag) } };
}
