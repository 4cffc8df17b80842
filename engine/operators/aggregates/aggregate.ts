// The aggregates that windows and running folds use, made from their description in the plan. An
// accumulator may be changed in place: it belongs to one key (and window), and whoever holds it puts it
// back. Records that a ready aggregate keeps are copied into it; what the user's own one keeps is its affair,
// but for a record that becomes the accumulator itself.

import { options } from '../../core/options.ts';
import type { AggregateSpec } from '../../graph/operator-params.ts';
import { type Copier, copierFor } from '../../state/value-copier.ts';
import type { OperatorContext } from '../stream-operator.ts';
import {
  counting,
  distinctCount,
  extreme,
  itself,
  listing,
  mean,
  sum,
  top,
} from './ready-aggregates.ts';

/** An accumulator is never undefined: in state that stands for "none yet". Its functions stand alone. */
export interface Aggregate<A = unknown> {
  /** `accumulator` is undefined for the first value. */
  readonly add: (accumulator: A | undefined, value: unknown) => A;
  /** `add` in steps: the first two are the user's own, where the aggregate is. */
  readonly steps?: {
    readonly create: () => unknown;
    readonly add: (accumulator: unknown, value: unknown) => unknown;
    /** What `add` has returned becomes an accumulator. */
    readonly take: (next: unknown, value: unknown) => A;
  };
  /** An accumulator, as far as it is known before there are values. */
  readonly example?: () => unknown;
  readonly merge: (a: A, b: A) => A;
  /** Accumulators that are numbers are merged by adding them, and are the result. */
  readonly isSum?: true;
  /** `itself` where the accumulator is the result. */
  readonly result: (accumulator: A) => unknown;
}

type Unary = (value: unknown) => unknown;
type Binary = (a: unknown, b: unknown) => unknown;

/** Each aggregate is only ever given accumulators that it made, so their type need not be known outside. */
export function createAggregate(spec: AggregateSpec, context: OperatorContext): Aggregate {
  const copier = copierFor(context.configuration.get(options.objectReuse));
  const of = (): Unary => context.function('of') as Unary;
  switch (spec.kind) {
    case 'own':
      return own(context, copier);
    case 'reduce':
      return reducing(context.function('reduce') as Binary, copier);
    case 'count':
      return counting as Aggregate;
    case 'sum':
      return sum(of()) as Aggregate;
    case 'mean':
      return mean(of()) as Aggregate;
    case 'min':
    case 'max':
      return extreme(of(), spec.kind, 'rank', copier) as Aggregate;
    case 'min-by':
      return extreme(of(), 'min', 'record', copier) as Aggregate;
    case 'max-by':
      return extreme(of(), 'max', 'record', copier) as Aggregate;
    case 'top':
      return top(of(), spec.n ?? 1, copier) as Aggregate;
    case 'distinct-count':
      return distinctCount(of()) as Aggregate;
    case 'list':
      return listing(copier) as Aggregate;
  }
}

function reducing(reduce: Binary, copier: Copier): Aggregate {
  const reduced = (a: unknown, b: unknown): unknown => {
    const result = reduce(a, b);
    if (result === undefined) throw new TypeError('the reduce function returned undefined');
    // What was reduced in place is the accumulator already; anything else may be a record.
    return result === a ? result : copier.copy(result);
  };
  return {
    add: (accumulator, value) =>
      accumulator === undefined ? copier.copy(value) : reduced(accumulator, value),
    merge: reduced,
    result: itself,
  };
}

function own(context: OperatorContext, copier: Copier): Aggregate {
  const create = context.function('create') as () => unknown;
  const add = context.function('add') as Binary;
  const merge = context.hasFunction('merge') ? (context.function('merge') as Binary) : undefined;
  const result = context.hasFunction('result') ? (context.function('result') as Unary) : undefined;
  const take = (next: unknown, value: unknown): unknown => {
    if (next === undefined) {
      throw new TypeError('add of the aggregate returned undefined, not the accumulator');
    }
    return next === value ? copier.copy(next) : next;
  };
  return {
    add: (accumulator, value) =>
      take(add(accumulator === undefined ? create() : accumulator, value), value),
    steps: { create, add, take },
    example: create,
    merge(a, b) {
      if (merge !== undefined) return merge(a, b);
      throw new TypeError(
        `operator ${JSON.stringify(context.name)} merges windows, and its aggregate has no merge function`,
      );
    },
    result: result ?? itself,
  };
}
