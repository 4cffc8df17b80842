// What a JSON value looks like, whatever its values: which fields, of which types. Ids as keys are one key;
// elements of a list are looked at together.

export type Shape =
  | { readonly kind: 'value'; readonly types: ReadonlySet<string> }
  | { readonly kind: 'list'; readonly element: Shape | undefined }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Shape> };

const ID = /^[0-9a-f]{32}$/;
const keyOf = (key: string): string => (ID.test(key) ? '<id>' : key);

function shapeOf(value: unknown): Shape {
  if (Array.isArray(value))
    return {
      kind: 'list',
      element: value.map(shapeOf).reduce<Shape | undefined>(union, undefined),
    };
  if (typeof value === 'object' && value !== null) {
    const fields = new Map<string, Shape>();
    for (const [key, item] of Object.entries(value))
      fields.set(keyOf(key), union(fields.get(keyOf(key)), shapeOf(item)));
    return { kind: 'object', fields };
  }
  return { kind: 'value', types: new Set([value === null ? 'null' : typeof value]) };
}

function union(a: Shape | undefined, b: Shape): Shape {
  if (a === undefined) return b;
  if (a.kind === 'value' && b.kind === 'value')
    return { kind: 'value', types: new Set([...a.types, ...b.types]) };
  if (a.kind === 'list' && b.kind === 'list')
    return {
      kind: 'list',
      element: b.element === undefined ? a.element : union(a.element, b.element),
    };
  if (a.kind === 'object' && b.kind === 'object') {
    const fields = new Map(a.fields);
    for (const [key, shape] of b.fields) fields.set(key, union(fields.get(key), shape));
    return { kind: 'object', fields };
  }
  // null where there is nothing, something where there is.
  return a.kind === 'value' ? b : a;
}

/** Of all of them together. */
export const shapeOfAll = (values: readonly unknown[]): Shape | undefined =>
  values.map(shapeOf).reduce<Shape | undefined>(union, undefined);

/**
 * What of an answer a client of Flink's would stumble over: fields that the recorded answer has and this one
 * lacks, fields that no recorded answer of this endpoint has, values of types that none has.
 * @param all Of every answer that was recorded of the endpoint.
 */
export function differences(
  recorded: unknown,
  all: Shape | undefined,
  answer: unknown,
): readonly string[] {
  return [...missing(recorded, answer, ''), ...unknown(all, answer, '')];
}

/** Objects whose keys are names that somebody gave. */
const MAPS = ['accumulator-results', 'serialized-user-task-accumulators', 'user-config'];

function missing(recorded: unknown, answer: unknown, at: string): readonly string[] {
  if (Array.isArray(recorded) && Array.isArray(answer))
    return answer.flatMap((item, i) => {
      const models = recorded.filter((model) => isAlike(model, item));
      return models.length === 0 ? [] : missing(inCommon(models), item, `${at}[${i}]`);
    });
  if (Array.isArray(recorded) || Array.isArray(answer)) return [`${at} is a list in one of them`];
  if (!isObject(recorded) || answer === null) return [];
  const own = isObject(answer) ? answer : {};
  const values = new Map(Object.entries(own).map(([key, item]) => [keyOf(key), item]));
  return Object.entries(recorded).flatMap(([key, item]) => {
    if (MAPS.includes(key) || (keyOf(key) === '<id>' && values.size === 0)) return [];
    if (!values.has(keyOf(key))) return [`${at}.${key} is missing`];
    return missing(item, values.get(keyOf(key)), `${at}.${keyOf(key)}`);
  });
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Flink says in `className` which of several kinds an element is of. */
const isAlike = (model: unknown, item: unknown): boolean =>
  !isObject(model) || !isObject(item) || model['className'] === item['className'];

/** The fields that all of them have. */
function inCommon(models: readonly unknown[]): unknown {
  const [first, ...others] = models;
  if (!isObject(first)) return first;
  const isEverywhere = (key: string): boolean =>
    others.every((other) => isObject(other) && key in other);
  return Object.fromEntries(Object.entries(first).filter(([key]) => isEverywhere(key)));
}

/** What sluice adds stands under its own name. */
const OURS = 'sluice';

function unknown(all: Shape | undefined, answer: unknown, at: string): readonly string[] {
  if (all === undefined || answer === null) return [];
  if (Array.isArray(answer)) {
    if (all.kind !== 'list') return [`${at} is a list`];
    return answer.flatMap((item, i) => unknown(all.element, item, `${at}[${i}]`));
  }
  if (typeof answer === 'object') {
    if (all.kind !== 'object') return isNull(all) ? [] : [`${at} is an object`];
    return Object.entries(answer).flatMap(([key, item]) => {
      if (key === OURS) return [];
      const shape = all.fields.get(keyOf(key));
      return shape === undefined
        ? [`${at}.${key} is not Flink's`]
        : unknown(shape, item, `${at}.${keyOf(key)}`);
    });
  }
  if (all.kind !== 'value') return [`${at} is a ${typeof answer}`];
  return all.types.has(typeof answer) || isNull(all)
    ? []
    : [`${at} is a ${typeof answer}, Flink's is a ${[...all.types].join(' or a ')}`];
}

const isNull = (shape: Shape): boolean =>
  shape.kind === 'value' && shape.types.size === 1 && shape.types.has('null');
