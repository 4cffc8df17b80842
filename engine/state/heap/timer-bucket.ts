// The timers of one time, in the order in which they were registered: a list of their keys, since most times
// have few. Whether a key is among them is looked up by going through the list, and with more than that is
// good for through a Map of positions, which is made when somebody asks.

import { ownString } from '../../core/own-string.ts';
import type { MapKey } from '../map-key.ts';
import type { TimerNamespace } from './heap-timer-queue.ts';

export interface KeyAndNamespace {
  readonly mapKey: MapKey;
  readonly namespace: TimerNamespace;
}

/** Keys up to which going through them is quicker than a Map. */
const SCANNED_MAX = 8;

export class TimerBucket {
  readonly timeMs: number;
  /** Timers left. */
  size = 0;
  /** When it was made: snapshots begun later hold it. */
  readonly epoch: number;
  /** When timers of it came or went last, by its queue's word. */
  changedAt: number;
  /** Undefined: removed. Those in front of `#next` have fired. */
  readonly #keys: (MapKey | undefined)[];
  /** Of each key; undefined while all have `#namespace`. */
  #namespaces: TimerNamespace[] | undefined;
  #namespace: TimerNamespace;
  #next = 0;
  /** Positions by what tells timers apart, of the first `#indexed` keys, those that are gone included. */
  #positions: Map<MapKey, number> | undefined;
  #indexed = 0;

  /** With its first timer. */
  constructor(timeMs: number, namespace: TimerNamespace, mapKey: MapKey, epoch: number) {
    this.timeMs = timeMs;
    this.epoch = epoch;
    this.changedAt = epoch;
    this.#namespace = namespace;
    this.#keys = [ownedKey(mapKey)];
    this.size = 1;
  }

  has(namespace: TimerNamespace, mapKey: MapKey): boolean {
    return this.#find(namespace, mapKey) >= 0;
  }

  /** One that it does not have. */
  add(namespace: TimerNamespace, mapKey: MapKey): void {
    if (namespace !== this.#namespace || this.#namespaces !== undefined)
      this.#addNamespace(namespace);
    this.#keys.push(ownedKey(mapKey));
    this.size++;
  }

  /** False when it was not there. */
  remove(namespace: TimerNamespace, mapKey: MapKey): boolean {
    const at = this.#find(namespace, mapKey);
    if (at < 0) return false;
    this.#keys[at] = undefined;
    this.size--;
    return true;
  }

  /** Takes the first away; there is one. What it was stands in `target`. */
  takeFirst(target: { mapKey: MapKey; namespace: TimerNamespace }): void {
    let mapKey: MapKey | undefined;
    do {
      mapKey = this.#keys[this.#next++];
    } while (mapKey === undefined);
    target.mapKey = mapKey;
    target.namespace = this.#namespaceAt(this.#next - 1);
    this.size--;
  }

  /** In their order, as they are now. */
  timers(): KeyAndNamespace[] {
    const timers: KeyAndNamespace[] = [];
    for (let at = this.#next; at < this.#keys.length; at++) {
      const mapKey = this.#keys[at];
      if (mapKey !== undefined) timers.push({ mapKey, namespace: this.#namespaceAt(at) });
    }
    return timers;
  }

  #find(namespace: TimerNamespace, mapKey: MapKey): number {
    if (this.#keys.length - this.#next > SCANNED_MAX) {
      const at = this.#index().get(this.#idOf(namespace, mapKey)) ?? -1;
      return at < this.#next || this.#keys[at] === undefined ? -1 : at;
    }
    for (let at = this.#next; at < this.#keys.length; at++)
      if (isSame(this.#keys[at], mapKey) && this.#namespaceAt(at) === namespace) return at;
    return -1;
  }

  #index(): Map<MapKey, number> {
    this.#positions ??= new Map();
    for (let at = Math.max(this.#indexed, this.#next); at < this.#keys.length; at++) {
      const mapKey = this.#keys[at];
      if (mapKey !== undefined) this.#positions.set(this.#idOf(this.#namespaceAt(at), mapKey), at);
    }
    this.#indexed = this.#keys.length;
    return this.#positions;
  }

  #namespaceAt(at: number): TimerNamespace {
    return this.#namespaces === undefined
      ? this.#namespace
      : (this.#namespaces[at] as TimerNamespace);
  }

  #addNamespace(namespace: TimerNamespace): void {
    this.#namespaces ??= new Array<TimerNamespace>(this.#keys.length).fill(this.#namespace);
    this.#namespaces.push(namespace);
  }

  /** The key itself in the namespace of the first timer, else a text that no map key is like. */
  #idOf(namespace: TimerNamespace, mapKey: MapKey): MapKey {
    if (namespace === this.#namespace) return mapKey;
    const text = String(namespace);
    return `\0\0${typeof namespace}${text.length}:${text}${typeof mapKey}${String(mapKey)}`;
  }
}

/** As a Map sees it: NaN is itself. */
const isSame = (a: MapKey | undefined, b: MapKey): boolean =>
  a === b || (typeof b === 'number' && Object.is(a, b));

/** Strings are copied: slices would keep whole frames alive. -0 is 0. */
function ownedKey(mapKey: MapKey): MapKey {
  if (typeof mapKey === 'string') return ownString(mapKey);
  return typeof mapKey === 'number' ? mapKey + 0 : mapKey;
}
