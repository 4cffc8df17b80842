// Operator state on the heap: lists by name. What was restored and not asked for stays as bytes and is part
// of every later snapshot.

import { SluiceError } from '../core/errors.ts';
import { decodeValue } from '../core/value-reader.ts';
import { encodeValue } from '../core/value-writer.ts';
import type { OperatorStateSnapshot, Redistribution, StoredList } from './operator-snapshot.ts';
import type { OperatorList, OperatorStateStore } from './operator-state.ts';

export class HeapOperatorState implements OperatorStateStore {
  readonly #lists = new Map<string, HeapOperatorList>();
  readonly #unclaimed = new Map<string, StoredList>();

  /** `restored`: this subtask's share, as `redistribute` gives it. */
  constructor(restored: OperatorStateSnapshot = []) {
    for (const list of restored) this.#unclaimed.set(list.name, list);
  }

  list<T>(name: string, redistribution: Redistribution): OperatorList<T> {
    const known = this.#lists.get(name) ?? this.#claim(name, redistribution);
    if (known.redistribution !== redistribution) {
      throw mismatch(name, known.redistribution, redistribution);
    }
    return known as OperatorList<unknown> as OperatorList<T>;
  }

  /** The values as they are now, encoded. */
  snapshot(): OperatorStateSnapshot {
    const lists = [...this.#lists].map(([name, list]) => ({
      name,
      redistribution: list.redistribution,
      items: list.get().map((item) => encode(name, item)),
    }));
    return [...lists, ...this.#unclaimed.values()];
  }

  #claim(name: string, redistribution: Redistribution): HeapOperatorList {
    const stored = this.#unclaimed.get(name);
    if (stored !== undefined && stored.redistribution !== redistribution) {
      throw mismatch(name, stored.redistribution, redistribution);
    }
    const list = new HeapOperatorList(redistribution, stored?.items.map(decodeValue) ?? []);
    this.#unclaimed.delete(name);
    this.#lists.set(name, list);
    return list;
  }
}

class HeapOperatorList implements OperatorList<unknown> {
  readonly redistribution: Redistribution;
  #values: readonly unknown[];

  constructor(redistribution: Redistribution, values: readonly unknown[]) {
    this.redistribution = redistribution;
    this.#values = values;
  }

  get(): readonly unknown[] {
    return this.#values;
  }

  update(values: readonly unknown[]): void {
    this.#values = [...values];
  }
}

function encode(name: string, item: unknown): Uint8Array {
  try {
    return encodeValue(item);
  } catch (cause) {
    throw new SluiceError(
      'state-not-storable',
      `a value of operator state ${JSON.stringify(name)} cannot be stored`,
      { cause },
    );
  }
}

function mismatch(name: string, stored: Redistribution, asked: Redistribution): SluiceError {
  return new SluiceError(
    'state-mismatch',
    `operator state ${JSON.stringify(name)} is redistributed by ${stored} and is asked for with ${asked}: give the new one another name, or start without the old state`,
  );
}
