// A snapshot of a backend on the heap in progress: group after group, state after state, as far as the budget
// of each call goes.

import { AssertionError } from '../../core/assert.ts';
import { SluiceError } from '../../core/errors.ts';
import type { KeyGroupRange } from '../../core/key-groups.ts';
import {
  BlockWriter,
  type KeyedSnapshot,
  type KeyGroupBlock,
  type Section,
} from '../keyed-snapshot.ts';
import type { FrozenState } from './frozen-table.ts';

/** A restored section that no handle has asked for: it is copied as it is. */
export interface UnclaimedSection extends Section {
  readonly keyGroup: number;
}

interface NamedState {
  readonly name: string;
  readonly frozen: FrozenState;
}

export class HeapSnapshot implements KeyedSnapshot {
  #states: readonly NamedState[];
  readonly #unclaimed: readonly UnclaimedSection[];
  readonly #work: Iterator<number | KeyGroupBlock>;

  constructor(
    states: readonly NamedState[],
    unclaimed: readonly UnclaimedSection[],
    keyGroups: KeyGroupRange,
  ) {
    this.#states = states;
    this.#unclaimed = unclaimed;
    this.#work = this.#write(keyGroups);
  }

  next(budgetBytes: number): readonly KeyGroupBlock[] | undefined {
    const blocks: KeyGroupBlock[] = [];
    for (let bytes = 0; bytes < budgetBytes; ) {
      const step = this.#work.next();
      if (step.done === true) {
        this.release();
        return blocks.length > 0 ? blocks : undefined;
      }
      if (typeof step.value === 'number') bytes += step.value;
      else blocks.push(step.value);
    }
    return blocks;
  }

  release(): void {
    const states = this.#states;
    this.#states = [];
    for (const { frozen } of states) frozen.release();
  }

  /** Blocks as they are finished, and what was done for them in bytes. */
  *#write({ start, end }: KeyGroupRange): IterableIterator<number | KeyGroupBlock> {
    for (const state of this.#states) yield* naming(state, state.frozen.prepare());
    const unclaimed = Map.groupBy(this.#unclaimed, ({ keyGroup }) => keyGroup);
    for (let keyGroup = start; keyGroup <= end; keyGroup++) {
      const block = new BlockWriter(keyGroup);
      for (const state of this.#states)
        yield* naming(state, state.frozen.writeGroup(keyGroup, block));
      for (const section of unclaimed.get(keyGroup) ?? []) {
        block.copy(section);
        yield section.payload.length;
      }
      if (!block.isEmpty) yield block.toBlock();
    }
  }
}

/** The state at work is in the message of what goes wrong. */
function* naming({ name }: NamedState, work: Iterable<number>): Iterable<number> {
  try {
    yield* work;
  } catch (cause) {
    if (cause instanceof AssertionError) throw cause;
    throw new SluiceError(
      'state-not-storable',
      `a value of state ${JSON.stringify(name)} cannot be stored`,
      { cause },
    );
  }
}
