// The parameters of each operator kind, as they stand in the plan, and the function slots it needs.
// Durations are milliseconds; null stands for "none".

/**
 * `source`. Slots: by connector (`generator`: `generate`; `custom`: `reader`), those of `watermarks`, and
 * `orderBy` when `ordered`.
 */
export interface SourceParams {
  readonly connector: ConnectorSpec;
  readonly watermarks: WatermarkSpec | null;
  /**
   * A bounded input in another order than its own: the one subtask reads all splits into memory (at most
   * limits.orderedRecordsMax records), sorts them by slot `orderBy(value)`, a number or a string, records
   * of one rank in the order read, and emits then. Watermarks are made over the sorted sequence, as if it
   * were one split. A position is the splits as they were dealt and the number of records emitted: a
   * restored source reads and sorts again and skips those.
   */
  readonly ordered?: boolean;
}

/** `sink`. Slots: by connector (`custom`: `writer`). */
export interface SinkParams {
  readonly connector: ConnectorSpec;
}

/** A connector by name; what its options are is the connector's business (connectors/). */
export interface ConnectorSpec {
  readonly name: string;
  readonly options: { readonly [key: string]: unknown };
}

/** Slots: `timestamp(value)`, absent when the source's own times are kept; `punctuated`: `punctuate(value, time)`. */
export interface WatermarkSpec {
  readonly kind: 'bounded' | 'punctuated' | 'ingestion' | 'none';
  /** `bounded`: how far behind the highest time seen; 0 for monotonous times. */
  readonly boundMs: number;
  readonly idleMs: number | null;
  /** Records of a split between two evaluations. */
  readonly everyRecords: number;
}

/** `timestamps`: the same in the middle of a stream. */
export interface TimestampsParams {
  readonly watermarks: WatermarkSpec;
}

/**
 * `replay`: lets records pass at the pace of their event time, or of slot `time(value)` when given. The first
 * record after a start or a restore passes at once; one whose time is `d` later passes `d / speed` wall
 * milliseconds later; one without a time, or earlier than the last, passes at once. Watermarks wait behind
 * the record that waits (OperatorContext.pend); it is operator state, so that a barrier need not.
 */
export interface ReplayParams {
  /** Event-time milliseconds per wall-time millisecond, above 0; null: as fast as it can. */
  readonly speed: number | null;
}

// map: slot `map(value)` · filter: slot `filter(value)` · flat-map: slot `flatMap(value)`, an iterable
// process: slot `process` · keyed-process: `process` · co-process, keyed-co-process, broadcast-process: `process`
// co-map: `map1`, `map2` · co-flat-map: `flatMap1`, `flatMap2`: no parameters.

/** `keyed-reduce`: a running reduction per key, one output per record. Slot: `reduce(a, b)`. */

/**
 * `keyed-fold`: a running aggregate per key. Slots as the aggregate has them, and `output(key, value)` when
 * something else than the aggregate's value is emitted.
 */
export interface KeyedFoldParams {
  readonly aggregate: AggregateSpec;
}

/**
 * An aggregate. `own` has slots `create() add(acc, value) merge(a, b)? result(acc)?`; the ready ones have
 * `of(value)` (the number or the value they look at), but for `count`, which has none.
 */
export interface AggregateSpec {
  readonly kind:
    | 'own'
    | 'reduce'
    | 'count'
    | 'sum'
    | 'mean'
    | 'min'
    | 'max'
    | 'min-by'
    | 'max-by'
    | 'top'
    | 'distinct-count'
    | 'list';
  /** `top`: how many. */
  readonly n?: number;
}

export interface WindowSpec {
  readonly assigner: AssignerSpec;
  readonly trigger: TriggerSpec | null;
  readonly evictor: EvictorSpec | null;
  readonly allowedLatenessMs: number;
  /** Where records go that are late to all their windows; null: they are counted and dropped. */
  readonly lateTag: string | null;
}

export type AssignerSpec =
  | {
      readonly kind: 'tumbling';
      readonly time: TimeDomain;
      readonly sizeMs: number;
      readonly offsetMs: number;
    }
  | {
      readonly kind: 'sliding';
      readonly time: TimeDomain;
      readonly sizeMs: number;
      readonly slideMs: number;
      readonly offsetMs: number;
    }
  | {
      readonly kind: 'cumulative';
      readonly time: TimeDomain;
      readonly sizeMs: number;
      readonly stepMs: number;
      readonly offsetMs: number;
    }
  | { readonly kind: 'session'; readonly time: TimeDomain; readonly gapMs: number }
  /** Slot `gap(value)`: milliseconds. */
  | { readonly kind: 'dynamic-session'; readonly time: TimeDomain }
  | { readonly kind: 'global' }
  | { readonly kind: 'count'; readonly size: number; readonly slide: number };

export type TimeDomain = 'event' | 'processing';

export type TriggerSpec =
  | { readonly kind: 'event-time' }
  | { readonly kind: 'processing-time' }
  | { readonly kind: 'count'; readonly size: number }
  | { readonly kind: 'continuous'; readonly time: TimeDomain; readonly everyMs: number }
  /** Slot `delta(a, b)`: a number. */
  | { readonly kind: 'delta'; readonly threshold: number }
  | { readonly kind: 'never' }
  | { readonly kind: 'purging'; readonly of: TriggerSpec }
  /** Slot `trigger`: an object of the user's. */
  | { readonly kind: 'own' };

export type EvictorSpec =
  | { readonly kind: 'count'; readonly keep: number }
  | { readonly kind: 'time'; readonly keepMs: number }
  /** Slot `evict(elements, window)`: the elements that stay. */
  | { readonly kind: 'own' };

/**
 * `window`. Slots: those of the aggregate; `window(key, window, result)` when a result function was given, or
 * `process(key, window, elements, context)` for `list` aggregates. `windowAll` is a window without a key.
 */
export interface WindowParams {
  readonly window: WindowSpec;
  readonly aggregate: AggregateSpec;
  readonly keyed: boolean;
  /** Partial aggregates come instead of records (graph/pre-aggregation.ts). */
  readonly takesPartials?: boolean;
}

/** `local-window`: joins what comes before it travels to a window. Slots: those of the window's aggregate. */
export interface LocalWindowParams {
  readonly window: WindowSpec;
  readonly aggregate: AggregateSpec;
  /** The program's edge to the window: its slot `key` is the key of an element, if there is one. */
  readonly edge: number;
  /** The window's name. */
  readonly of: string;
}

/** `window-join`: slot `join(left, right)` for each pair, or `coGroup(lefts, rights)`. */
export interface WindowJoinParams {
  readonly window: WindowSpec;
  readonly kind: 'join' | 'co-group';
}

/** `interval-join`: slot `join(left, right)`. Bounds are inclusive unless said. */
export interface IntervalJoinParams {
  readonly lowerMs: number;
  readonly upperMs: number;
  readonly lowerExclusive: boolean;
  readonly upperExclusive: boolean;
}

/** `broadcast-process`: names of the broadcast states that it reads. */
export interface BroadcastProcessParams {
  readonly keyed: boolean;
  readonly states: readonly string[];
}
