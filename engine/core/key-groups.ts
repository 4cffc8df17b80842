// Which subtask owns a key. A key belongs to one of maxParallelism key groups for ever; a subtask owns a
// contiguous range of them, so rescaling moves whole groups. The formulas are Flink's, and a stable
// format: they stand in savepoints (golden file: test/fixtures/key-groups.json).

import { assert } from './assert.ts';
import { hashKey } from './key-hash.ts';

export const MAX_PARALLELISM_LIMIT = 32_768;

export interface KeyGroupRange {
  /** Inclusive. */
  readonly start: number;
  /** Inclusive; `start - 1` when the range is empty. */
  readonly end: number;
}

export const keyGroupOf = (key: unknown, maxParallelism: number): number =>
  hashKey(key) % maxParallelism;

export const subtaskOfKeyGroup = (
  group: number,
  parallelism: number,
  maxParallelism: number,
): number => Math.floor((group * parallelism) / maxParallelism);

export function keyGroupRange(
  subtask: number,
  parallelism: number,
  maxParallelism: number,
): KeyGroupRange {
  assert(subtask >= 0 && subtask < parallelism, `subtask ${subtask} of ${parallelism}`);
  assert(parallelism <= maxParallelism, `parallelism ${parallelism} over max ${maxParallelism}`);
  return {
    start: Math.floor((subtask * maxParallelism + parallelism - 1) / parallelism),
    end: Math.floor(((subtask + 1) * maxParallelism - 1) / parallelism),
  };
}

/** Flink's default: 128 up to parallelism 85, then the next power of two above 1.5 times it. */
export function defaultMaxParallelism(parallelism: number): number {
  let power = 1;
  while (power < parallelism + Math.floor(parallelism / 2)) power *= 2;
  return Math.min(Math.max(power, 128), MAX_PARALLELISM_LIMIT);
}
