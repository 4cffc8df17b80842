// Every view on every fixture, by name: what show.ts prints, what the property tests draw at all sizes, and
// what the pictures are taken of.

import type { ClusterModel, JobModel } from '../../cli/model/cluster-model.ts';
import { headerView } from '../../cli/ui/chrome/header.ts';
import { statusLineView } from '../../cli/ui/chrome/status-line.ts';
import { planView } from '../../cli/ui/plan/plan.ts';
import type { Look } from '../../cli/ui/text/look.ts';
import { cellsView } from '../../cli/ui/views/cells.ts';
import { checkpointsView } from '../../cli/ui/views/checkpoints.ts';
import { exceptionsView } from '../../cli/ui/views/exceptions.ts';
import { jobsView } from '../../cli/ui/views/jobs.ts';
import { logsView } from '../../cli/ui/views/logs.ts';
import { outputView } from '../../cli/ui/views/output.ts';
import { slotsView } from '../../cli/ui/views/slots.ts';
import { subtasksView } from '../../cli/ui/views/subtasks.ts';
import { notebook, output } from './fixture-notebook.ts';
import {
  cluster,
  diamondJob,
  failedJob,
  flightsJob,
  manyJobs,
  NOW,
  parallelJob,
  restartingJob,
  taskManager,
  wideJob,
} from './fixtures.ts';

import type { Models } from './hostile.ts';

export type Draw = (width: number, height: number, look: Look) => readonly string[];

const empty = 'no job yet';

const plan =
  (job: JobModel | undefined, vertex?: string): Draw =>
  (width, height, look) =>
    planView({ job, vertex, nowMs: NOW, empty }, width, height, look);

const checkpoints =
  (job: JobModel | undefined): Draw =>
  (width, height, look) =>
    checkpointsView({ job, scroll: 0, nowMs: NOW, empty }, width, height, look);

const exceptions =
  (job: JobModel | undefined): Draw =>
  (width, height, look) =>
    exceptionsView({ job, scroll: 0, nowMs: NOW, empty }, width, height, look);

const subtasks =
  (job: JobModel | undefined, vertex?: string): Draw =>
  (width, height, look) =>
    subtasksView({ job, vertex, scroll: 0, nowMs: NOW, empty }, width, height, look);

const logs =
  (lines: readonly string[] | undefined, problem?: string): Draw =>
  (width, height, look) => {
    const log = lines === undefined ? undefined : { taskManager: 'tm-1', lines, problem };
    return logsView({ log, scroll: 0 }, width, height, look);
  };

const slots =
  (of: ClusterModel | undefined): Draw =>
  (width, height, look) =>
    slotsView({ cluster: of, scroll: 0 }, width, height, look);

const jobs =
  (of: ClusterModel | undefined, filter = ''): Draw =>
  (width, height, look) =>
    jobsView({ cluster: of, job: of?.jobs[3]?.id, filter, nowMs: NOW }, width, height, look);

const rows =
  (total: number, row?: number): Draw =>
  (width, height, look) =>
    outputView(
      { output: output(total), row, isFrozen: row !== undefined, missed: 3, filter: '' },
      width,
      height,
      look,
    );

const cells =
  (of: ClusterModel | undefined, cell: number): Draw =>
  (width, height, look) =>
    cellsView(
      { notebook: notebook(), cluster: of, cell, scroll: 0, nowMs: NOW },
      width,
      height,
      look,
    );

const header =
  (of: ClusterModel | undefined, job: JobModel | undefined): Draw =>
  (width, height, look) =>
    headerView(
      { notebook: notebook(), cluster: of, job, isEmbedded: true, hasJobName: false, nowMs: NOW },
      width,
      height,
      look,
    );

const LOG = [
  '2026-11-22 14:02:09,120 INFO  org.apache.flink.runtime.taskexecutor.TaskExecutor [] - Started',
  '2026-11-22 14:02:10,001 WARN  org.apache.flink.runtime.taskmanager.Task [] - Numbers (1/2) failed',
  'java.lang.IllegalStateException: reached 42',
  '\tat Endless.main(Endless.java:23)',
  '2026-11-22 14:02:11,500 ERROR org.apache.flink.runtime.taskexecutor.TaskExecutor [] - Lost',
];

