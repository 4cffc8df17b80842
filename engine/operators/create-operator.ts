// From a node of the plan to the operator that runs it. Sources and sinks are run by the task itself.

import type { Json } from '../core/json.ts';
import type {
  BroadcastProcessParams,
  IntervalJoinParams,
  KeyedFoldParams,
  LocalWindowParams,
  ReplayParams,
  TimestampsParams,
  WindowJoinParams,
  WindowParams,
} from '../graph/operator-params.ts';
import type { OperatorKind } from '../graph/stream-graph.ts';
import { KeyedFoldOperator } from './aggregates/keyed-fold-operator.ts';
import { KeyedReduceOperator } from './aggregates/keyed-reduce-operator.ts';
import { IntervalJoinOperator } from './interval-join-operator.ts';
import { BroadcastProcessOperator } from './process/broadcast-process-operator.ts';
import { CoProcessOperator } from './process/co-process-operator.ts';
import { KeyedBroadcastProcessOperator } from './process/keyed-broadcast-process-operator.ts';
import { KeyedCoProcessOperator } from './process/keyed-co-process-operator.ts';
import { KeyedProcessOperator } from './process/keyed-process-operator.ts';
import { ProcessOperator } from './process/process-operator.ts';
import { ReplayOperator } from './replay-operator.ts';
import type { OperatorContext, StreamOperator } from './stream-operator.ts';
import { TimestampsOperator } from './timestamps-operator.ts';
import { CoFlatMapOperator } from './transforms/co-flat-map-operator.ts';
import { CoMapOperator } from './transforms/co-map-operator.ts';
import { FilterOperator } from './transforms/filter-operator.ts';
import { FlatMapOperator } from './transforms/flat-map-operator.ts';
import { MapOperator } from './transforms/map-operator.ts';
import { createLocalWindow } from './windows/local-window-operator.ts';
import { createWindowJoinOperator, createWindowOperator } from './windows/window-operator.ts';

/** What a node says about the operator to create. */
export interface OperatorNode {
  readonly kind: Exclude<OperatorKind, 'source' | 'sink'>;
  readonly params: Json;
}

/**
 * The context's state is restored already: operators ask for their states when they are made, and emit
 * nothing before `open`.
 * @throws when the node's functions or parameters are not what its kind needs.
 */
export function createOperator(node: OperatorNode, context: OperatorContext): StreamOperator {
  switch (node.kind) {
    case 'map':
      return new MapOperator(context);
    case 'filter':
      return new FilterOperator(context);
    case 'flat-map':
      return new FlatMapOperator(context);
    case 'timestamps':
      return new TimestampsOperator(paramsOf<TimestampsParams>(node), context);
    case 'replay':
      return new ReplayOperator(paramsOf<ReplayParams>(node), context);
    case 'process':
      return new ProcessOperator(context);
    case 'keyed-process':
      return new KeyedProcessOperator(context);
    case 'keyed-reduce':
      return new KeyedReduceOperator(context);
    case 'keyed-fold':
      return new KeyedFoldOperator(paramsOf<KeyedFoldParams>(node), context);
    case 'window':
      return createWindowOperator(paramsOf<WindowParams>(node), context);
    case 'local-window':
      return createLocalWindow(paramsOf<LocalWindowParams>(node), context);
    case 'window-join':
      return createWindowJoinOperator(paramsOf<WindowJoinParams>(node), context);
    case 'co-map':
      return new CoMapOperator(context);
    case 'co-flat-map':
      return new CoFlatMapOperator(context);
    case 'co-process':
      return new CoProcessOperator(context);
    case 'keyed-co-process':
      return new KeyedCoProcessOperator(context);
    case 'broadcast-process': {
      const params = paramsOf<BroadcastProcessParams>(node);
      return params.keyed
        ? new KeyedBroadcastProcessOperator(params, context)
        : new BroadcastProcessOperator(params, context);
    }
    case 'interval-join':
      return new IntervalJoinOperator(paramsOf<IntervalJoinParams>(node), context);
  }
}

/** The API that built the plan checked them (graph/operator-params.ts). */
const paramsOf = <P>(node: OperatorNode): P => node.params as unknown as P;
