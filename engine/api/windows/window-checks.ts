// What must hold of a window before it gets into the plan. A wrong window is refused where it is used, with
// the line of the cell, and not by the task that would run it.

import type {
  AssignerSpec,
  TimeDomain,
  TriggerSpec,
  WindowSpec,
} from '../../graph/operator-params.ts';
import type { Trigger } from '../../operators/functions.ts';
import type { Check } from '../program-error.ts';

/** Whether windows of this kind are over event time. */
export const needsEventTime = (spec: AssignerSpec): boolean =>
  'time' in spec && spec.time === 'event';

/** Whether windows of this kind grow together. */
export const isMerging = (spec: AssignerSpec): boolean =>
  spec.kind === 'session' || spec.kind === 'dynamic-session';

/** @throws ProgramError when the windows cannot be. */
export function checkAssigner(check: Check, spec: AssignerSpec): void {
  if ('time' in spec) checkDomain(check, spec.time);
  switch (spec.kind) {
    case 'tumbling':
      check.duration('the size', spec.sizeMs);
      return checkOffset(check, spec.offsetMs, spec.sizeMs, 'size');
    case 'sliding':
      check.duration('the size', spec.sizeMs);
      check.duration('the slide', spec.slideMs);
      return checkOffset(check, spec.offsetMs, spec.slideMs, 'slide');
    case 'cumulative':
      check.duration('the size', spec.sizeMs);
      check.duration('the step', spec.stepMs);
      check.that(
        spec.sizeMs % spec.stepMs === 0,
        `the size, ${spec.sizeMs} ms, is no multiple of the step, ${spec.stepMs} ms; choose one that is`,
      );
      return checkOffset(check, spec.offsetMs, spec.sizeMs, 'size');
    case 'session':
      return check.duration('the gap', spec.gapMs);
    case 'dynamic-session':
    case 'global':
      return;
    case 'count':
      check.wholeNumber('the size', spec.size, 1);
      return check.wholeNumber('the slide', spec.slide, 1);
  }
}

function checkOffset(check: Check, offsetMs: number, limitMs: number, limit: string): void {
  check.that(
    Number.isInteger(offsetMs) && Math.abs(offsetMs) < limitMs,
    `the offset is ${offsetMs} ms; give whole milliseconds of less than the ${limit}, ${limitMs} ms, either way`,
  );
}

/** @throws ProgramError when there is no such trigger. */
export function checkTrigger(check: Check, trigger: TriggerSpec): void {
  switch (trigger.kind) {
    case 'count':
      return check.wholeNumber('the number of elements', trigger.size, 1);
    case 'continuous':
      checkDomain(check, trigger.time);
      return check.duration('the interval', trigger.everyMs);
    case 'delta':
      return check.that(
        Number.isFinite(trigger.threshold),
        `the threshold is ${trigger.threshold}; give a number`,
      );
    case 'purging':
      return checkTrigger(check, trigger.of);
    case 'event-time':
    case 'processing-time':
    case 'never':
    case 'own':
      return;
  }
}

function checkDomain(check: Check, time: TimeDomain): void {
  const isDomain = time === 'event' || time === 'processing';
  check.that(isDomain, `time is ${JSON.stringify(time)}; give 'event' or 'processing'`);
}

/** Windows that grow together need a trigger that can follow them. */
export function checkMerges(
  check: Check,
  assigner: AssignerSpec,
  spec: TriggerSpec,
  functions: Readonly<Record<string, unknown>>,
): void {
  if (!isMerging(assigner)) return;
  if (spec.kind === 'purging') return checkMerges(check, assigner, spec.of, functions);
  const { trigger: own } = functions as { trigger?: Partial<Trigger<unknown>> };
  if (spec.kind === 'delta' || (spec.kind === 'own' && own?.onMerge === undefined))
    check.fail(
      'session windows grow together, and this trigger cannot; give it onMerge, or take another',
    );
}

/** Checked last, when the window is put to use. @throws ProgramError for a window that would never fire. */
export function checkFires(check: Check, { assigner, trigger }: WindowSpec): void {
  if (assigner.kind !== 'global' || trigger !== null) return;
  check.fail(
    'global() windows never fire by themselves; add .trigger(triggers.count(100)), ' +
      'or .trigger(triggers.eventTime()) to fire at the end of the input',
  );
}
