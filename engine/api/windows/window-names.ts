// What windows are called in the plan: Flink's names, as its users and dashboard know them, with sizes as
// people write them.

import { formatDurationMs } from '../../core/time.ts';
import type {
  AssignerSpec,
  TimeDomain,
  TriggerSpec,
  WindowSpec,
} from '../../graph/operator-params.ts';

const DOMAINS: Readonly<Record<TimeDomain, string>> = {
  event: 'EventTime',
  processing: 'ProcessingTime',
};

/** Flink's name of the windows: `TumblingEventTimeWindows`. */
export function assignerName(spec: AssignerSpec): string {
  switch (spec.kind) {
    case 'tumbling':
      return `Tumbling${DOMAINS[spec.time]}Windows`;
    case 'sliding':
      return `Sliding${DOMAINS[spec.time]}Windows`;
    case 'cumulative':
      return `Cumulative${DOMAINS[spec.time]}Windows`;
    case 'session':
      return `${DOMAINS[spec.time]}SessionWindows`;
    case 'dynamic-session':
      return `Dynamic${DOMAINS[spec.time]}SessionWindows`;
    case 'global':
      return 'GlobalWindows';
    case 'count':
      return 'CountWindows';
  }
}

/** `Window(TumblingEventTimeWindows(1 h), EventTimeTrigger, mean)`, after Flink. */
export function describeWindow({ assigner, trigger, evictor }: WindowSpec, what: string): string {
  const sizes = assignerSizes(assigner);
  const parts = [
    `${assignerName(assigner)}${sizes === '' ? '' : `(${sizes})`}`,
    triggerName(trigger ?? defaultTrigger(assigner)),
    ...(evictor === null ? [] : [EVICTORS[evictor.kind]]),
    what,
  ];
  return `Window(${parts.join(', ')})`;
}

const EVICTORS = { count: 'CountEvictor', time: 'TimeEvictor', own: 'own evictor' } as const;

/** The sizes, as people write them: `1 h, 10 min`. */
function assignerSizes(spec: AssignerSpec): string {
  switch (spec.kind) {
    case 'tumbling':
      return formatDurationMs(spec.sizeMs);
    case 'sliding':
      return `${formatDurationMs(spec.sizeMs)}, ${formatDurationMs(spec.slideMs)}`;
    case 'cumulative':
      return `${formatDurationMs(spec.sizeMs)}, ${formatDurationMs(spec.stepMs)}`;
    case 'session':
      return formatDurationMs(spec.gapMs);
    case 'count':
      return spec.size === spec.slide ? `${spec.size}` : `${spec.size}, ${spec.slide}`;
    case 'dynamic-session':
    case 'global':
      return '';
  }
}

/** What fires the windows of an assigner when nothing else is said. */
function defaultTrigger(assigner: AssignerSpec): TriggerSpec {
  if (assigner.kind === 'global') return { kind: 'never' };
  if (assigner.kind === 'count') return { kind: 'count', size: assigner.slide };
  return { kind: assigner.time === 'event' ? 'event-time' : 'processing-time' };
}

function triggerName(trigger: TriggerSpec): string {
  switch (trigger.kind) {
    case 'event-time':
      return 'EventTimeTrigger';
    case 'processing-time':
      return 'ProcessingTimeTrigger';
    case 'count':
      return `CountTrigger(${trigger.size})`;
    case 'continuous':
      return `Continuous${DOMAINS[trigger.time]}Trigger(${formatDurationMs(trigger.everyMs)})`;
    case 'delta':
      return `DeltaTrigger(${trigger.threshold})`;
    case 'never':
      return 'NeverTrigger';
    case 'purging':
      return `PurgingTrigger(${triggerName(trigger.of)})`;
    case 'own':
      return 'own trigger';
  }
}
