// A job on its way to the Dispatcher: a header as JSON, then the bundle, the plan and the blobs as they
// are. Nothing in it is deserialised but JSON.

import { CorruptData } from '../core/byte-buffer.ts';
import { isHexId } from '../core/ids.ts';

export const SUBMISSION_TYPE = 'application/vnd.sluice.job';

interface SubmissionHeader {
  /** What the user set for this run; the program's own stands in the plan. */
  readonly configuration: Readonly<Record<string, string>>;
  readonly baseDirectory: string;
  /** A client will take the results. */
  readonly attached: boolean;
  readonly savepointPath?: string;
  readonly allowNonRestoredState?: boolean;
  /** Chosen by the client, so that it may submit again when it has heard no answer. */
  readonly jobId?: string;
}

export interface SubmissionParts {
  readonly header: SubmissionHeader;
  readonly bundle: Uint8Array;
  readonly plan: Uint8Array;
  readonly blobs: readonly Uint8Array[];
}

interface Head {
  readonly header: SubmissionHeader;
  /** Of the bundle, the plan and each blob. */
  readonly lengths: readonly number[];
}

export function encodeSubmission({ header, bundle, plan, blobs }: SubmissionParts): Uint8Array {
  const parts = [bundle, plan, ...blobs];
  const head: Head = { header, lengths: parts.map(({ length }) => length) };
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, ...parts]);
}

/** @throws CorruptData when the bytes are not a submission. */
export function decodeSubmission(bytes: Uint8Array): SubmissionParts {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headLength = buffer.length >= 4 ? buffer.readUInt32LE(0) : Number.POSITIVE_INFINITY;
  if (headLength > buffer.length - 4) throw new CorruptData('not a submission');
  const { header, lengths } = readHead(buffer.toString('utf8', 4, 4 + headLength));
  let at = 4 + headLength;
  const parts = lengths.map((length) => {
    const part = buffer.subarray(at, at + length);
    if (part.length !== length) throw new CorruptData('a submission that is cut off');
    at += length;
    return part;
  });
  const [bundle, plan, ...blobs] = parts;
  if (bundle === undefined || plan === undefined)
    throw new CorruptData('a submission without a plan');
  return { header, bundle, plan, blobs };
}

function readHead(text: string): Head {
  let head: unknown;
  try {
    head = JSON.parse(text);
  } catch (error) {
    throw new CorruptData(`a submission whose head is no JSON: ${(error as Error).message}`);
  }
  if (!isRecord(head) || !isHeader(head['header']) || !isLengths(head['lengths']))
    throw new CorruptData('a submission whose head lacks what it must say');
  return { header: head['header'], lengths: head['lengths'] };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isLengths = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((length) => Number.isInteger(length) && length >= 0);

function isHeader(value: unknown): value is SubmissionHeader {
  if (!isRecord(value)) return false;
  const { configuration, baseDirectory, attached, savepointPath, allowNonRestoredState, jobId } =
    value;
  return (
    isRecord(configuration) &&
    Object.values(configuration).every((text) => typeof text === 'string') &&
    typeof baseDirectory === 'string' &&
    typeof attached === 'boolean' &&
    (savepointPath === undefined || typeof savepointPath === 'string') &&
    (allowNonRestoredState === undefined || typeof allowNonRestoredState === 'boolean') &&
    (jobId === undefined || (typeof jobId === 'string' && isHexId(jobId)))
  );
}
