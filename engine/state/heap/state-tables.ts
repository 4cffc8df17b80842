// The data of one state, over all keys of a subtask: one Map, never one per key group (up to 70 % slower
// at a million keys). At a snapshot each entry is written to the block of its key group; at a restore they
// are read back. Handles (heap-states.ts) work on the Maps themselves.

import type { Clock } from '../../core/clock.ts';
import type { ValueReader } from '../../core/value-reader.ts';
import type { ValueWriter } from '../../core/value-writer.ts';
import type { SectionHead, StateKind } from '../keyed-snapshot.ts';
import { keyOfMapKey, type MapKey, mapKeyOf } from '../map-key.ts';
import type { HeapTimerQueue, StoredTimer, TimerNamespace } from './heap-timer-queue.ts';

/** Where an entry with this key is to be written. */
export type EntryWriter = (mapKey: MapKey) => ValueWriter;

/** What a snapshot asks of a table. */
export interface StateTable extends SectionHead {
  write(entryOf: EntryWriter): void;
  /** Reads `count` entries that were written with or without times. */
  read(count: number, timed: boolean, values: ValueReader): void;
  mapKeys(): Iterable<MapKey>;
}

/** A value with the time of its last write: what states with a time to live store. */
export interface Timed<T> {
  readonly value: T;
  readonly at: number;
}

export class TimeToLive {
  readonly #ttlMs: number;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(ttlMs: number, clock: Pick<Clock, 'now'>) {
    this.#ttlMs = ttlMs;
    this.#clock = clock;
  }

  stamp<T>(value: T): Timed<T> {
    return { value, at: this.#clock.now() };
  }

  isAlive(stored: Timed<unknown>): boolean {
    return stored.at + this.#ttlMs > this.#clock.now();
  }
}

type KeyedKind = Exclude<StateKind, 'namespaced' | 'timers'>;

/** Value, reducing and aggregating states store the value, lists an array, maps a Map by map key. */
export class KeyedTable implements StateTable {
  readonly name: string;
  readonly kind: KeyedKind;
  readonly entries = new Map<MapKey, unknown>();
  readonly ttl: TimeToLive | undefined;

  constructor(name: string, kind: KeyedKind, ttl: TimeToLive | undefined) {
    this.name = name;
    this.kind = kind;
    this.ttl = ttl;
  }

  get timed(): boolean {
    return this.ttl !== undefined;
  }

  mapKeys(): Iterable<MapKey> {
    return this.entries.keys();
  }

  write(entryOf: EntryWriter): void {
    for (const [mapKey, stored] of this.entries) {
      const alive = this.ttl === undefined ? stored : this.#alive(stored, this.ttl);
      if (alive !== undefined) this.#write(mapKey, alive, entryOf(mapKey));
    }
  }

  /** What is left of an entry now; undefined: nothing. */
  #alive(stored: unknown, ttl: TimeToLive): unknown {
    if (stored instanceof Map) {
      const alive = [...(stored as Map<MapKey, Timed<unknown>>)].filter(([, v]) => ttl.isAlive(v));
      return alive.length > 0 ? new Map(alive) : undefined;
    }
    if (this.kind === 'list') {
      const alive = (stored as readonly Timed<unknown>[]).filter((v) => ttl.isAlive(v));
      return alive.length > 0 ? alive : undefined;
    }
    return ttl.isAlive(stored as Timed<unknown>) ? stored : undefined;
  }

  #write(mapKey: MapKey, stored: unknown, values: ValueWriter): void {
    values.write(keyOfMapKey(mapKey));
    if (this.kind !== 'map') return values.write(stored);
    const fields = stored as ReadonlyMap<MapKey, unknown>;
    values.out.varint(fields.size);
    for (const [field, value] of fields) {
      values.write(keyOfMapKey(field));
      values.write(value);
    }
  }

  read(count: number, timed: boolean, values: ValueReader): void {
    for (let i = 0; i < count; i++) {
      const mapKey = mapKeyOf(values.read());
      this.entries.set(mapKey, this.#readStored(timed, values));
    }
  }

  #readStored(timed: boolean, values: ValueReader): unknown {
    switch (this.kind) {
      case 'map': {
        const fields = new Map<MapKey, unknown>();
        for (let n = values.in.varint(); n > 0; n--) {
          const field = mapKeyOf(values.read());
          fields.set(field, this.#convert(values.read(), timed));
        }
        return fields;
      }
      case 'list':
        return (values.read() as unknown[]).map((item) => this.#convert(item, timed));
      case 'value':
      case 'reducing':
      case 'aggregating':
        return this.#convert(values.read(), timed);
    }
  }

  /** A time to live may be added, changed and taken away: what had none counts as written now. */
  #convert(stored: unknown, timed: boolean): unknown {
    if (timed) return this.timed ? stored : (stored as Timed<unknown>).value;
    return this.ttl === undefined ? stored : this.ttl.stamp(stored);
  }
}

/** A Map per namespace: those of windows are few, and go as a whole. */
export class NamespacedTable implements StateTable {
  readonly name: string;
  readonly kind = 'namespaced';
  readonly timed = false;
  readonly namespaces = new Map<TimerNamespace, Map<MapKey, unknown>>();

  constructor(name: string) {
    this.name = name;
  }

  *mapKeys(): Iterable<MapKey> {
    for (const entries of this.namespaces.values()) yield* entries.keys();
  }

  write(entryOf: EntryWriter): void {
    for (const [namespace, entries] of this.namespaces) {
      for (const [mapKey, stored] of entries) {
        const values = entryOf(mapKey);
        values.write(namespace);
        values.write(keyOfMapKey(mapKey));
        values.write(stored);
      }
    }
  }

  read(count: number, _timed: boolean, values: ValueReader): void {
    for (let i = 0; i < count; i++) {
      const namespace = values.read() as TimerNamespace;
      const mapKey = mapKeyOf(values.read());
      this.entriesOf(namespace).set(mapKey, values.read());
    }
  }

  /** Made when there is none. */
  entriesOf(namespace: TimerNamespace): Map<MapKey, unknown> {
    let entries = this.namespaces.get(namespace);
    if (entries === undefined) {
      entries = new Map();
      this.namespaces.set(namespace, entries);
    }
    return entries;
  }
}

export class TimerTable implements StateTable {
  readonly name: string;
  readonly kind = 'timers';
  readonly timed = false;
  readonly queue: HeapTimerQueue;
  #restored: StoredTimer[] = [];

  constructor(name: string, queue: HeapTimerQueue) {
    this.name = name;
    this.queue = queue;
  }

  *mapKeys(): Iterable<MapKey> {
    for (const timer of this.queue.stored()) yield timer.mapKey;
  }

  write(entryOf: EntryWriter): void {
    for (const { namespace, mapKey, timeMs, position } of this.queue.stored()) {
      const values = entryOf(mapKey);
      values.write(namespace);
      values.write(keyOfMapKey(mapKey));
      values.out.f64(timeMs);
      values.out.varint(position);
    }
  }

  read(count: number, _timed: boolean, values: ValueReader): void {
    for (let i = 0; i < count; i++) {
      const namespace = values.read() as TimerNamespace;
      const mapKey = mapKeyOf(values.read());
      const timeMs = values.in.f64();
      this.#restored.push({ namespace, mapKey, timeMs, position: values.in.varint() });
    }
  }

  /** All key groups are read: only now is the order of timers of one time known. */
  finishRestore(): void {
    this.queue.restore(this.#restored);
    this.#restored = [];
  }
}
