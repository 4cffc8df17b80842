// What a new job continues from: a savepoint, or a checkpoint that another job has left. It is read and held
// against the job before any task is deployed, every file of it, so that no program sees a part of it and
// what is wrong is told once.

import type { CompletedCheckpoint, VertexCheckpoint } from '../../checkpoint/checkpoint.ts';
import { readCheckpoint } from '../../checkpoint/checkpoint-storage.ts';
import { SluiceError } from '../../core/errors.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { OperatorId } from '../../core/ids.ts';
import { localPath } from '../../core/local-path.ts';
import type { JobGraph, JobVertex } from '../../graph/job-graph.ts';
import type { StoredCheckpoint } from '../../ha/ha-store.ts';
import { readState } from '../../state/read-state.ts';
import type { OperatorSnapshot } from '../../state/task-snapshot.ts';
import type { JobMaster } from './job-master.ts';
import type { RecoveredJob } from './job-master-dependencies.ts';
import type { JobSubmission } from './job-submission.ts';

interface RestoreRequest {
  /** As the user gave it: a directory, the metadata in it, or a `file:` URL of either. */
  readonly location: string;
  /** State of operators that the job does not have is left behind. */
  readonly allowsNonRestored: boolean;
}

/** What a job begins with. */
export type JobOrigin =
  | { readonly kind: 'nothing' }
  /** Of another job, or a savepoint: it is not ours to remove. */
  | { readonly kind: 'given'; readonly latest: CompletedCheckpoint }
  /** Its own, of earlier leaders; `retained`: those before the latest. */
  | {
      readonly kind: 'own';
      readonly latest: CompletedCheckpoint;
      readonly retained: readonly CompletedCheckpoint[];
    };

type Submitted = Pick<JobSubmission, 'savepointPath' | 'allowNonRestoredState'>;

interface NamedOperator {
  readonly id: OperatorId;
  readonly name: string;
}

/**
 * Its own last checkpoint, never one before it, whose successor may have been committed; else what it was
 * submitted with. Undefined: there is nothing to be read.
 * @param onDamage Hears of what is damaged and could be made up for.
 */
export function jobOrigin(
  { savepointPath: location, allowNonRestoredState: allowsNonRestored }: Submitted,
  own: readonly StoredCheckpoint[],
  job: JobGraph,
  files: FileSystem,
  onDamage: (text: string) => void,
): Promise<JobOrigin> | undefined {
  if (own.length > 0) return ownOrigin(own, files, onDamage);
  if (location === undefined) return undefined;
  return checkpointToRestore({ location, allowsNonRestored }, job, files, onDamage).then(
    (latest) => ({ kind: 'given', latest }),
  );
}

/** The job, of which no task has been deployed, takes up what it begins with. */
export function continueFrom(
  { job, scheduler, checkpoints, results, rescale }: JobMaster,
  origin: JobOrigin,
  recovered: RecoveredJob | undefined,
): void {
  if (origin.kind === 'given') checkpoints.begin(origin.latest);
  if (origin.kind === 'own') {
    // Its parallelism may have changed since it was submitted.
    scheduler.beginAs(jobAsIn(origin.latest, job));
    checkpoints.recover(origin.retained, origin.latest);
    results.recover(recovered?.results ?? { final: [], lanes: [] }, origin.latest);
  }
  rescale.recover(recovered?.parallelism);
}

/** At the parallelism that it had at its checkpoint. */
function jobAsIn({ vertices }: CompletedCheckpoint, job: JobGraph): JobGraph {
  const parallelisms = new Map(vertices.map(({ vertex, parallelism }) => [vertex, parallelism]));
  return {
    ...job,
    vertices: job.vertices.map((vertex) => ({
      ...vertex,
      parallelism: parallelisms.get(vertex.id) ?? vertex.parallelism,
    })),
  };
}

async function ownOrigin(
  own: readonly StoredCheckpoint[],
  files: FileSystem,
  onDamage: (text: string) => void,
): Promise<JobOrigin> {
  const read = await Promise.allSettled(
    own.map(({ path }) => readCheckpoint(files, path, onDamage)),
  );
  const latest = read.pop();
  if (latest?.status !== 'fulfilled') throw latest?.reason;
  const retained = read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return { kind: 'own', latest: latest.value, retained };
}

