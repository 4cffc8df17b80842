// Which operator runs a window: sessions have one of their own, windows by time are sliced where that gives the
// same, as is the one window of a stream that fires at the end of the input; all others share one.

import type { WindowJoinParams, WindowParams, WindowSpec } from '../../graph/operator-params.ts';
import type { OperatorContext, StreamOperator } from '../stream-operator.ts';
import { FixedWindowOperator } from './fixed-window-operator.ts';
import { SessionWindowOperator } from './session-window-operator.ts';
import { SlicedAggregateOperator } from './sliced-aggregate-operator.ts';
import { SlicedJoinOperator } from './sliced-join-operator.ts';
import { createSlicer, type Slicer } from './slicers.ts';
import { isPlainTimeTrigger } from './triggers.ts';
import type { WindowDefinition } from './windowing-operator.ts';

export function createWindowOperator(
  params: WindowParams,
  context: OperatorContext,
): StreamOperator {
  const { window, aggregate, keyed, takesPartials = false } = params;
  const makes = { kind: 'aggregate', aggregate, takesPartials } as const;
  return create({ window, makes, isKeyed: keyed }, context);
}

/** A window over two inputs with the same keys. */
export function createWindowJoinOperator(
  { window, kind }: WindowJoinParams,
  context: OperatorContext,
): StreamOperator {
  return create({ window, makes: { kind }, isKeyed: true }, context);
}

function create(
  definition: Omit<WindowDefinition, 'isMerging'>,
  context: OperatorContext,
): StreamOperator {
  const { assigner } = definition.window;
  const slicer = canSlice(definition, context) ? createSlicer(assigner) : undefined;
  if (slicer !== undefined)
    return createSliced({ ...definition, isMerging: false }, slicer, context);
  if (assigner.kind === 'session' || assigner.kind === 'dynamic-session') {
    return new SessionWindowOperator({ ...definition, isMerging: true }, assigner, context);
  }
  return new FixedWindowOperator({ ...definition, isMerging: false }, assigner, context);
}

function createSliced(
  definition: WindowDefinition,
  slicer: Slicer,
  context: OperatorContext,
): StreamOperator {
  const { makes } = definition;
  return makes.kind === 'aggregate'
    ? new SlicedAggregateOperator(definition, slicer, context)
    : new SlicedJoinOperator(definition, makes.kind, slicer, context);
}

const firesOnce = (window: WindowSpec): boolean =>
  window.assigner.kind === 'global'
    ? window.trigger?.kind === 'event-time'
    : isPlainTimeTrigger(window);

/**
 * Nothing asks what is in a window before it fires, and it fires once. Where windows overlap, slices are merged in
 * the order of time, and elements come in any: only where that makes no difference.
 */
function canSlice(
  { window, makes }: Omit<WindowDefinition, 'isMerging'>,
  context: OperatorContext,
): boolean {
  if (window.evictor !== null || window.allowedLatenessMs > 0 || !firesOnce(window)) return false;
  if (window.assigner.kind === 'tumbling' || window.assigner.kind === 'global') return true;
  if (makes.kind !== 'aggregate') return false;
  switch (makes.aggregate.kind) {
    case 'count':
    case 'sum':
    case 'mean':
    case 'min':
    case 'max':
    case 'distinct-count':
      return true;
    case 'own':
      return context.hasFunction('merge');
    case 'reduce':
    case 'min-by':
    case 'max-by':
    case 'top':
    case 'list':
      return false;
  }
}
