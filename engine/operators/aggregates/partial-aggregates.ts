// Aggregates in two steps: before an exchange elements are joined to partial aggregates, row by row of a small table,
// and behind it those are merged. What is joined early gives exactly what it would have given one by one: numbers
// are summed only as long as sums are whole and safe; everything else travels alone, as the partial aggregate of
// one element.

import { AssertionError } from '../../core/assert.ts';
import type { AggregateSpec } from '../../graph/operator-params.ts';
import type { OperatorContext } from '../stream-operator.ts';
import { type Aggregate, createAggregate } from './aggregate.ts';
import { isLess, type MeanAccumulator, numberOf, type Ranked } from './ready-aggregates.ts';

/** What travels. */
export interface PartialRow {
  readonly key: unknown;
  /** Elements in it. */
  readonly count: number;
  /** Of a count nothing more; else by aggregate. */
  readonly partial: unknown;
}

export const keyOfPartial = (row: unknown): unknown => (row as PartialRow).key;
export const elementsOfPartial = (row: unknown): number => (row as PartialRow).count;

/** A partial aggregate in each row of a table. */
export interface PartialColumn {
  /** False, and the row is as it was: the value cannot be joined with others, nor can those that follow. */
  add(row: number, isFirst: boolean, value: unknown): boolean;
  partial(row: number): unknown;
  /** Of this value alone. */
  alone(value: unknown): unknown;
  /** All rows are free. */
  clear(): void;
}

type Of = (value: unknown) => unknown;

export function createPartialColumn(
  spec: AggregateSpec,
  context: OperatorContext,
  rows: number,
): PartialColumn {
  const of = (): Of => context.function('of') as Of;
  switch (spec.kind) {
    case 'count':
      return counted;
    case 'sum':
    case 'mean':
      return new Sums(of(), spec.kind, rows);
    case 'min':
    case 'max':
      return new Extremes(of(), spec.kind, rows);
    case 'min-by':
    case 'max-by':
      return new Accumulators(createAggregate(spec, context), 'record');
    case 'reduce':
    case 'own':
    case 'top':
      return new Accumulators(createAggregate(spec, context), 'accumulator');
    case 'distinct-count':
    case 'list':
      throw noPartials(spec.kind);
  }
}

const counted: PartialColumn = {
  add: () => true,
  partial: () => undefined,
  alone: () => undefined,
  clear: () => undefined,
};

class Sums implements PartialColumn {
  readonly #of: Of;
  readonly #aggregate: string;
  readonly #sums: Float64Array;

  constructor(of: Of, aggregate: string, rows: number) {
    this.#of = of;
    this.#aggregate = aggregate;
    this.#sums = new Float64Array(rows);
  }

  add(row: number, isFirst: boolean, value: unknown): boolean {
    const term = this.#of(value);
    if (typeof term !== 'number') return false;
    const sum = isFirst ? term : (this.#sums[row] as number) + term;
    if (!Number.isSafeInteger(term) || !Number.isSafeInteger(sum)) return false;
    this.#sums[row] = sum;
    return true;
  }

  partial(row: number): unknown {
    return this.#sums[row];
  }

  alone(value: unknown): unknown {
    return numberOf(this.#of(value), this.#aggregate);
  }

  clear(): void {
    // Each row begins with its first value.
  }
}

class Extremes implements PartialColumn {
  readonly #of: Of;
  readonly #isMin: boolean;
  readonly #ranks: Float64Array;

  constructor(of: Of, which: 'min' | 'max', rows: number) {
    this.#of = of;
    this.#isMin = which === 'min';
    this.#ranks = new Float64Array(rows);
  }

  add(row: number, isFirst: boolean, value: unknown): boolean {
    const rank = this.#of(value);
    if (typeof rank !== 'number') return false;
    const best = this.#ranks[row] as number;
    const isBetter = this.#isMin ? isLess(rank, best) : isLess(best, rank);
    if (isFirst || isBetter) this.#ranks[row] = rank;
    return true;
  }

  partial(row: number): unknown {
    return this.#ranks[row];
  }

  alone(value: unknown): unknown {
    return this.#of(value);
  }

  clear(): void {
    // Each row begins with its first value.
  }
}

/** By the aggregate itself. Where it keeps a record, that is what travels. */
class Accumulators implements PartialColumn {
  readonly #aggregate: Aggregate;
  readonly #keeps: 'accumulator' | 'record';
  readonly #accumulators: unknown[] = [];

  constructor(aggregate: Aggregate, keeps: 'accumulator' | 'record') {
    this.#aggregate = aggregate;
    this.#keeps = keeps;
  }

  add(row: number, isFirst: boolean, value: unknown): boolean {
    const before = isFirst ? undefined : this.#accumulators[row];
    this.#accumulators[row] = this.#aggregate.add(before, value);
    return true;
  }

  partial(row: number): unknown {
    const accumulator = this.#accumulators[row];
    return this.#keeps === 'record' ? this.#aggregate.result(accumulator) : accumulator;
  }

  alone(value: unknown): unknown {
    return this.#keeps === 'record' ? value : this.#aggregate.add(undefined, value);
  }

  clear(): void {
    this.#accumulators.length = 0;
  }
}

/** The same aggregate, for partial ones instead of values. */
export function overPartials(spec: AggregateSpec, aggregate: Aggregate): Aggregate {
  return { ...aggregate, add: addingPartials(spec, aggregate) as Aggregate['add'] };
}

type AddPartial = (accumulator: never, row: PartialRow) => unknown;

function addingPartials({ kind }: AggregateSpec, aggregate: Aggregate): AddPartial {
  switch (kind) {
    case 'count':
      return (total: number | undefined, { count }) =>
        total === undefined ? count : total + count;
    case 'sum':
      return (total: number | undefined, { partial }) =>
        total === undefined ? partial : total + (partial as number);
    case 'mean':
      return (mean: MeanAccumulator | undefined, { partial, count }) => {
        const sum = partial as number;
        return mean === undefined ? { sum, count } : aggregate.merge(mean, { sum, count });
      };
    case 'min':
    case 'max':
      return (best: Ranked | undefined, { partial }) => {
        const ranked = { rank: partial, record: undefined };
        return best === undefined ? ranked : aggregate.merge(best, ranked);
      };
    case 'min-by':
    case 'max-by':
    case 'reduce':
      return (accumulator: unknown, { partial }) => aggregate.add(accumulator, partial);
    case 'own':
    case 'top':
      return (accumulator: unknown, { partial }) =>
        accumulator === undefined ? partial : aggregate.merge(accumulator, partial);
    case 'distinct-count':
    case 'list':
      throw noPartials(kind);
  }
}

const noPartials = (kind: AggregateSpec['kind']): AssertionError =>
  new AssertionError(`no partial aggregate of ${kind}`);
