// The broadcast states of an operator: maps that every subtask holds whole. They are operator state, one
// list of pairs per map, written when a snapshot is taken; on rescale each new subtask gets a whole copy.

import type { MapDescriptor } from '../../state/descriptors.ts';
import { keyOfMapKey, type MapKey, mapKeyOf, ownedKey } from '../../state/map-key.ts';
import type { OperatorList } from '../../state/operator-state.ts';
import { ValueCopier } from '../../state/value-copier.ts';
import type { BroadcastState } from '../functions.ts';
import type { OperatorContext } from '../stream-operator.ts';

type Pair = readonly [unknown, unknown];

export class BroadcastStates {
  readonly #operatorName: string;
  readonly #states: ReadonlyMap<string, HeapBroadcastState>;

  constructor(context: OperatorContext, names: readonly string[]) {
    this.#operatorName = context.name;
    this.#states = new Map(
      names.map((name) => {
        const list = context.operatorState.list<Pair>(`broadcast.${name}`, 'broadcast');
        return [name, new HeapBroadcastState(list)];
      }),
    );
  }

  /** @throws TypeError for a state that the stream was not connected with. */
  state<K, V>(descriptor: MapDescriptor<K, V>): BroadcastState<K, V> {
    const state = this.#states.get(descriptor.name);
    if (state === undefined) {
      const known = [...this.#states.keys()].map((name) => JSON.stringify(name)).join(', ');
      throw new TypeError(
        `operator ${JSON.stringify(this.#operatorName)} has no broadcast state ${JSON.stringify(descriptor.name)}: its broadcast stream declares ${known || 'none'}`,
      );
    }
    return state as BroadcastState<unknown, unknown> as BroadcastState<K, V>;
  }

  snapshot(): void {
    for (const state of this.#states.values()) state.snapshot();
  }
}

class HeapBroadcastState implements BroadcastState<unknown, unknown> {
  readonly #list: OperatorList<Pair>;
  readonly #copier = new ValueCopier();
  readonly #entries = new Map<MapKey, unknown>();

  constructor(list: OperatorList<Pair>) {
    this.#list = list;
    for (const [key, value] of list.get()) this.#entries.set(mapKeyOf(key), value);
  }

  get(key: unknown): unknown {
    return this.#entries.get(mapKeyOf(key));
  }

  has(key: unknown): boolean {
    return this.#entries.has(mapKeyOf(key));
  }

  put(key: unknown, value: unknown): void {
    this.#entries.set(ownedKey(this.#entries, mapKeyOf(key)), this.#copier.copy(value));
  }

  remove(key: unknown): void {
    this.#entries.delete(mapKeyOf(key));
  }

  clear(): void {
    this.#entries.clear();
  }

  *entries(): IterableIterator<[unknown, unknown]> {
    for (const [key, value] of this.#entries) yield [keyOfMapKey(key), value];
  }

  snapshot(): void {
    this.#list.update([...this.entries()]);
  }
}
