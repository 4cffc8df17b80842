// State for a window over all elements. It has one key and runs in one subtask, so it needs no key groups
// of the job: a state backend of its own, whose snapshot is operator state.

import { assert } from '../../core/assert.ts';
import { options } from '../../core/options.ts';
import { HeapStateBackend } from '../../state/heap-keyed-state.ts';
import { type KeyGroupBlock, wholeSnapshot } from '../../state/keyed-snapshot.ts';
import type { OperatorList } from '../../state/operator-state.ts';
import type { OperatorContext } from '../stream-operator.ts';

const THE_KEY = 0;

export class UnkeyedState {
  readonly backend: HeapStateBackend;
  readonly #blocks: OperatorList<KeyGroupBlock>;

  constructor(context: OperatorContext) {
    const { parallelism } = context.subtask;
    assert(
      parallelism === 1,
      `a window over all elements runs with parallelism 1, not ${parallelism}`,
    );
    this.backend = new HeapStateBackend({
      maxParallelism: 1,
      keyGroups: { start: 0, end: 0 },
      clock: { now: () => context.processingTime() },
      objectReuse: context.configuration.get(options.objectReuse),
    });
    this.#blocks = context.operatorState.list('window-all', 'split');
    this.backend.restore(this.#blocks.get());
    this.backend.setCurrentKey(THE_KEY);
  }

  snapshot(): void {
    this.#blocks.update(wholeSnapshot(this.backend.snapshot()));
  }
}
