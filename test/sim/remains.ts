// What is left of a job that has ended: its rows, at the client and in files, its checkpoints, the slots. Held
// against what must be.

import type { JobState } from '../../engine/graph/execution-state.ts';
import { filesOf } from '../../engine/state/state-handle.ts';
import type { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import type { Faults } from './faults.ts';
import { answerOf, drainedProblem, type Row } from './job-answer.ts';
import { EARLY, isOrdered, type JobShape } from './job-shape.ts';
import { problemOf } from './rows.ts';
import type { Scenario } from './scenario.ts';
import type { Violation } from './watch.ts';

/** Virtual, from when the last fault is over. */
const FREE_WITHIN_MS = 20_000;
/** Virtual, for what is being removed, with the second try of what a disk has refused. */
const SWEPT_MS = 500;

export interface EndedJob {
  readonly job: RunningJob;
  readonly cluster: MiniCluster;
  readonly scenario: Scenario;
  readonly shape: JobShape;
  readonly faults: Faults;
  /** Of the jobs before, which were stopped. */
  readonly earlierRows: readonly unknown[];
  readonly isCancelled: boolean;
  readonly isDrained: boolean;
}

/** Undefined: all is well. */
export async function remainsProblem(ended: EndedJob): Promise<Violation | undefined> {
  const { state } = ended.job;
  if (state === 'FAILED' && hasSaidWhatIsDamaged(ended)) return undefined;
  const isWhole = state === 'FINISHED';
  if (!isWhole && !(ended.isCancelled && state === 'CANCELED'))
    return { name: 'job-failed', text: `the job is ${state}` };
  return (
    rowsProblem(ended, isWhole) ??
    (isWhole ? dangling(ended) : undefined) ??
    (await leaks(ended)) ??
    leftAfter(ended, state)
  );
}

/** Whoever removes it waits until nobody writes there any more: for an answer that was lost, as long as for any. */
async function leftAfter(ended: EndedJob, state: JobState): Promise<Violation | undefined> {
  const left = (): Violation | undefined => leftCheckpoints(ended, state) ?? leftFiles(ended);
  if (left() === undefined) return undefined;
  await ended.cluster.clock.advance((ended.scenario.cluster.rpcTimeoutMs ?? 0) + SWEPT_MS);
  return left();
}

function hasSaidWhatIsDamaged({ job, cluster, faults }: EndedJob): boolean {
  const { failures, failure } = cluster.dispatcher.details(job.jobId);
  const told = [...failures.map(({ error }) => error.message), failure?.message ?? ''];
  return [...faults.damaged].some((path) => told.some((message) => message.includes(path)));
}

function rowsProblem(ended: EndedJob, isWhole: boolean): Violation | undefined {
  const { shape, job, earlierRows } = ended;
  const printed = [...earlierRows, ...job.rows.of('rows')] as readonly Row[];
  const inFiles =
    shape.sink === 'print' ? undefined : problemIn(ended, committed(ended), false, isWhole);
  if (inFiles !== undefined) return { name: 'files', text: inFiles };
  // A job that is cancelled leaves rows with its client that are not committed.
  const inRows =
    shape.sink === 'files' || !isWhole
      ? undefined
      : problemIn(ended, printed, isOrdered(shape), true);
  if (inRows !== undefined) return { name: 'rows', text: inRows };
  if (isWhole && hasLostEarly(ended)) return { name: 'rows', text: 'the early rows did not come' };
  return job.rows.hasLostCommitted
    ? { name: 'withdrawn', text: 'committed rows were withdrawn from the client' }
    : undefined;
}

/** Of a job that was not stopped in the middle. */
function hasLostEarly({ shape, scenario, job }: EndedJob): boolean {
  const isOne = scenario.act !== 'stop' && scenario.act !== 'drain' && scenario.act !== 'power-cut';
  const early = [...job.rows.of('early')].map(Number).sort((a, b) => a - b);
  return (
    shape.hasEarly && isOne && early.join() !== Array.from({ length: EARLY }, (_, i) => i).join()
  );
}

function problemIn(
  { shape, isDrained, scenario }: EndedJob,
  rows: readonly Row[],
  hasOrder: boolean,
  isWhole: boolean,
): string | undefined {
  if (isDrained) return drainedProblem(shape, scenario.parallelism, rows, hasOrder);
  return problemOf(rows, answerOf(shape), hasOrder, isWhole);
}

/** Rows of the files under their final names. */
function committed({ cluster: { files } }: EndedJob): Row[] {
  return files.paths
    .filter((path) => path.startsWith('/out/') && !path.includes('/.sluice/'))
    .flatMap((path) => Buffer.from(files.bytesOf(path)).toString().trim().split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

/** Nothing prepared is left. A TaskManager that lived on when it was given up may have left something. */
function dangling({ faults, scenario, cluster }: EndedJob): Violation | undefined {
  if (faults.hasZombies || scenario.act === 'power-cut') return undefined;
  const left = cluster.files.paths.filter((path) => path.includes('/.sluice/'));
  if (left.length === 0) return undefined;
  const text = `the job has finished and left ${left.length} files, such as ${left[0]}`;
  return { name: 'dangling', text };
}

/** All slots are free again, and no thread runs a task. */
async function leaks({ cluster, faults }: EndedJob): Promise<Violation | undefined> {
  const { clock } = cluster;
  const areFree = (): boolean =>
    cluster.resourceManager
      .taskManagers()
      .every(({ slotsFree, slotsTotal }) => slotsFree === slotsTotal);
  const leftMs = Math.max(0, faults.endMs - clock.elapsedMs) + FREE_WITHIN_MS;
  try {
    await clock.play(areFree, 'free slots', leftMs);
    // What is being removed is gone.
    await clock.advance(SWEPT_MS);
  } catch {
    const used = cluster.resourceManager.taskManagers().flatMap(({ jobs }) => jobs).length;
    return { name: 'slots', text: `the job has ended, and ${used} slots are in use` };
  }
  return undefined;
}

/** What is left of its checkpoints: none when it has finished, else those that are to be kept. */
function leftCheckpoints(
  { job, scenario, cluster, faults }: EndedJob,
  state: JobState,
): Violation | undefined {
  const { retained, keepsOnCancel } = scenario.limits;
  const max = state === 'FINISHED' || !keepsOnCancel ? 0 : retained;
  const left = cluster.files.directories.filter(
    (path) => path.includes(`/${job.jobId}/`) && /\/chk-\d+$/.test(path),
  );
  // What a leader was about to write, or to remove, when it died is in nobody's way.
  if (faults.hasHitLeader || left.length <= max) return undefined;
  return { name: 'left-checkpoints', text: `the job has ended and left ${left.join(', ')}` };
}

/** Files that checkpoints have together are of those that are kept. */
function leftFiles({ job, cluster, faults }: EndedJob): Violation | undefined {
  const { directory, kept } = job.master.checkpoints;
  const left = cluster.files.paths.filter((path) => path.startsWith(`${directory}/shared/`));
  const handles = kept.flatMap(({ vertices }) =>
    vertices.flatMap(({ subtasks }) => subtasks.map(({ handle }) => handle)),
  );
  const needed = new Set(handles.flatMap(filesOf).map(({ path }) => path));
  const unneeded = left.filter((path) => !needed.has(path));
  // What a leader was about to write, or to remove, when it died is in nobody's way.
  if (faults.hasHitLeader || unneeded.length === 0) return undefined;
  return { name: 'left-files', text: `the job has ended and left ${unneeded.join(', ')}` };
}
