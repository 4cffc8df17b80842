// Windows over sales, as the tests of windows use them.

import type {
  AggregateSpec,
  AssignerSpec,
  WindowParams,
  WindowSpec,
} from '../../engine/graph/operator-params.ts';
import type { Window } from '../../engine/operators/functions.ts';
import type { OperatorDefinition } from '../harness/operator-harness.ts';
import { record } from '../harness/operator-items.ts';

export interface Sale {
  readonly shop: string;
  readonly n: number;
}

export const sale = (shop: string, n: number, timeMs?: number) => record({ shop, n }, timeMs);

export const tumbling = (sizeMs: number, time: 'event' | 'processing' = 'event'): AssignerSpec => ({
  kind: 'tumbling',
  time,
  sizeMs,
  offsetMs: 0,
});

export function windowOf(
  assigner: AssignerSpec,
  functions: OperatorDefinition['functions'],
  change: Partial<WindowSpec> & {
    readonly aggregate?: AggregateSpec;
    readonly keyed?: boolean;
  } = {},
): OperatorDefinition {
  const { aggregate = { kind: 'sum' }, keyed = true, ...spec } = change;
  const window: WindowSpec = {
    assigner,
    trigger: null,
    evictor: null,
    allowedLatenessMs: 0,
    lateTag: null,
    ...spec,
  };
  const params: WindowParams = { window, aggregate, keyed };
  return {
    kind: 'window',
    params: params as never,
    functions,
    ...(keyed ? { key: ({ shop }: Sale) => shop } : {}),
  };
}

export const ofN = { of: ({ n }: Sale) => n };
export const keyed = (key: string, { end }: Window, result: unknown) => [key, end, result];
