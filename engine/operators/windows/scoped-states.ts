// State of a key and a window (or another namespace): what triggers and window functions keep. Handles in
// the shape of keyed state, over a namespaced state; the scope says which namespace is meant now.

import { unreachable } from '../../core/assert.ts';
import type { AggregatingDescriptor, AnyDescriptor, StateAccess } from '../../state/descriptors.ts';
import type {
  AggregatingState,
  KeyedStateBackend,
  ListState,
  MapState,
  NamespacedState,
  ReducingState,
  ValueState,
} from '../../state/keyed-state.ts';
import { keyOfMapKey, type MapKey, mapKeyOf, ownedKey } from '../../state/map-key.ts';
import type { Copier } from '../../state/value-copier.ts';

export type Namespace = string | number;

/** Set by the operator before user code runs. */
export interface Scope {
  namespace: Namespace;
}

export class ScopedStates {
  readonly #backend: KeyedStateBackend;
  readonly #prefix: string;
  readonly #scope: Scope;
  readonly #copier: Copier;
  readonly #handles = new Map<string, { readonly kind: string; readonly handle: unknown }>();

  /** `prefix` keeps these states apart from others of the operator. */
  constructor(backend: KeyedStateBackend, prefix: string, scope: Scope, copier: Copier) {
    this.#backend = backend;
    this.#prefix = prefix;
    this.#scope = scope;
    this.#copier = copier;
  }

  /** The overloads say which descriptor gives which handle; `#create` does it. */
  readonly state = ((descriptor: AnyDescriptor): unknown => {
    const known = this.#handles.get(descriptor.name);
    if (known !== undefined && known.kind === descriptor.kind) return known.handle;
    const handle = this.#create(descriptor);
    this.#handles.set(descriptor.name, { kind: descriptor.kind, handle });
    return handle;
  }) as StateAccess['state'];

  /** Merges what these namespaces hold into the scope's; they hold nothing afterwards. */
  merge(descriptor: AnyDescriptor, from: readonly Namespace[]): void {
    const stored = this.#namespaced(descriptor);
    const { namespace } = this.#scope;
    for (const other of from) {
      const b = stored.get(other);
      if (b === undefined || other === namespace) continue;
      stored.remove(other);
      const a = stored.get(namespace);
      stored.put(namespace, a === undefined ? b : mergeValues(descriptor, a, b));
    }
  }

  #namespaced(descriptor: AnyDescriptor): NamespacedState<Namespace, unknown> {
    return this.#backend.namespaced({
      name: `${this.#prefix}${descriptor.kind}.${descriptor.name}`,
    });
  }

  #create(descriptor: AnyDescriptor): unknown {
    if (descriptor.ttlMs !== undefined) {
      throw new TypeError(
        `state ${JSON.stringify(descriptor.name)} belongs to a window and lives as long as it: it can have no ttl`,
      );
    }
    const cell = new Cell(this.#namespaced(descriptor), this.#scope);
    const copier = this.#copier;
    switch (descriptor.kind) {
      case 'value':
        return valueState(cell, descriptor.defaultValue, copier);
      case 'list':
        return listState(cell, copier);
      case 'map':
        return mapState(cell, copier);
      case 'reducing':
        return reducingState(cell, descriptor.reduce, copier);
      case 'aggregating':
        return aggregatingState(cell, descriptor.aggregator, copier);
    }
  }
}

class Cell {
  readonly #state: NamespacedState<Namespace, unknown>;
  readonly #scope: Scope;

  constructor(state: NamespacedState<Namespace, unknown>, scope: Scope) {
    this.#state = state;
    this.#scope = scope;
  }

  get(): unknown {
    return this.#state.get(this.#scope.namespace);
  }

  set(value: unknown): void {
    if (value === undefined) this.clear();
    else this.#state.put(this.#scope.namespace, value);
  }

  clear(): void {
    this.#state.remove(this.#scope.namespace);
  }
}

function valueState(cell: Cell, defaultValue: unknown, copier: Copier): ValueState<unknown> {
  return {
    value: () => cell.get() ?? copier.copy(defaultValue),
    update: (value) => cell.set(copier.copy(value)),
    clear: () => cell.clear(),
  };
}

function listState(cell: Cell, copier: Copier): ListState<unknown> {
  const get = (): unknown[] => (cell.get() as unknown[] | undefined) ?? [];
  return {
    get,
    add(value) {
      const values = get();
      values.push(copier.copy(value));
      cell.set(values);
    },
    update: (values) => cell.set(values.length === 0 ? undefined : copier.copy(values)),
    clear: () => cell.clear(),
  };
}

function mapState(cell: Cell, copier: Copier): MapState<unknown, unknown> {
  const fields = (): Map<MapKey, unknown> =>
    (cell.get() as Map<MapKey, unknown> | undefined) ?? new Map();
  function put(key: unknown, value: unknown): void {
    const all = fields();
    cell.set(all.set(ownedKey(all, mapKeyOf(key)), copier.copy(value)));
  }
  function remove(key: unknown): void {
    const left = fields();
    left.delete(mapKeyOf(key));
    cell.set(left.size === 0 ? undefined : left);
  }
  function* keys(): IterableIterator<unknown> {
    for (const field of fields().keys()) yield keyOfMapKey(field);
  }
  function* entries(): IterableIterator<[unknown, unknown]> {
    for (const [field, value] of fields()) yield [keyOfMapKey(field), value];
  }
  return {
    get: (key) => fields().get(mapKeyOf(key)),
    has: (key) => fields().has(mapKeyOf(key)),
    values: () => fields().values(),
    isEmpty: () => cell.get() === undefined,
    clear: () => cell.clear(),
    put,
    remove,
    keys,
    entries,
  };
}

function reducingState(
  cell: Cell,
  reduce: (a: unknown, b: unknown) => unknown,
  copier: Copier,
): ReducingState<unknown> {
  return {
    get: () => cell.get(),
    add(value) {
      const current = cell.get();
      cell.set(copier.copy(current === undefined ? value : reduce(current, value)));
    },
    clear: () => cell.clear(),
  };
}

function aggregatingState(
  cell: Cell,
  aggregator: AggregatingDescriptor<unknown, unknown>['aggregator'],
  copier: Copier,
): AggregatingState<unknown, unknown> {
  return {
    get() {
      const accumulator = cell.get();
      return accumulator === undefined ? undefined : aggregator.result(accumulator);
    },
    add: (value) => cell.set(aggregator.add(cell.get() ?? aggregator.create(), copier.copy(value))),
    clear: () => cell.clear(),
  };
}

function mergeValues(descriptor: AnyDescriptor, a: unknown, b: unknown): unknown {
  switch (descriptor.kind) {
    case 'list':
      return [...(a as readonly unknown[]), ...(b as readonly unknown[])];
    case 'reducing':
      return descriptor.reduce(a, b);
    case 'aggregating':
      if (descriptor.aggregator.merge !== undefined) return descriptor.aggregator.merge(a, b);
      throw cannotMerge(descriptor);
    case 'value':
    case 'map':
      throw cannotMerge(descriptor);
    default:
      return unreachable(descriptor);
  }
}

const cannotMerge = ({ name, kind }: AnyDescriptor): TypeError =>
  new TypeError(
    `state ${JSON.stringify(name)} of kind ${kind} cannot be merged: use a list, a reducing or an aggregating state with merge`,
  );
