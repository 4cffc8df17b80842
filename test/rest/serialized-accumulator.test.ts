// What a Flink 2.2.0 has serialized itself is what comes out, byte by byte. That its client reads it: see
// test/e2e/flink/clients.test.ts.

import { expect, test } from 'vitest';
import type { AccumulatorValue } from '../../engine/core/accumulators.ts';
import { serializedAccumulator } from '../../engine/rest/serialized-accumulator.ts';

const HOLDER =
  'rO0ABXNyACVvcmcuYXBhY2hlLmZsaW5rLnV0aWwuT3B0aW9uYWxGYWlsdXJlAAAAAAAAAAEDAAFMAAxmYWlsdXJlQ2F1c2V0ABVMamF2YS9sYW5nL1Rocm93YWJsZTt4cHBz';
const DOUBLE_2_5 = `${HOLDER}cgAQamF2YS5sYW5nLkRvdWJsZYCzwkopa/sEAgABRAAFdmFsdWV4cgAQamF2YS5sYW5nLk51bWJlcoaslR0LlOCLAgAAeHBABAAAAAAAAHg=`;

test.each<[AccumulatorValue, string]>([
  [
    { kind: 'LongCounter', value: 42 },
    `${HOLDER}cgAOamF2YS5sYW5nLkxvbmc7i+SQzI8j3wIAAUoABXZhbHVleHIAEGphdmEubGFuZy5OdW1iZXKGrJUdC5TgiwIAAHhwAAAAAAAAACp4`,
  ],
  [{ kind: 'DoubleCounter', value: 2.5 }, DOUBLE_2_5],
  [{ kind: 'DoubleMaximum', value: 2.5 }, DOUBLE_2_5],
  [{ kind: 'AverageAccumulator', sum: 5, count: 2 }, DOUBLE_2_5],
  [
    {
      kind: 'Histogram',
      counts: [
        [3, 40],
        [1, 2],
      ],
    },
    `${HOLDER}cgARamF2YS51dGlsLlRyZWVNYXAMwfY+LSVq5gMAAUwACmNvbXBhcmF0b3J0ABZMamF2YS91dGlsL0NvbXBhcmF0b3I7eHBwdwQAAAACc3IAEWphdmEubGFuZy5JbnRlZ2VyEuKgpPeBhzgCAAFJAAV2YWx1ZXhyABBqYXZhLmxhbmcuTnVtYmVyhqyVHQuU4IsCAAB4cAAAAAFzcQB+AAYAAAACc3EAfgAGAAAAA3NxAH4ABgAAACh4eA==`,
  ],
])('%j is what Java makes of it', (value, serialized) => {
  expect(serializedAccumulator(value)).toBe(serialized);
});

test.each<AccumulatorValue>([
  { kind: 'LongCounter', value: 0.5 },
  { kind: 'LongCounter', value: 2 ** 60 },
  { kind: 'Histogram', counts: [[0.5, 1]] },
  { kind: 'Histogram', counts: [[2 ** 31, 1]] },
])('%j has no form in Java, where it is a Long or Integers', (value) => {
  expect(serializedAccumulator(value)).toBeUndefined();
});
