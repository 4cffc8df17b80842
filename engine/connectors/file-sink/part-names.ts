// The names of the files that a files sink writes. In progress they stand in a hidden folder of the sink's
// directory, named after who writes them, and after the checkpoint they were prepared under:
//
//   .sluice/<run>-<subtask>-<attempt>-<n>.open      being written
//   .sluice/<run>-<subtask>-<attempt>-<n>.c<id>     prepared under checkpoint <id>: whole and durable
//   <bucket>/<prefix>-<subtask>-<run>-<attempt>-<n><suffix>   committed
//
// <run> stands for the job and the sink in it. No two attempts, sinks or jobs have a name in common.

import { createHash } from 'node:crypto';
import type { SinkContext } from '../sink.ts';

export const STAGING = '.sluice';

export interface PartOwner {
  readonly run: string;
  readonly subtask: number;
  readonly attempt: number;
}

/** A file in progress that somebody left. */
export interface StagedPart extends PartOwner {
  readonly name: string;
  /** Undefined: it was not prepared, and is in no checkpoint. */
  readonly checkpointId: number | undefined;
}

export const ownerOf = ({ jobId, uid, subtask, attempt }: SinkContext): PartOwner => ({
  run: createHash('sha256').update(`${jobId}\0${uid}`).digest('hex').slice(0, 16),
  subtask,
  attempt,
});

export const openName = ({ run, subtask, attempt }: PartOwner, n: number): string =>
  `${run}-${subtask}-${attempt}-${n}.open`;

export const preparedName = (open: string, checkpointId: number): string =>
  open.replace(/open$/, `c${checkpointId}`);

export const finalName = (
  { run, subtask, attempt }: PartOwner,
  n: number,
  prefix: string,
  suffix: string,
): string => `${prefix}-${subtask}-${run.slice(0, 8)}-${attempt}-${n}${suffix}`;

const STAGED = /^([0-9a-f]{16})-(\d+)-(\d+)-\d+\.(?:open|c(\d+))$/;

/** Undefined for what no files sink has left. */
export function parseStaged(name: string): StagedPart | undefined {
  const match = STAGED.exec(name);
  if (match === null) return undefined;
  const [, run = '', subtask, attempt, checkpointId] = match;
  return {
    name,
    run,
    subtask: Number(subtask),
    attempt: Number(attempt),
    checkpointId: checkpointId === undefined ? undefined : Number(checkpointId),
  };
}

const SEGMENT_BYTES_MAX = 255;

/**
 * The folder, below the sink's directory, that a bucket stands for.
 * @throws Error for one that would lead elsewhere, or that no file system takes.
 */
export function bucketFolder(text: string): string {
  const segments = text === '' ? [] : text.split('/');
  const isFine = segments.every(
    (segment) =>
      segment !== '' && !segment.startsWith('.') && Buffer.byteLength(segment) <= SEGMENT_BYTES_MAX,
  );
  if (isFine && !text.includes('\0')) return text;
  throw new Error(
    `the bucket function gave ${JSON.stringify(text).slice(0, 300)}: a bucket is a relative path such as "day=2001-01-01", ` +
      `its folders at most ${SEGMENT_BYTES_MAX} bytes long and none beginning with a dot`,
  );
}
