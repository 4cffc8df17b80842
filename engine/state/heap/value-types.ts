// What type the values of a state have, for a program that goes on from another one's savepoint and keeps others
// under the same name. A default or an empty accumulator tells it, and that of its fields. Where there is none, what
// is stored says what it was, and the first values that are written say what it is: of one type before and of another
// now, they are refused. So are keys.

import { SluiceError } from '../../core/errors.ts';
import type { StateKind } from '../keyed-snapshot.ts';
import type { OwnDescriptor } from '../keyed-state.ts';
import { keyOfMapKey, type MapKey } from '../map-key.ts';
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
  const types = new Set<string | undefined>();
  for (const [, stored] of first(entries))
    for (const element of elementsOf(stored, kind))
      types.add(typeOf(isTimed ? valueIn(element) : element));
  return onlyIn(types);
}

/** The type of the first keys; undefined when they have several. */
export const typeOfKeys = (keys: Iterable<MapKey>): string | undefined =>
  onlyIn(new Set([...first(keys)].map((key) => typeOf(keyOfMapKey(key)))));

function onlyIn(types: Set<string | undefined>): string | undefined {
  types.delete(undefined);
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
  readonly #refusal: typeof otherType;
  #left = SAMPLE;

  constructor(name: string, type: string, refusal = otherType) {
    this.#name = name;
    this.#type = type;
    this.#refusal = refusal;
  }

  /** So many values were looked at that the others are of no interest. */
  get isMet(): boolean {
    return this.#left === 0;
  }

  /** @throws SluiceError when it is of another type. */
  check(value: unknown): void {
    if (this.#left === 0) return;
    const type = typeOf(value);
    if (type === undefined) return;
    this.#left--;
    if (type !== this.#type) throw this.#refusal(this.#name, this.#type, type);
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

/**
 * Makes a value of this program of one that another has left: an object gets the fields that it lacks from `example`,
 * such as values are here, whose undefined says nothing.
 * @throws SluiceError for another type than that, of a field too.
 */
export function adopting(name: string, example: () => unknown): (stored: unknown) => unknown {
  let known: readonly [unknown] | undefined;
  return (stored) => {
    known ??= [example()];
    return adopted(name, known[0], stored);
  };
}

export const ownDescriptor = (
  name: string,
  example: (() => unknown) | undefined,
): OwnDescriptor => ({ name, adopt: example && adopting(name, example) });

function adopted(name: string, example: unknown, stored: unknown): unknown {
  const [before, now] = [typeOf(stored), typeOf(example)];
  if (before === undefined || now === undefined) return stored;
  if (before !== now && !(isNumeric(before) && isNumeric(now))) throw otherType(name, before, now);
  if (now !== 'object') return stored;
  const fields = stored as Readonly<Record<string, unknown>>;
  const asHere = Object.entries(example as object).map(([field, one]: [string, unknown]) => {
    const value = Object.hasOwn(fields, field)
      ? adopted(`${name}.${field}`, one, fields[field])
      : structuredClone(one);
    return [field, value] as const;
  });
  const others = Object.entries(fields).filter(
    ([field]) => !Object.hasOwn(example as object, field),
  );
  return Object.fromEntries([...asHere, ...others]);
}

/** A sum's example is of one, and it may be of the other. */
const isNumeric = (type: string): boolean => type === 'number' || type === 'bigint';

export function otherType(name: string, stored: string, now: string): SluiceError {
  return new SluiceError(
    'state-mismatch',
    `state ${JSON.stringify(name)} was written with values of type ${stored} and has values of type ${now} now: give the new one another name, or its operator another uid, or start without the old state; if it is to hold both, set sluice.state.check-types to false`,
  );
}

export function otherKeys(name: string, stored: string, now: string): SluiceError {
  return new SluiceError(
    'state-mismatch',
    `state ${JSON.stringify(name)} was written for keys of type ${stored} and has keys of type ${now} now, of which it knows none: key the stream as before, give the operator another uid, or start without the old state; if there are to be keys of both, set sluice.state.check-types to false`,
  );
}
