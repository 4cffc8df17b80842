// What type the values of a state have, for a program that goes on from another one's savepoint and keeps others
// under the same name. A default or an empty accumulator tells it. Where there is none, what is stored says what it
// was, and the first values that are written say what it is: of one type before and of another now, they are refused.

import { SluiceError } from '../../core/errors.ts';
import type { StateKind } from '../keyed-snapshot.ts';
import type { Copier } from '../value-copier.ts';

/** Entries, and in each of them elements, that are looked at. */
const SAMPLE = 16;

/** Undefined for what says nothing of the values that come in its place. */
export function typeOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') return typeof value;
  const name = Object.prototype.toString.call(value).slice('[object '.length, -1);
  return name === 'Object' ? 'object' : name;
}

/** The type of the first values of a state, of the elements of lists and maps; undefined when they have several. */
export function typeOfStored(
  entries: Iterable<readonly [key: unknown, stored: unknown]>,
  kind: StateKind,
  isTimed: boolean,
): string | undefined {
  const types = new Set<string>();
  for (const [, stored] of first(entries)) {
    for (const element of elementsOf(stored, kind)) {
      const type = typeOf(isTimed ? valueIn(element) : element);
      if (type !== undefined) types.add(type);
    }
  }
  const [type, ...others] = types;
  return others.length === 0 ? type : undefined;
}

function elementsOf(stored: unknown, kind: StateKind): Iterable<unknown> {
  if (kind === 'list') return first(stored as readonly unknown[]);
  return kind === 'map' ? first((stored as ReadonlyMap<unknown, unknown>).values()) : [stored];
}

function* first<T>(all: Iterable<T>): Iterable<T> {
  let left = SAMPLE;
  for (const one of all) {
    if (left-- === 0) return;
    yield one;
  }
}

/** Of a value with the time of its last write. */
const valueIn = (stored: unknown): unknown => (stored as { readonly value: unknown }).value;

/** What a state was written with, and that the first values are to be held against. */
export class ExpectedType {
  readonly #name: string;
  readonly #type: string;
  #left = SAMPLE;

  constructor(name: string, type: string) {
    this.#name = name;
    this.#type = type;
  }

  /** @throws SluiceError when it is of another type. */
  check(value: unknown): void {
    if (this.#left === 0) return;
    const type = typeOf(value);
    if (type === undefined) return;
    this.#left--;
    if (type !== this.#type) throw otherType(this.#name, this.#type, type);
  }

  copier(inner: Copier, isTimed: boolean): Copier {
    return {
      copy: (value) => {
        this.check(isTimed ? valueIn(value) : value);
        return inner.copy(value);
      },
    };
  }
}

export function otherType(name: string, stored: string, now: string): SluiceError {
  return new SluiceError(
    'state-mismatch',
    `state ${JSON.stringify(name)} was written with values of type ${stored} and has values of type ${now} now: give the new one another name, or start without the old state; if it is to hold both, set sluice.state.check-types to false`,
  );
}
