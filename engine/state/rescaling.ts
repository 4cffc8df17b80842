// Who gets which state when a job is restored, with the same or another parallelism. Pure functions: from
// what the old subtasks wrote to what each new one reads. Keyed state moves by whole key groups; operator
// state is dealt out item by item, given whole to each, or copied.

import { SluiceError } from '../core/errors.ts';
import { keyGroupRange } from '../core/key-groups.ts';
import type { KeyGroupBlock } from './keyed-snapshot.ts';
import type { OperatorStateSnapshot, StoredList } from './operator-snapshot.ts';

/** The blocks of a new subtask, out of those of all old ones, in their order. */
export function keyGroupsOf(
  blocks: Iterable<KeyGroupBlock>,
  subtask: number,
  parallelism: number,
  maxParallelism: number,
): KeyGroupBlock[] {
  const { start, end } = keyGroupRange(subtask, parallelism, maxParallelism);
  return [...blocks].filter(({ keyGroup }) => keyGroup >= start && keyGroup <= end);
}

/**
 * The operator state of each new subtask. `old` holds one snapshot per old subtask, by its index; one that
 * had finished has none and gives an empty list.
 *
 * - `split`: the items of all old subtasks, in order, are dealt out in turn. With the same parallelism every
 *   subtask keeps its own.
 * - `union`: every subtask gets all items, in order.
 * - `broadcast`: every subtask gets the items of one old subtask, its own where it has some.
 */
export function redistribute(
  old: readonly OperatorStateSnapshot[],
  parallelism: number,
): OperatorStateSnapshot[] {
  const names = new Set(old.flatMap((snapshot) => snapshot.map((list) => list.name)));
  const dealt = [...names].map((name) => dealOut(name, old, parallelism));
  return Array.from({ length: parallelism }, (_, subtask) =>
    dealt.flatMap((lists) => lists[subtask] ?? []),
  );
}

/** The list of that name for each new subtask. */
function dealOut(
  name: string,
  old: readonly OperatorStateSnapshot[],
  parallelism: number,
): StoredList[] {
  const lists = old.map((snapshot) => snapshot.find((list) => list.name === name));
  const redistribution = onlyRedistribution(name, lists);
  const itemsOf = (list: StoredList | undefined): readonly Uint8Array[] => list?.items ?? [];
  const all = lists.flatMap(itemsOf);
  const give = (items: (subtask: number) => readonly Uint8Array[]): StoredList[] =>
    Array.from({ length: parallelism }, (_, subtask) => ({
      name,
      redistribution,
      items: items(subtask),
    }));
  switch (redistribution) {
    case 'union':
      return give(() => all);
    case 'broadcast': {
      const filled = lists.filter((list) => itemsOf(list).length > 0);
      return give((subtask) => {
        const own = itemsOf(lists[subtask]);
        return own.length > 0 ? own : itemsOf(filled[subtask % Math.max(filled.length, 1)]);
      });
    }
    case 'split':
      return old.length === parallelism
        ? give((subtask) => itemsOf(lists[subtask]))
        : give((subtask) => all.filter((_, i) => i % parallelism === subtask));
  }
}

function onlyRedistribution(
  name: string,
  lists: readonly (StoredList | undefined)[],
): StoredList['redistribution'] {
  const kinds = [...new Set(lists.flatMap((list) => (list ? [list.redistribution] : [])))];
  const [kind, other] = kinds;
  if (kind === undefined || other !== undefined) {
    throw new SluiceError(
      'state-mismatch',
      `operator state ${JSON.stringify(name)} was written as ${kinds.join(' and ')}: its subtasks disagree`,
    );
  }
  return kind;
}
