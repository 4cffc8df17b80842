// Which of the recorded exchanges can be had again on the lab's cluster, and how: ids of Flink's jobs, vertices
// and TaskManagers become those of the jobs in the same states. For those that cannot, why not.

import type { Exchange } from './exchanges.ts';
import type { LabJob } from './lab.ts';

/** Prefixes of states, the longer before the shorter. */
const JOBS: readonly (readonly [RegExp, LabJob])[] = [
  [/^(?:running-)?after-restart/, 'restarted'],
  [/^cancelled-from-restarting|^cancelled|^cancel-cancelled/, 'cancelled'],
  [/^restarting/, 'restarting'],
  [/^waiting-for-slots/, 'waiting'],
  [/^(?:checkpointing-)?disabled/, 'disabled'],
  [/^(?:finished|mode-|cancel-batch)/, 'finished'],
  [/^failed-(?:checkpoint|failed)/, 'badSnapshots'],
  [/^failed-oldest-completed/, 'restarted'],
  [/^(?:failed|cancel-failed)/, 'failed'],
  [/^snapshot-fails|^stop-snapshot-fails/, 'badSnapshots'],
  [/^adaptive/, 'adaptive'],
  [/^(?:running|other-job|bad-dir|drain|cancel-job)/, 'running'],
  [/^stop-of-finished/, 'finished'],
  [/^cancel-/, 'victim'],
];

/** States that the lab has no job in, and answers that sluice does not have. */
const NOT_HERE: readonly (readonly [RegExp, string])[] = [
  [/^\S+ \S*profiler(?!.* profiler-disabled)/, 'a profiler of the JVM: as a Flink without one'],
  [/^(?!\S+ \S+resource-requirements).* adaptive(?!-web)/, 'the adaptive scheduler'],
  [
    / (?:failed-at-start|missing-savepoint|restored|stopped|stopping|slow)|while-stopping|after-failed-stop/,
    'savepoints',
  ],
  [/savepoint\S* (?!unknown-job|finished|failed).*completed$/, 'savepoints'],
  [/ drain$/, 'a stop of the job that the others are asked of'],
  [/ allow-non-restored$/, 'a submission that waits for its savepoint'],
  [/no-default-dir/, 'a cluster without a folder for savepoints'],
  [/web-(?:submit|cancel).*disabled/, 'a switch that is always on'],
  [/ just-after|in-progress$/, 'a state that lasts milliseconds'],
  [/class-lab\.NotAProgram/, 'a class without a main method'],
];

/** Ids of the vertices of Flink's jobs, by their place in ours. */
const VERTICES: Readonly<Record<string, number>> = {
  '83f320edaa5c770893d6de3ca265003f': 0,
  '01203aa9a12dc1ec725e03853dd7c8f2': 1,
  c317a81df5d98fd8fa1cc70db8dda3ce: 2,
  '66c32ed8f4c60c74f413a003ed2a29c9': 3,
  d88ed14cfcfd99cd321125148b5c530c: 1,
};
const TASK_MANAGER = 'localhost:41645-70cb43';
/** What was made up for the recording stays as it is. */
const ODD = /unknown|malformed|short|uppercase|negative|out-of-range|zzz/;

export interface LabPlaces {
  readonly idOf: (job: LabJob) => string;
  readonly verticesOf: (job: LabJob) => readonly string[];
  readonly completedCheckpointOf: (job: LabJob) => number;
  readonly failedCheckpointOf: (job: LabJob) => number;
  readonly taskManager: string;
  readonly logFile: string;
  /** Id of an uploaded bundle, by the entry that is asked for. */
  readonly bundleOf: (entry: string) => string;
}

/** Why it cannot be replayed; undefined when it can. */
export function whyNot({ endpoint, state }: Exchange): string | undefined {
  return NOT_HERE.find(([pattern]) => pattern.test(`${endpoint} ${state}`))?.[1];
}

const jobOf = ({ endpoint, state }: Exchange): LabJob =>
  endpoint.endsWith('/yarn-cancel')
    ? 'victim'
    : (JOBS.find(([pattern]) => pattern.test(state))?.[1] ?? 'running');

/** The path that asks the lab the same. */
export function pathFor(exchange: Exchange, lab: LabPlaces): string {
  const [path = '', query] = exchange.request.path.split('?');
  const template = (exchange.endpoint.split(' ')[1] ?? '').split('/');
  const job = jobOf(exchange);
  const replaced = path
    .split('/')
    .map((segment, i) => replace(template[i] ?? '', segment, exchange.state, job, lab))
    .join('/');
  if (query === undefined) return replaced;
  return `${replaced}?${ownNames(query).replaceAll(TASK_MANAGER, lab.taskManager)}`;
}

function replace(
  parameter: string,
  segment: string,
  state: string,
  job: LabJob,
  lab: LabPlaces,
): string {
  switch (parameter) {
    case ':jobid':
      return /^[0-9a-f]{32}$/.test(segment) && !segment.startsWith('0123456789')
        ? lab.idOf(job)
        : segment;
    case ':vertexid':
      return segment in VERTICES ? vertexFor(segment, job, lab) : segment;
    case ':checkpointid':
      return ODD.test(state) ? segment : String(checkpointOf(state, job, lab));
    case ':taskmanagerid':
      return segment === TASK_MANAGER ? lab.taskManager : segment;
    case ':jarid':
      return /^[0-9a-f-]{36}_/.test(segment) ? lab.bundleOf(entryOf(state, segment)) : segment;
    case ':filename':
      return segment.startsWith('flink--') ? lab.logFile : segment;
    default:
      return segment;
  }
}

/** The program that a bundle is of, as it is called here. */
function entryOf(state: string, recorded: string): string {
  if (recorded.endsWith('_broken.jar')) return 'broken';
  return /class-lab\.(\w+)/.exec(state)?.[1] ?? (/^ok|^again/.test(state) ? 'deleted' : 'Finished');
}

/** Classes of Flink's jar, as cells of ours. */
export const ownNames = (text: string): string =>
  text.replaceAll(/lab\.(?:Batch|Streaming)/g, 'Finished').replaceAll(/lab\.(\w+)/g, '$1');

/** Ids of vertices of Flink's job, as those of ours. */
export function ownVertices(text: string, exchange: Exchange, lab: LabPlaces): string {
  const job = jobOf(exchange);
  return Object.keys(VERTICES).reduce(
    (replaced, id) => replaced.replaceAll(id, vertexFor(id, job, lab)),
    text,
  );
}

/** Jobs of ours that have fewer vertices answer for those with their first. */
function vertexFor(recorded: string, job: LabJob, lab: LabPlaces): string {
  const own = lab.verticesOf(job);
  return own[VERTICES[recorded] ?? 0] ?? own[0] ?? recorded;
}

const checkpointOf = (state: string, job: LabJob, lab: LabPlaces): number =>
  /^failed-(?:checkpoint|failed)/.test(state)
    ? lab.failedCheckpointOf(job)
    : lab.completedCheckpointOf(job);
