// What functions add up over all subtasks of a job, as Flink's accumulators: the kinds, how two of one kind
// become one, and how Flink writes them. Those of an attempt that failed are not counted: the next one starts
// from nothing.

/** A reading; the kinds have Flink's class names. */
export type AccumulatorValue =
  | { readonly kind: SimpleKind; readonly value: number }
  | { readonly kind: 'AverageAccumulator'; readonly sum: number; readonly count: number }
  /** How often each number was added. */
  | { readonly kind: 'Histogram'; readonly counts: readonly (readonly [number, number])[] };

export type SimpleKind = 'LongCounter' | 'DoubleCounter' | 'DoubleMaximum' | 'DoubleMinimum';

export interface NamedAccumulator {
  readonly name: string;
  readonly value: AccumulatorValue;
}

/** By name, in order of names; undefined where two subtasks use a name for different kinds. */
export function mergedAccumulators(
  all: Iterable<NamedAccumulator>,
): ReadonlyMap<string, AccumulatorValue | undefined> {
  const merged = new Map<string, AccumulatorValue | undefined>();
  for (const { name, value } of all) {
    const before = merged.get(name);
    merged.set(name, merged.has(name) ? before && mergedValue(before, value) : value);
  }
  return new Map([...merged].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function mergedValue(a: AccumulatorValue, b: AccumulatorValue): AccumulatorValue | undefined {
  if (a.kind === 'Histogram' && b.kind === 'Histogram') {
    const counts = new Map(a.counts);
    for (const [key, count] of b.counts) counts.set(key, (counts.get(key) ?? 0) + count);
    return { kind: 'Histogram', counts: [...counts] };
  }
  if (a.kind === 'AverageAccumulator' && b.kind === 'AverageAccumulator')
    return { kind: a.kind, sum: a.sum + b.sum, count: a.count + b.count };
  if (!('value' in a) || !('value' in b) || a.kind !== b.kind) return undefined;
  return { kind: a.kind, value: combined(a.kind, a.value, b.value) };
}

/** Also what one of them becomes when a number is added. */
export function combined(kind: SimpleKind, a: number, b: number): number {
  switch (kind) {
    case 'LongCounter':
    case 'DoubleCounter':
      return a + b;
    case 'DoubleMaximum':
      return Math.max(a, b);
    case 'DoubleMinimum':
      return Math.min(a, b);
  }
}

/** As Java writes them: `27721`, `{0=6931, 1=6930}`, `2.5E11`. */
export function accumulatorText(value: AccumulatorValue): string {
  switch (value.kind) {
    case 'LongCounter':
      return String(value.value);
    case 'DoubleCounter':
    case 'DoubleMaximum':
    case 'DoubleMinimum':
      return javaDouble(value.value);
    case 'AverageAccumulator':
      return javaDouble(averageOf(value));
    case 'Histogram': {
      const sorted = value.counts.toSorted(([a], [b]) => a - b);
      return `{${sorted.map(([key, count]) => `${key}=${count}`).join(', ')}}`;
    }
  }
}

/** Of nothing it is 0, as in Flink. */
export const averageOf = ({ sum, count }: { sum: number; count: number }): number =>
  count === 0 ? 0 : sum / count;

/** A fraction always, and an exponent from 10^7 on and below 10^-3. */
function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || !Number.isFinite(value) || (size >= 1e-3 && size < 1e7))
    return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}