/** @throws SluiceError naming the file that is not there or damaged, or the operators that do not fit. */
async function checkpointToRestore(
  { location, allowsNonRestored }: RestoreRequest,
  job: JobGraph,
  files: FileSystem,
  onDamage: (text: string) => void,
): Promise<CompletedCheckpoint> {
  const path = localPath(location).replace(/\/_metadata$/, '');
  const found = await readAt(path, files, onDamage);
  const operators = new Map(
    job.vertices.flatMap((vertex) =>
      vertex.operators.map(({ node }) => [node.operatorId, vertex] as const),
    ),
  );
  const stateful = await operatorsWithState(found, files);
  const missing = stateful.filter(({ id }) => !operators.has(id));
  if (missing.length > 0 && !allowsNonRestored) {
    const isAnothers = missing.length === stateful.length;
    throw notRestored(path, missing, isAnothers, job.name);
  }
  for (const vertex of found.vertices) checkMaxParallelism(path, vertex, operators);
  return found;
}

async function readAt(
  path: string,
  files: FileSystem,
  onDamage: (text: string) => void,
): Promise<CompletedCheckpoint> {
  const names = await files.list(path).catch((cause: unknown) => {
    const text = `the savepoint ${path} cannot be read: ${(cause as Error).message}`;
    throw new SluiceError('savepoint-unreadable', text, { cause });
  });
  if (names.length === 0 && !(await files.exists(path)))
    throw new SluiceError('no-savepoint', `there is no savepoint at ${path}: no such directory`);
  if (!names.some((name) => name.startsWith('_metadata')))
    throw new SluiceError(
      'no-savepoint',
      `${path} is no savepoint: it has no file _metadata, which is written when all else of one is`,
    );
  return readCheckpoint(files, path, onDamage);
}

/** Records in flight are state of the operator that they were on their way to. Reads every file on the way. */
async function operatorsWithState(
  { vertices, coordinators }: CompletedCheckpoint,
  files: FileSystem,
): Promise<readonly NamedOperator[]> {
  const withState = new Set(coordinators.map(([operatorId]) => operatorId));
  for (const { subtasks } of vertices) {
    for (const { handle } of subtasks) {
      if (handle === undefined) continue;
      const { operators, inFlight } = await readState(handle, files);
      for (const [i, operator] of operators.entries())
        if (hasState(operator) || (i === 0 && inFlight.length > 0))
          withState.add(operator.operatorId);
    }
  }
  return vertices
    .flatMap(({ operators, names }) => operators.map((id, i) => ({ id, name: names[i] ?? id })))
    .filter(({ id }) => withState.has(id));
}

const hasState = ({ lists, keyed }: OperatorSnapshot): boolean =>
  keyed.length > 0 || lists.some(({ items }) => items.length > 0);

function notRestored(
  path: string,
  missing: readonly NamedOperator[],
  isAnothers: boolean,
  job: string,
): SluiceError {
  const names = missing.map(({ name }) => JSON.stringify(name)).join(', ');
  const what = isAnothers
    ? `it is of another job: all its state is of ${names}, and ${JSON.stringify(job)} has none of them`
    : `there is state of ${names}, which ${JSON.stringify(job)} does not have`;
  return new SluiceError(
    'non-restored-state',
    `cannot continue from ${path}: ${what}. Give an operator the uid that it had, or leave its state behind with --allowNonRestoredState`,
  );
}

/** State is dealt out by key groups: their number stays what it was. */
function checkMaxParallelism(
  path: string,
  old: VertexCheckpoint,
  operators: ReadonlyMap<OperatorId, JobVertex>,
): void {
  if (old.subtasks.every(({ handle }) => handle === undefined)) return;
  for (const id of old.operators) {
    const vertex = operators.get(id);
    if (vertex === undefined || vertex.maxParallelism === old.maxParallelism) continue;
    throw new SluiceError(
      'max-parallelism',
      `cannot continue from ${path}: ${JSON.stringify(vertex.name)} was written with a maximum parallelism of ${old.maxParallelism} and has ${vertex.maxParallelism} now; set pipeline.max-parallelism to ${old.maxParallelism}`,
    );
  }
}
