// Where the entries of one state stand in an LmdbStore: sorted by key group first, so that a snapshot reads each
// group in one go, then by namespace, so that a window which fires reads its own.
//
//   key    u16 key group, u16 number of the state, 0, namespace (namespaced states), key
//          or, where that is too long: u16, u16, 1, SHA-256 of namespace and key
//   value  the stored value; of a long key: namespace, key, the stored value

import { createHash } from 'node:crypto';
import { ByteWriter } from '../../core/byte-buffer.ts';
import { ValueWriter } from '../../core/value-writer.ts';
import type { TimerNamespace } from '../heap/heap-timer-queue.ts';
import type { StateKind } from '../keyed-snapshot.ts';
import { keyOfMapKey, type MapKey } from '../map-key.ts';
import { KEY_BYTES_MAX } from './lmdb-store.ts';

const TAG_AT = 4;
/** Before namespace and key. */
export const PREFIX_BYTES = TAG_AT + 1;
const INLINE = 0;
const HASHED = 1;

/** From the first to before the second. */
export type IdRange = readonly [from: Uint8Array, to: Uint8Array];

export class EntryIds {
  readonly #state: number;
  readonly #hasNamespaces: boolean;
  readonly #keyGroupOf: (key: MapKey) => number;
  readonly #id = new ValueWriter();

  /** `state`: its number, unique in the store. */
  constructor(state: number, kind: StateKind, keyGroupOf: (key: MapKey) => number) {
    this.#state = state;
    this.#hasNamespaces = kind === 'namespaced';
    this.#keyGroupOf = keyGroupOf;
  }

  /** Valid until the next call. */
  of(namespace: TimerNamespace, key: MapKey): Uint8Array {
    const { out } = this.#id;
    out.truncate();
    out.bytes(prefixOf(this.#keyGroupOf(key), this.#state, INLINE));
    this.write(this.#id, namespace, key);
    const id = out.view();
    if (id.length <= KEY_BYTES_MAX) return id;
    const short = new ByteWriter(64);
    short.bytes(id.subarray(0, TAG_AT));
    short.byte(HASHED);
    short.bytes(createHash('sha256').update(id.subarray(PREFIX_BYTES)).digest());
    return short.view();
  }

  /** Equal keys give equal bytes: that of a map key, which is one for all that are equal. */
  write(values: ValueWriter, namespace: TimerNamespace, key: MapKey): void {
    if (this.#hasNamespaces) values.write(namespace);
    values.write(keyOfMapKey(typeof key === 'number' ? canonical(key) : key));
  }

  /** Of all entries of a key group. */
  group(keyGroup: number): IdRange {
    return [prefixOf(keyGroup, this.#state, INLINE), prefixOf(keyGroup, this.#state + 1, INLINE)];
  }

  /** Of those whose keys are too long, of any namespace. */
  hashed(keyGroup: number): IdRange {
    return [prefixOf(keyGroup, this.#state, HASHED), prefixOf(keyGroup, this.#state + 1, INLINE)];
  }

  /** Of the others of a namespace. */
  namespace(keyGroup: number, namespace: TimerNamespace): IdRange {
    const { out } = this.#id;
    out.truncate();
    out.bytes(prefixOf(keyGroup, this.#state, INLINE));
    this.#id.write(namespace);
    const from = Uint8Array.from(out.view());
    return [from, behind(from)];
  }

  /** Of the others from that id on. */
  from(keyGroup: number, id: Uint8Array): IdRange {
    return [id, prefixOf(keyGroup, this.#state, HASHED)];
  }
}

export const isHashed = (id: Uint8Array): boolean => id[TAG_AT] === HASHED;

/** One zero, and one NaN, whatever its bits. */
const canonical = (key: number): number => (Number.isNaN(key) ? Number.NaN : key + 0);

function prefixOf(keyGroup: number, state: number, tag: number): Uint8Array {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt16BE(keyGroup);
  prefix.writeUInt16BE(state, 2);
  prefix[TAG_AT] = tag;
  return prefix;
}

/** The least that does not begin with these bytes and is behind all that do: the first is never the highest. */
function behind(prefix: Uint8Array): Uint8Array {
  let last = prefix.length - 1;
  while (prefix[last] === 0xff) last--;
  const end = prefix.slice(0, last + 1);
  end[last] = (end[last] as number) + 1;
  return end;
}
