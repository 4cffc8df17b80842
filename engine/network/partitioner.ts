// Which of a subtask's channels a record takes. One object per output edge and subtask; the choice is made
// per record, so `select` does nothing that it could have done once.

import { assert } from '../core/assert.ts';
import { checkKey } from '../core/bad-key.ts';
import { keyGroupOf, subtaskOfKeyGroup } from '../core/key-groups.ts';
import { printRecord } from '../core/print-record.ts';
import { below, type Random } from '../core/random.ts';
import type { UserFunction } from '../core/user-function.ts';

export type PartitionerKind =
  | 'forward'
  | 'rebalance'
  | 'rescale'
  | 'shuffle'
  | 'broadcast'
  | 'global'
  | 'hash'
  | 'custom';

/**
 * Whether records on their way can be dealt out anew among another number of subtasks: by key, or to whom ever.
 * The others go to one certain subtask, or to all.
 */
export const isRedistributable = (kind: PartitionerKind): boolean =>
  kind !== 'forward' && kind !== 'rescale' && kind !== 'broadcast';

export interface ChannelSelector {
  /** Index of a channel of this subtask, or ALL_CHANNELS. */
  select(value: unknown): number;
}

export const ALL_CHANNELS = -1;

export interface SelectorSettings {
  readonly kind: PartitionerKind;
  /** Channels that this subtask has on the edge. */
  readonly channels: number;
  readonly subtask: number;
  readonly maxParallelism: number;
  /** Slots `key` and `partition` of the edge. */
  readonly functions: ReadonlyMap<string, UserFunction>;
  readonly random: Random;
}

export function channelSelector(settings: SelectorSettings): ChannelSelector {
  const { kind, channels, random } = settings;
  switch (kind) {
    case 'forward':
      assert(channels === 1, `a forward edge with ${channels} channels`);
      return { select: () => 0 };
    case 'global':
      return { select: () => 0 };
    case 'broadcast':
      return { select: () => ALL_CHANNELS };
    case 'shuffle':
      return { select: () => below(random, channels) };
    case 'rebalance':
    case 'rescale':
      return roundRobin(channels, settings.subtask);
    case 'hash':
      return hashed(settings);
    case 'custom':
      return custom(settings);
  }
}

/** Starts at another channel in every subtask, so that few records do not all meet in the first. */
function roundRobin(channels: number, subtask: number): ChannelSelector {
  let next = subtask % channels;
  return {
    select() {
      const channel = next;
      next = next + 1 === channels ? 0 : next + 1;
      return channel;
    },
  };
}

function hashed(settings: SelectorSettings): ChannelSelector {
  const { channels, maxParallelism } = settings;
  const key = functionOf(settings, 'key');
  const channelOfGroup = new Int32Array(maxParallelism);
  for (let group = 0; group < maxParallelism; group++) {
    channelOfGroup[group] = subtaskOfKeyGroup(group, channels, maxParallelism);
  }
  return {
    select(value) {
      const k: unknown = key(value);
      if (!isSimpleKey(k)) checkKey(k, value);
      if (channels === 1) return 0;
      return channelOfGroup[keyGroupOf(k, maxParallelism)] as number;
    },
  };
}

function custom(settings: SelectorSettings): ChannelSelector {
  const { channels } = settings;
  const key = functionOf(settings, 'key');
  const partition = functionOf(settings, 'partition');
  return {
    select(value) {
      const channel: unknown = partition(key(value), channels);
      if (
        typeof channel !== 'number' ||
        !Number.isInteger(channel) ||
        channel < 0 ||
        channel >= channels
      ) {
        throw new RangeError(
          `partitionCustom gave ${printRecord(channel)} for the record ${printRecord(value)}; ` +
            `it must be a whole number from 0 to ${channels - 1}`,
        );
      }
      return channel;
    },
  };
}

function isSimpleKey(key: unknown): boolean {
  return typeof key === 'string' || typeof key === 'number';
}

function functionOf(settings: SelectorSettings, slot: string): UserFunction {
  const found = settings.functions.get(slot);
  assert(found !== undefined, `a ${settings.kind} edge without its function ${slot}`);
  return found;
}
