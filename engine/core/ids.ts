// The names of things. Every id that Flink has is 32 hex digits, as Flink prints it, so that its REST
// clients can parse ours. Branded, so that a job id is never taken for a vertex id.

import { createHash } from 'node:crypto';
import type { Random } from './random.ts';

type Id<Brand extends string> = string & { readonly __brand: Brand };

export type JobId = Id<'job'>;
export type VertexId = Id<'vertex'>;
export type OperatorId = Id<'operator'>;
export type AttemptId = Id<'attempt'>;
export type AllocationId = Id<'allocation'>;
export type ResourceId = Id<'resource'>;
/** Of an operation that outlasts its request. */
export type TriggerId = Id<'trigger'>;
export type BlobKey = Id<'blob'>;
/** A leader's fencing token: calls under an older one are refused. */
export type FencingToken = Id<'fencing'>;

const HEX_32 = /^[0-9a-f]{32}$/;

export const isHexId = (text: string): boolean => HEX_32.test(text);

export const newJobId = (random: Random): JobId => hexId(random) as JobId;
export const newAttemptId = (random: Random): AttemptId => hexId(random) as AttemptId;
export const newAllocationId = (random: Random): AllocationId => hexId(random) as AllocationId;
export const newTriggerId = (random: Random): TriggerId => hexId(random) as TriggerId;

const EPOCH_DIGITS = 8;

/** Of a leader under that epoch: tokens of later leaders have greater epochs. */
export const newFencingToken = (random: Random, epoch: number): FencingToken =>
  (epoch.toString(16).padStart(EPOCH_DIGITS, '0') +
    hexId(random).slice(EPOCH_DIGITS)) as FencingToken;

export const epochOf = (token: FencingToken): number =>
  Number.parseInt(token.slice(0, EPOCH_DIGITS), 16);

/** `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, as Flink names uploaded files. */
export const newUploadId = (random: Random): string =>
  hexId(random).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** Of a process: readable, since it stands in logs and error messages. */
export const newResourceId = (kind: string, random: Random): ResourceId =>
  `${kind}-${hexId(random).slice(0, 8)}` as ResourceId;

/** The same text gives the same id, on every machine and in every version. */
export const operatorIdOf = (uid: string): OperatorId => digest(`operator:${uid}`) as OperatorId;
export const vertexIdOf = (headUid: string): VertexId => digest(`operator:${headUid}`) as VertexId;

/** Flink's clients know groups by id. */
export const slotSharingGroupIdOf = (name: string): string => digest(`slot-sharing-group:${name}`);

export function blobKeyOf(content: Uint8Array): BlobKey {
  return createHash('sha256').update(content).digest('hex') as BlobKey;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function hexId(random: Random): string {
  let text = '';
  for (let i = 0; i < 4; i++) text += (random.u32() >>> 0).toString(16).padStart(8, '0');
  return text;
}
