// How sluice writes values as JSON, everywhere: bigint as decimal string; Date as ISO string; NaN, the
// infinities and -0 as those strings; undefined fields left out (null in arrays); Map as an array of
// pairs; Set and typed arrays as arrays.

export function toJson(value: unknown): string {
  return JSON.stringify(toJsonValue(value, new Set())) ?? 'null';
}

function toJsonValue(value: unknown, above: Set<object>): unknown {
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'number':
      return jsonNumber(value);
    case 'function':
      return `[function ${value.name}]`;
    case 'symbol':
      return value.toString();
    case 'object':
      return value === null ? null : nested(value, above);
    default:
      return value;
  }
}

function jsonNumber(value: number): number | string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : value;
  return String(value);
}

function nested(value: object, above: Set<object>): unknown {
  if (above.has(value)) return '[circular]';
  above.add(value);
  try {
    return jsonObject(value, above);
  } finally {
    above.delete(value);
  }
}

function jsonObject(value: object, above: Set<object>): unknown {
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (Array.isArray(value)) return Array.from(value, (item) => toJsonValue(item, above) ?? null);
  if (value instanceof Map) {
    return [...value].map(([key, item]) => [
      toJsonValue(key, above) ?? null,
      toJsonValue(item, above) ?? null,
    ]);
  }
  if (value instanceof Set) return [...value].map((item) => toJsonValue(item, above) ?? null);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as unknown as Iterable<unknown>, (item) => toJsonValue(item, above));
  }
  if (value instanceof Error) return { name: value.name, message: value.message };
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) fields[key] = toJsonValue(item, above);
  return fields;
}

/** What JSON can say: plans, options and messages between processes are made of it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