/** As after so many looks, each with other figures. */
function withLook(job: JobModel): JobModel {
  const wave = (scale: number): readonly number[] =>
    Array.from({ length: 120 }, (_, i) => scale * (1 + Math.sin(i / 7)));
  const history = {
    recordsInPerSecond: wave(6_000),
    recordsOutPerSecond: wave(3_000),
    busy: wave(0.5),
    backPressured: wave(0.1),
  };
  return { ...job, vertices: job.vertices.map((vertex) => ({ ...vertex, history })) };
}

const live = cluster([flightsJob()], [taskManager(1, 4, 4)]);
const crowded = cluster(
  [parallelJob()],
  Array.from({ length: 32 }, (_, i) => taskManager(i + 1, 8, 8)),
);

/** Every view on the given models, with selections and scrolling at odd places. */
export function viewsOf(models: Models): readonly Draw[] {
  const { job, cluster: of, notebook: book, output: printed } = models;
  const common = {
    cluster: of,
    notebook: book,
    job,
    isEmbedded: false,
    hasJobName: true,
    nowMs: NOW,
  };
  return [
    plan(job, job.vertices[0]?.id),
    checkpoints(job),
    exceptions(job),
    subtasks(job, job.vertices[1]?.id),
    logs(job.exceptions.map(({ text }) => text)),
    logs([], job.name),
    slots(of),
    jobs(of),
    (width, height, look) =>
      cellsView(
        { notebook: book, cluster: of, cell: 3, scroll: 7, nowMs: NOW },
        width,
        height,
        look,
      ),
    (width, height, look) => headerView(common, width, height, look),
    (width, height, look) => statusLineView({ ...common, rows: 3 }, width, height, look),
    (width, height, look) =>
      outputView(
        { output: printed, row: 4, isFrozen: true, missed: -1, filter: '' },
        width,
        height,
        look,
      ),
  ];
}

export const SHOWN: Readonly<Record<string, Readonly<Record<string, Draw>>>> = {
  plan: {
    flights: plan(flightsJob(), 'perAirport'),
    diamond: plan(diamondJob(), 'dear'),
    wide: plan(wideJob(), 'v23'),
    parallel: plan(parallelJob()),
    failed: plan(failedJob(), 'perAirport'),
    restarting: plan(restartingJob()),
    none: plan(undefined),
  },
  slots: {
    flights: slots(live),
    restarting: slots(cluster([restartingJob()], [taskManager(1, 4, 3)])),
    crowded: slots(crowded),
    // Its first TaskManager is gone, another job has two slots of the second, and that one is silent.
    lost: slots(cluster([flightsJob()], [{ ...taskManager(2, 4, 2), silentMs: 7_000 }])),
    none: slots(undefined),
  },
  checkpoints: {
    flights: checkpoints(flightsJob(6)),
    crowded: checkpoints(parallelJob()),
    none: checkpoints(undefined),
  },
  subtasks: {
    flights: subtasks(withLook(flightsJob()), 'perAirport'),
    parallel: subtasks(parallelJob()),
    none: subtasks(undefined),
  },
  logs: {
    some: logs(LOG),
    refused: logs([], 'no such TaskManager'),
    asking: logs(undefined),
  },
  exceptions: { failed: exceptions(failedJob()), restarting: exceptions(restartingJob()) },
  jobs: { many: jobs({ ...live, jobs: manyJobs() }), filtered: jobs(live, 'nothing') },
  output: { following: rows(1_204), selected: rows(1_204, 1_190), none: rows(0) },
  cells: { live: cells(live, 2), broken: cells(undefined, 3) },
  header: {
    live: header(live, flightsJob()),
    restarting: header(live, restartingJob()),
    none: header(undefined, undefined),
  },
  beats: { 'plan 0': plan(flightsJob(0)), 'plan 3': plan(flightsJob(3)) },
  status: {
    live: (width, height, look) =>
      statusLineView(
        {
          notebook: notebook(),
          cluster: live,
          job: flightsJob(),
          isEmbedded: true,
          hasJobName: false,
          nowMs: NOW,
          rows: 1_204,
        },
        width,
        height,
        look,
      ),
  },
};

/** By name, which must be one of the above. */
export function shown(view: string, fixture: string): Draw {
  const draw = SHOWN[view]?.[fixture];
  if (draw === undefined) throw new Error(`no view ${view} of ${fixture}`);
  return draw;
}
