// Which values can be neither stored nor sent without being altered (a function, a symbol, an instance of
// somebody's class), and where in a record they stand.

import { BOXES, errorName, TYPED_ARRAYS } from './value-format.ts';

export class UnsupportedValue extends TypeError {
  override readonly name = 'UnsupportedValue';
  /** Where in the value, as one would write it: `.items[3].price`; empty for the value itself. */
  readonly path: string;
  readonly what: string;

  constructor(path: string, what: string) {
    super(
      path === ''
        ? `${what} cannot be stored or sent`
        : `${what} at ${path} cannot be stored or sent`,
    );
    this.path = path;
    this.what = what;
  }
}

/** The first part of a value that cannot be stored or sent, or undefined. Walks cyclic values once. */
export function findUnsupported(value: unknown): UnsupportedValue | undefined {
  return search(value, '', new Set());
}

function search(value: unknown, path: string, seen: Set<object>): UnsupportedValue | undefined {
  if (typeof value === 'function')
    return new UnsupportedValue(path, `a function${value.name ? ` (${value.name})` : ''}`);
  if (typeof value === 'symbol') return new UnsupportedValue(path, 'a symbol');
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  return Array.isArray(value) ? searchArray(value, path, seen) : searchObject(value, path, seen);
}

function searchObject(
  value: object,
  path: string,
  seen: Set<object>,
): UnsupportedValue | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return Object.getOwnPropertySymbols(value).length > 0
      ? new UnsupportedValue(path, 'a symbol as key')
      : firstOf(
          Object.entries(value).map(([key, item]) => [item, `${path}${member(key)}`] as const),
          seen,
        );
  }
  if (prototype === Map.prototype) {
    const entries = [...(value as Map<unknown, unknown>)].flatMap(
      ([key, item], i) =>
        [
          [key, `${path}.keys()[${i}]`],
          [item, `${path}.values()[${i}]`],
        ] as const,
    );
    return firstOf(entries, seen);
  }
  if (prototype === Set.prototype) {
    const items = [...(value as Set<unknown>)];
    return firstOf(
      items.map((item, i) => [item, `${path}.values()[${i}]`] as const),
      seen,
    );
  }
  if (value instanceof Error && errorName(value) !== undefined)
    return ownFieldsOf(value, path) ?? search(value.cause, `${path}.cause`, seen);
  return isPlainBuiltIn(prototype) ? undefined : new UnsupportedValue(path, nameOf(value));
}

function searchArray(
  value: readonly unknown[],
  path: string,
  seen: Set<object>,
): UnsupportedValue | undefined {
  if (Object.getPrototypeOf(value) !== Array.prototype)
    return new UnsupportedValue(path, nameOf(value));
  if (Object.keys(value).some((key) => !/^\d+$/.test(key)))
    return new UnsupportedValue(path, 'an array with fields of its own');
  return firstOf(
    // Not with `map`, which leaves holes out.
    Array.from(value, (item, i) => [item, `${path}[${i}]`] as const),
    seen,
  );
}

/** What stands in an error beside its message, stack and cause would be lost. */
export function ownFieldsOf(error: Error, path = ''): UnsupportedValue | undefined {
  const fields = Object.keys(error).filter((field) => !ERROR_FIELDS.has(field));
  if (fields.length === 0) return undefined;
  return new UnsupportedValue(path, `an Error with fields of its own (${fields.join(', ')})`);
}

function firstOf(
  parts: readonly (readonly [unknown, string])[],
  seen: Set<object>,
): UnsupportedValue | undefined {
  for (const [item, path] of parts) {
    const found = search(item, path, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

const ERROR_FIELDS: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause']);

const PLAIN: ReadonlySet<unknown> = new Set([
  Date.prototype,
  RegExp.prototype,
  ArrayBuffer.prototype,
  Buffer.prototype,
  ...TYPED_ARRAYS.map((type) => type?.prototype),
]);

const isPlainBuiltIn = (prototype: unknown): boolean =>
  BOXES.has(prototype) || PLAIN.has(prototype);

const member = (key: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;

export const nameOf = (value: object): string =>
  `an instance of ${value.constructor?.name || 'a class without a name'}`;
