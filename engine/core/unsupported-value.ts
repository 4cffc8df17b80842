// Which values can be neither stored nor sent without being altered (a function, a symbol, an instance of
// somebody's class), and where in a record they stand.

import { isErrorName } from './value-format.ts';

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
  if (Array.isArray(value))
    return firstOf(
      value.map((item, i) => [item, `${path}[${i}]`] as const),
      seen,
    );
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    if (Object.getOwnPropertySymbols(value).length > 0)
      return new UnsupportedValue(path, 'a symbol as key');
    return firstOf(
      Object.entries(value).map(([key, item]) => [item, `${path}${member(key)}`] as const),
      seen,
    );
  }
  if (prototype === Map.prototype) {
    const entries = [...(value as Map<unknown, unknown>)];
    return firstOf(
      entries.flatMap(
        ([key, item], i) =>
          [
            [key, `${path}.keys()[${i}]`],
            [item, `${path}.values()[${i}]`],
          ] as const,
      ),
      seen,
    );
  }
  if (prototype === Set.prototype) {
    return firstOf(
      [...(value as Set<unknown>)].map((item, i) => [item, `${path}.values()[${i}]`] as const),
      seen,
    );
  }
  return isPlainBuiltIn(value) ? undefined : new UnsupportedValue(path, nameOf(value));
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

function isPlainBuiltIn(value: object): boolean {
  return (
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value) ||
    (value instanceof Error && isErrorName(value.name)) ||
    value instanceof Number ||
    value instanceof String ||
    value instanceof Boolean
  );
}

const member = (key: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;

export const nameOf = (value: object): string =>
  `an instance of ${value.constructor?.name || 'a class without a name'}`;
