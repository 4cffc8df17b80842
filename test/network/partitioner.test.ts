// Which channel a record takes.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadKey } from '../../engine/core/bad-key.ts';
import { keyGroupOf, keyGroupRange } from '../../engine/core/key-groups.ts';
import { SeededRandom } from '../../engine/core/random.ts';
import type { UserFunction } from '../../engine/core/user-function.ts';
import {
  ALL_CHANNELS,
  type ChannelSelector,
  channelSelector,
  type PartitionerKind,
} from '../../engine/network/partitioner.ts';

interface Edge {
  readonly channels: number;
  readonly subtask?: number;
  readonly maxParallelism?: number;
  readonly functions?: Readonly<Record<string, UserFunction>>;
}

const selectorOf = (kind: PartitionerKind, edge: Edge): ChannelSelector =>
  channelSelector({
    kind,
    channels: edge.channels,
    subtask: edge.subtask ?? 0,
    maxParallelism: edge.maxParallelism ?? 128,
    functions: new Map(Object.entries(edge.functions ?? {})),
    random: new SeededRandom(3),
  });

const take = (selector: ChannelSelector, values: readonly unknown[]): number[] =>
  values.map((value) => selector.select(value));

test('forward and global take the first channel, broadcast all', () => {
  expect(take(selectorOf('forward', { channels: 1 }), [1, 2])).toEqual([0, 0]);
  expect(take(selectorOf('global', { channels: 3 }), [1, 2])).toEqual([0, 0]);
  expect(take(selectorOf('broadcast', { channels: 3 }), [1])).toEqual([ALL_CHANNELS]);
  expect(() => selectorOf('forward', { channels: 2 })).toThrow('a forward edge with 2 channels');
});

test('rebalance and rescale take channels in turn, each subtask beginning at another', () => {
  for (const kind of ['rebalance', 'rescale'] as const) {
    expect(take(selectorOf(kind, { channels: 3, subtask: 1 }), [1, 2, 3, 4])).toEqual([1, 2, 0, 1]);
    expect(take(selectorOf(kind, { channels: 2, subtask: 4 }), [1, 2, 3])).toEqual([0, 1, 0]);
  }
});

test('shuffle takes any channel, all of them in the end', () => {
  const channels = take(selectorOf('shuffle', { channels: 4 }), new Array(200).fill(0));
  expect(new Set(channels)).toEqual(new Set([0, 1, 2, 3]));
});

describe('by key', () => {
  const key: UserFunction = (value: { k: unknown }) => value.k;

  test('a record goes to the subtask that owns its key group', () => {
    const sizes = fc.integer({ min: 1, max: 16 });
    const keys = fc.oneof(fc.string(), fc.double(), fc.bigInt(), fc.tuple(fc.string(), fc.nat()));
    fc.assert(
      fc.property(sizes, fc.array(keys), (channels, all) => {
        const selector = selectorOf('hash', { channels, maxParallelism: 64, functions: { key } });
        for (const k of all) {
          const { start, end } = keyGroupRange(selector.select({ k }), channels, 64);
          const group = keyGroupOf(k, 64);
          expect(group >= start && group <= end).toBe(true);
        }
      }),
    );
  });

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [{}, 'an object (Object)'],
    [new Date(Number.NaN), 'an invalid Date'],
  ])('%o is refused with the record', (k, what) => {
    const selector = selectorOf('hash', { channels: 2, functions: { key } });
    expect(() => selector.select({ k, id: 7 })).toThrow(BadKey);
    expect(() => selector.select({ k, id: 7 })).toThrow(
      new RegExp(`^keyBy gave ${what.replace(/[()]/g, '\\$&')} for the record \\{.*"id":7\\}`),
    );
  });
});

describe('by a function of the program', () => {
  const custom = (partition: UserFunction): ChannelSelector =>
    selectorOf('custom', { channels: 3, functions: { key: (v: number) => v * 10, partition } });

  test('the function is given the key and the number of channels', () => {
    expect(
      take(
        custom((k: number, n: number) => (k / 10) % n),
        [1, 2, 3],
      ),
    ).toEqual([1, 2, 0]);
  });

  test.each([3, -1, 0.5, '1', undefined])('%o is refused with the record', (channel) => {
    expect(() => custom(() => channel).select(7)).toThrow(
      /^partitionCustom gave .* for the record 7; it must be a whole number from 0 to 2$/,
    );
  });
});
