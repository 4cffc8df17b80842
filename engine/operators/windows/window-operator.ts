// Which operator runs a window: sessions have one of their own, sliding windows share slices where their
// aggregate allows it, and one runs all others.

import type { WindowJoinParams, WindowParams } from '../../graph/operator-params.ts';
import type { OperatorContext, StreamOperator } from '../stream-operator.ts';
import { FixedWindowOperator } from './fixed-window-operator.ts';
import { SessionWindowOperator } from './session-window-operator.ts';
import { canSlice, SlicedWindowOperator } from './sliced-window-operator.ts';
import type { WindowDefinition } from './windowing-operator.ts';

export function createWindowOperator(
  params: WindowParams,
  context: OperatorContext,
): StreamOperator {
  const { window, aggregate, keyed } = params;
  return create({ window, makes: { kind: 'aggregate', aggregate }, isKeyed: keyed }, context);
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
  if (assigner.kind === 'session' || assigner.kind === 'dynamic-session') {
    return new SessionWindowOperator({ ...definition, isMerging: true }, assigner, context);
  }
  if (assigner.kind === 'sliding' && canSlice(definition, assigner))
    return new SlicedWindowOperator({ ...definition, isMerging: false }, assigner, context);
  return new FixedWindowOperator({ ...definition, isMerging: false }, assigner, context);
}
