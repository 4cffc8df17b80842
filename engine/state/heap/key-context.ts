// The current key of a state backend, shared by its handles and timer queues.

import { keyOfMapKey, type MapKey, mapKeyOf } from '../map-key.ts';

export class KeyContext {
  /** The key that state is looked up by. */
  mapKey: MapKey | undefined;
  /** Another whenever the key is set. */
  turn = 0;
  #key: unknown;
  /** Called when nobody works with the state of the last key any more. */
  beforeKey: (() => void) | undefined;

  /** Throws for a key that is not such as state was written for. */
  checkKey: ((key: unknown) => void) | undefined;

  setKey(key: unknown): void {
    this.beforeKey?.();
    this.checkKey?.(key);
    this.turn++;
    this.#key = key;
    this.mapKey = mapKeyOf(key);
  }

  setMapKey(mapKey: MapKey): void {
    this.beforeKey?.();
    this.turn++;
    this.#key = undefined;
    this.mapKey = mapKey;
  }

  key(): unknown {
    // After a timer the key is made from the map key, when somebody asks.
    if (this.#key === undefined && this.mapKey !== undefined) this.#key = keyOfMapKey(this.mapKey);
    return this.#key;
  }
}
