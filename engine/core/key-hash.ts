// Keys: what may be one, when two are the same, and their hash. A key is a type tag and a value: 1, 1n,
// '1' and true are four keys; all NaN are one, and -0 is 0; a Date is its time; strings are hashed by
// UTF-16 code units, so that lone surrogates stay apart; a tuple is its elements. The hash is murmur3
// (x86, 32 bit, seed 0) over the tagged 32-bit words written below: a stable format of the savepoint.

export type KeyElement = string | number | bigint | boolean | Date;
export type Key = KeyElement | readonly KeyElement[];

const TAG_NUMBER = 1;
const TAG_STRING = 2;
const TAG_BIGINT = 3;
const TAG_BOOLEAN = 4;
const TAG_DATE = 5;
const TAG_TUPLE = 6;
const NUMBER_WORDS = 3;

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

/** Why a value cannot be a key, or undefined when it can. */
export function keyProblem(key: unknown): string | undefined {
  return Array.isArray(key) ? tupleProblem(key) : elementProblem(key);
}

function tupleProblem(tuple: readonly unknown[]): string | undefined {
  if (tuple.length === 0) return 'an empty tuple';
  for (let i = 0; i < tuple.length; i++) {
    const element = tuple[i];
    const problem = Array.isArray(element) ? 'a tuple inside a tuple' : elementProblem(element);
    if (problem !== undefined) return `${problem} (element ${i})`;
  }
  return undefined;
}

function elementProblem(element: unknown): string | undefined {
  if (typeof element === 'number' || typeof element === 'string') return undefined;
  if (element === null) return 'null';
  if (element instanceof Date)
    return Number.isNaN(element.getTime()) ? 'an invalid Date' : undefined;
  if (typeof element === 'object')
    return `an object (${element.constructor?.name ?? 'null prototype'})`;
  return KEY_TYPES.has(typeof element) ? undefined : typeof element;
}

const KEY_TYPES: ReadonlySet<string> = new Set(['string', 'number', 'bigint', 'boolean']);

/** An unsigned 32-bit hash. The key is one that `keyProblem` lets pass; others throw a TypeError. */
export function hashKey(key: unknown): number {
  // By themselves: among keys of all kinds a number would take four times as long.
  if (typeof key === 'number') return finish(mixDouble(NUMBER, key), 3);
  if (typeof key === 'string') return finish(mixText(0, key), textWords(key));
  return finish(mixKey(0, key), wordCount(key));
}

function mixKey(hash: number, key: unknown): number {
  switch (typeof key) {
    case 'number':
      return mixElement(hash, key);
    case 'string':
      return mixText(hash, key);
    case 'boolean':
      return mix(mix(hash, TAG_BOOLEAN), key ? 1 : 0);
    case 'bigint':
      return mixString(mix(hash, TAG_BIGINT), key.toString(16));
    default:
      if (Array.isArray(key)) {
        let h = mix(hash, TAG_TUPLE | (key.length << 3));
        for (let i = 0; i < key.length; i++) h = mixElement(h, key[i]);
        return h;
      }
      if (key instanceof Date) return mixDouble(mix(hash, TAG_DATE), key.getTime());
      throw new TypeError(`not a key: ${keyProblem(key) ?? typeof key}`);
  }
}

/** Most elements are numbers: they need no call that calls itself, which is never inlined. */
const mixElement = (hash: number, element: unknown): number =>
  typeof element === 'number' ? mixDouble(mix(hash, TAG_NUMBER), element) : mixKey(hash, element);

function mixDouble(hash: number, value: number): number {
  // All NaN have one bit pattern here, and -0 + 0 is 0.
  float[0] = Number.isNaN(value) ? Number.NaN : value + 0;
  return mix(mix(hash, words[0] as number), words[1] as number);
}

const mixText = (hash: number, text: string): number =>
  mixString(mix(hash, TAG_STRING | (text.length << 3)), text);

/** `mix` is written out: where V8 has inlined as much as it will, the call would double the time. */
function mixString(hash: number, text: string): number {
  let h = hash;
  const even = text.length & ~1;
  for (let i = 0; i < even; i += 2) {
    let k = Math.imul(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16), 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    h ^= k;
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  return even === text.length ? h : mix(h, text.charCodeAt(even));
}

const textWords = (text: string): number => 1 + ((text.length + 1) >> 1);

function wordCount(key: unknown): number {
  switch (typeof key) {
    case 'number':
      return NUMBER_WORDS;
    case 'string':
      return textWords(key);
    case 'boolean':
      return 2;
    case 'bigint':
      return 1 + ((key.toString(16).length + 1) >> 1);
    default: {
      if (!Array.isArray(key)) return 3;
      let count = 1;
      for (let i = 0; i < key.length; i++)
        count += typeof key[i] === 'number' ? NUMBER_WORDS : wordCount(key[i]);
      return count;
    }
  }
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  k = Math.imul(k, 0x1b873593);
  let h = hash ^ k;
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

function finish(hash: number, count: number): number {
  let h = hash ^ (count * 4);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const NUMBER = mix(0, TAG_NUMBER);
