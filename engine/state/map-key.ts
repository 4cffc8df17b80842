// Keys as V8's Map can find them. Numbers, strings, bigints and booleans are their own map keys: Map tells
// them apart by type and has one NaN and one zero, just as keys do. A pair of small whole numbers becomes one
// number, from where no other key comes near: 2^1023 and above; a number of a user's up there becomes a string.
// A Date or another tuple becomes a string that begins with NUL; a user's string that begins with NUL gets a
// mark of its own, so nothing collides. The encoding can be undone, so no map needs to hold the original
// beside it. Numbers are written into snapshots as they are (row cells): what they stand for cannot change.

import { assert } from '../core/assert.ts';
import { type Key, type KeyElement, keyProblem } from '../core/key-hash.ts';
import { ownString } from '../core/own-string.ts';

export type MapKey = string | number | bigint | boolean;

/** Below it numbers are themselves. */
export const PAIRS_FROM = 2 ** 1023;
/** Each half of a pair has so many values: 2^52 pairs, and so many numbers are there from 2^1023 on. */
const HALF = 2 ** 26;
/** Between two of them. */
const PAIR_STEP = 2 ** (1023 - 52);

/** @throws TypeError for what cannot be a key (decisions: core/key-hash.ts). */
export function mapKeyOf(key: unknown): MapKey {
  switch (typeof key) {
    case 'number':
      return key < PAIRS_FROM || !Number.isFinite(key) ? key : `\0n${key}`;
    case 'boolean':
    case 'bigint':
      return key;
    case 'string':
      return key.charCodeAt(0) === 0 ? `\0s${key}` : key;
    default:
      return encodeObject(key);
  }
}

function encodeObject(key: unknown): MapKey {
  if (Array.isArray(key) && key.length === 2) {
    const a: unknown = key[0];
    const b: unknown = key[1];
    // 10 ns against 200 for a text.
    if (isHalf(a) && isHalf(b)) return PAIRS_FROM + (a * HALF + b) * PAIR_STEP;
  }
  const problem = keyProblem(key);
  if (problem !== undefined) throw new TypeError(`${problem} cannot be a key`);
  if (key instanceof Date) return `\0d${key.getTime()}`;
  let text = '\0t';
  for (const element of key as readonly KeyElement[]) text += encodeElement(element);
  return text;
}

const isHalf = (element: unknown): element is number =>
  typeof element === 'number' && element >= 0 && element < HALF && Math.trunc(element) === element;

/** Each element with its type and its length in front: no two tuples give the same text. */
function encodeElement(element: KeyElement): string {
  if (element instanceof Date) return sized('d', String(element.getTime()));
  // `+ 0` makes -0 the 0 that it is.
  if (typeof element === 'number') return sized('n', String(element + 0));
  return sized(
    element === true ? 'T' : element === false ? 'F' : ELEMENT_TAGS[typeof element],
    element,
  );
}

const ELEMENT_TAGS: Readonly<Record<string, string>> = { string: 's', bigint: 'b' };

function sized(tag: string | undefined, element: string | bigint | boolean): string {
  const text = typeof element === 'boolean' ? '' : String(element);
  return `${tag}${text.length}:${text}`;
}

/** The key that a map key stands for: an equal one, not the same object. */
export function keyOfMapKey(mapKey: MapKey): Key {
  if (typeof mapKey === 'number' && mapKey >= PAIRS_FROM) return decodeNumber(mapKey);
  if (typeof mapKey !== 'string' || mapKey.charCodeAt(0) !== 0) return mapKey;
  switch (mapKey.charAt(1)) {
    case 's':
      return mapKey.slice(2);
    case 'n':
      return Number(mapKey.slice(2));
    case 'd':
      return new Date(Number(mapKey.slice(2)));
    default:
      return decodeTuple(mapKey);
  }
}

function decodeNumber(mapKey: number): Key {
  if (mapKey === Number.POSITIVE_INFINITY) return mapKey;
  const both = (mapKey - PAIRS_FROM) / PAIR_STEP;
  const first = Math.floor(both / HALF);
  return [first, both - first * HALF];
}

function decodeTuple(text: string): Key {
  const elements: KeyElement[] = [];
  for (let at = 2; at < text.length; ) {
    const colon = text.indexOf(':', at);
    const end = colon + 1 + Number(text.slice(at + 1, colon));
    elements.push(decodeElement(text.charAt(at), text.slice(colon + 1, end)));
    at = end;
  }
  return elements;
}

function decodeElement(tag: string, text: string): KeyElement {
  switch (tag) {
    case 's':
      return text;
    case 'n':
      return Number(text);
    case 'b':
      return BigInt(text);
    case 'd':
      return new Date(Number(text));
    default:
      assert(tag === 'T' || tag === 'F', `unknown element ${tag} in a tuple key`);
      return tag === 'T';
  }
}

/** The key to insert; one that is there already is not looked at again by Map. */
export function ownedKey(map: ReadonlyMap<MapKey, unknown>, key: MapKey): MapKey {
  return typeof key !== 'string' || map.has(key) ? key : ownString(key);
}
