// What a chain counts, and what follows from that. Most counters of operators in a row are the same number: what a
// map gets it gives, and what one gives the next one gets. So the chain's code counts where it must, where a filter
// lets pass or an operator calls back; the other counters are written whenever somebody is to look at them.

import type { ChainedOperator, ChainOutput } from './chain-code.ts';
import { OPERATOR, operatorColumn, TASK } from './task-metrics.ts';

export class ChainCounts {
  /** In this order: a column, and the one before that says the same. */
  readonly #following: readonly (readonly [column: number, same: number])[];
  readonly #columns: ReadonlySet<number>;

  constructor(operators: readonly ChainedOperator[], outputs: readonly ChainOutput[]) {
    this.#following = operators.flatMap((_, i) => followingOf(i, operators, outputs));
    this.#columns = new Set(this.#following.map(([column]) => column));
  }

  /** The text that counts a record; empty where that follows. */
  count(operator: number, column: number): string {
    const at = operatorColumn(operator, column);
    return this.#columns.has(at) ? '' : `M[${at}]++;`;
  }

  /** From now on all columns are right, until the next record. */
  settle(metrics: Float64Array): void {
    for (const [column, same] of this.#following) metrics[column] = metrics[same] as number;
  }
}

function followingOf(
  index: number,
  operators: readonly ChainedOperator[],
  outputs: readonly ChainOutput[],
): readonly (readonly [number, number])[] {
  const { operator, after } = operators[index] as ChainedOperator;
  const [given, made] = [OPERATOR.recordsIn, OPERATOR.recordsOut].map((column) =>
    operatorColumn(index, column),
  ) as [number, number];
  // Of one with side outputs what it emits is counted together, and goes different ways.
  const branches = [...operators.map((one) => ({ ...one, from: one.after })), ...outputs];
  const splits = branches.some(
    ({ from, sideOutput }) => from === after && sideOutput !== undefined,
  );
  const before = after === -1 ? TASK.recordsIn : operatorColumn(after, OPERATOR.recordsOut);
  return [
    ...(splits ? [] : [[given, before] as const]),
    ...(operator.inline?.kind === 'map' ? [[made, given] as const] : []),
  ];
}
