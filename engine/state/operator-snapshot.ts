// Operator state as data and as bytes. Every item is encoded on its own, so that items can be dealt out to
// other subtasks without being read. A stable format:
//   version byte, varint count of lists, per list: name, redistribution, varint count of items,
//   per item: varint length, a value (core/value-writer.ts).

import { ByteReader, ByteWriter, CorruptData } from '../core/byte-buffer.ts';
import { SluiceError } from '../core/errors.ts';

const VERSION = 1;

/** The order is the format. */
const REDISTRIBUTIONS = ['split', 'union', 'broadcast'] as const;

export type Redistribution = (typeof REDISTRIBUTIONS)[number];

export interface StoredList {
  readonly name: string;
  readonly redistribution: Redistribution;
  /** Each an encoded value. */
  readonly items: readonly Uint8Array[];
}

/** The operator state of one subtask; names are unique. */
export type OperatorStateSnapshot = readonly StoredList[];

export function encodeOperatorState(snapshot: OperatorStateSnapshot): Uint8Array {
  const out = new ByteWriter();
  out.byte(VERSION);
  out.varint(snapshot.length);
  for (const { name, redistribution, items } of snapshot) {
    out.string(name);
    out.byte(REDISTRIBUTIONS.indexOf(redistribution));
    out.varint(items.length);
    for (const item of items) {
      out.varint(item.length);
      out.bytes(item);
    }
  }
  return out.toBytes();
}

/** @throws CorruptData for bytes that are not such state; SluiceError for a version that is not ours. */
export function decodeOperatorState(bytes: Uint8Array): OperatorStateSnapshot {
  const input = new ByteReader(bytes);
  const version = input.byte();
  if (version !== VERSION) {
    throw new SluiceError(
      'state-version',
      `operator state of format version ${version}, this sluice reads version ${VERSION}: restore it with the sluice that wrote it, or a newer one`,
    );
  }
  const lists = Array.from({ length: input.varint() }, () => readList(input));
  if (input.remaining > 0) throw new CorruptData(`${input.remaining} bytes behind operator state`);
  return lists;
}

function readList(input: ByteReader): StoredList {
  const name = input.string();
  const code = input.byte();
  const redistribution = REDISTRIBUTIONS[code];
  if (redistribution === undefined) {
    throw new CorruptData(`operator state ${JSON.stringify(name)} of kind ${code}`);
  }
  const items = Array.from({ length: input.varint() }, () => input.bytes(input.varint()));
  return { name, redistribution, items };
}
