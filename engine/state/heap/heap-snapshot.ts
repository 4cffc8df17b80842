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

/** A key group weighs as much as writing this many bytes, also without an entry. */
const GROUP_BYTES = 16;

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
  readonly #blocks = new BlockWriter();
  readonly #unclaimed: readonly UnclaimedSection[];
  readonly #work: Iterator<number>;

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
    this.#blocks.forget();
    for (let bytes = 0; bytes < budgetBytes; ) {
      const step = this.#work.next();
      if (step.done === true) {
        this.release();
        const last = this.#blocks.take();
        return last.length > 0 ? last : undefined;
      }
      bytes += step.value;
    }
    return this.#blocks.take();
  }

  release(): void {
    const states = this.#states;
    this.#states = [];
    for (const { frozen } of states) frozen.release();
  }

  /** Yields what was done for the blocks, in bytes. */
  *#write({ start, end }: KeyGroupRange): IterableIterator<number> {
    const block = this.#blocks;
    for (const state of this.#states) yield* naming(state, state.frozen.prepare());
    const unclaimed = Map.groupBy(this.#unclaimed, ({ keyGroup }) => keyGroup);
    for (let keyGroup = start; keyGroup <= end; keyGroup++) {
      block.begin(keyGroup);
      for (const state of this.#states)
        yield* naming(state, state.frozen.writeGroup(keyGroup, block));
      for (const section of unclaimed.get(keyGroup) ?? []) {
        block.copy(section);
        yield section.payload.length;
      }
      block.end();
      yield GROUP_BYTES;
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
