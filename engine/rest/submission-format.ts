// A job on its way to the Dispatcher: a header as JSON, then the bundle and the blobs as they are. Nothing
// in it is deserialised but JSON.

import { CorruptData } from '../core/byte-buffer.ts';
import { type BlobKey, blobKeyOf } from '../core/ids.ts';
import type { Surroundings } from '../core/surroundings.ts';
import type { StreamGraph } from '../graph/stream-graph.ts';

export const SUBMISSION_TYPE = 'application/vnd.sluice.job';

export interface SubmissionHeader {
  readonly graph: StreamGraph;
  readonly graphHash: string;
  readonly surroundings: Surroundings;
  /** Of the submission: what the user set for this run. The program's own stands in the graph. */
  readonly configuration: Readonly<Record<string, string>>;
  readonly baseDirectory: string;
  readonly attached: boolean;
  readonly savepointPath?: string;
  readonly allowNonRestoredState?: boolean;
}

export interface SubmissionParts {
  readonly header: SubmissionHeader;
  readonly bundle: Uint8Array;
  readonly blobs: readonly Uint8Array[];
}

export function encodeSubmission({ header, bundle, blobs }: SubmissionParts): Uint8Array {
  const head = Buffer.from(
    JSON.stringify({ header, lengths: [bundle.length, ...blobs.map(({ length }) => length)] }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, bundle, ...blobs]);
}

/** @throws CorruptData when the bytes are not a submission. */
export function decodeSubmission(
  bytes: Uint8Array,
): SubmissionParts & { readonly keys: ReadonlyMap<BlobKey, Uint8Array> } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headLength = buffer.length >= 4 ? buffer.readUInt32LE(0) : Number.POSITIVE_INFINITY;
  if (headLength > buffer.length - 4) throw new CorruptData('not a submission');
  const { header, lengths } = JSON.parse(buffer.toString('utf8', 4, 4 + headLength)) as {
    header: SubmissionHeader;
    lengths: readonly number[];
  };
  let at = 4 + headLength;
  const parts = lengths.map((length) => {
    const part = buffer.subarray(at, at + length);
    if (part.length !== length) throw new CorruptData('a submission that is cut off');
    at += length;
    return part;
  });
  const [bundle, ...blobs] = parts;
  if (bundle === undefined) throw new CorruptData('a submission without a bundle');
  return { header, bundle, blobs, keys: new Map(parts.map((part) => [blobKeyOf(part), part])) };
}
