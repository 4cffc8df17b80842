// Models as a real session makes them: the flights notebook and its job, and jobs that are odd in one way
// each (a diamond, 30 vertices, parallelism 128, failed, restarting, a thousand of them). Everything is a
// function of its arguments, so the demo changes the figures and tests get the same ones each time.

import type {
  ClusterModel,
  EdgeModel,
  JobModel,
  JobState,
  JobSummary,
  TaskManagerModel,
  VertexModel,
} from '../../cli/model/cluster-model.ts';
import { checkpoints } from './fixture-checkpoints.ts';

/** 22 November 2026, 14:02:11 UTC. */
export const NOW = Date.UTC(2026, 10, 22, 14, 2, 11);

export interface VertexOptions {
  readonly operators?: readonly string[];
  readonly parallelism?: number;
  readonly busy?: number | undefined;
  readonly backPressured?: number | undefined;
  readonly perSecond?: number;
  readonly group?: string;
  readonly stateBytes?: number;
  readonly watermarkMs?: number | undefined;
  readonly state?: VertexModel['state'];
  readonly lateRecords?: number;
  /** Of its first subtask. */
  readonly stuckMs?: number;
}

/** Subtasks go to TaskManagers with `slots` slots each, in order, beginning with number `first`. */
export function vertex(id: string, options: VertexOptions = {}, slots = 4, first = 1): VertexModel {
  const { operators = [id], parallelism = 4, busy = 0.3, backPressured = 0 } = options;
  const { perSecond = 12_100, state = 'RUNNING' } = options;
  return {
    id,
    name: operators.join(' -> '),
    parallelism,
    maxParallelism: 128,
    slotSharingGroup: options.group ?? 'default',
    state,
    operators: operators.map((name, i) => ({ name, after: i - 1 })),
    busy,
    backPressured,
    idle: busy === undefined ? undefined : Math.max(0, 1 - busy - (backPressured ?? 0)),
    recordsIn: perSecond * 60,
    recordsOut: perSecond * 60,
    recordsInPerSecond: perSecond,
    recordsOutPerSecond: perSecond,
    lateRecords: options.lateRecords ?? 0,
    watermarkMs: options.watermarkMs,
    stateBytes: options.stateBytes,
    subtasks: Array.from({ length: parallelism }, (_, index) => ({
      index,
      state,
      attempt: 0,
      taskManager: `taskmanager-${Math.floor(index / slots) + first}`,
      slot: index % slots,
      busy,
      backPressured,
      recordsIn: perSecond * 15,
      recordsOut: perSecond * 15,
      watermarkMs: options.watermarkMs,
      stuckMs: index === 0 ? options.stuckMs : undefined,
    })),
  };
}

export function edge(
  source: string,
  target: string,
  shipStrategy = 'HASH',
  notChained: string | undefined = 'keyBy changes partitioning',
): EdgeModel {
  return { source, target, shipStrategy, notChained };
}

export function job(
  name: string,
  vertices: readonly VertexModel[],
  edges: readonly EdgeModel[],
): JobModel {
  const tasks = vertices.reduce((sum, { parallelism }) => sum + parallelism, 0);
  return {
    id: '7f3a9c0152d84be6a1f00c9be2d41c77',
    name,
    state: 'RUNNING',
    startMs: NOW - 754_000,
    endMs: undefined,
    tasksRunning: tasks,
    tasksTotal: tasks,
    vertices,
    edges,
    checkpoints: checkpoints(vertices),
    exceptions: [],
    restarts: 0,
  };
}

/** A source chain, a keyed window, a side output and a print; `beat` moves the figures. */
export function flightsJob(beat = 0): JobModel {
  const wave = (period: number): number => 0.5 + 0.5 * Math.sin(beat / period);
  const eventTime = Date.UTC(2001, 0, 3, 14, 1, 0) + beat * 6_000;
  const flights = vertex('flights', {
    operators: ['Source: flights', 'timestamps', 'delayed'],
    busy: 0.35 + 0.3 * wave(7),
    backPressured: 0.1 * wave(11),
    perSecond: 11_800 + 900 * wave(5),
    watermarkMs: eventTime,
  });
  const window = vertex('perAirport', {
    operators: ['tumbling(1 hour)', 'top 5'],
    busy: 0.55 + 0.4 * wave(9),
    perSecond: 9_300 + 700 * wave(6),
    stateBytes: 1_180_000 + Math.round(90_000 * wave(4)),
    watermarkMs: eventTime - 1_800_000,
    lateRecords: 312 + beat,
  });
  const late = vertex('late', {
    operators: ['count late', 'Sink: print late'],
    parallelism: 1,
    busy: 0.04,
    perSecond: 3.4,
    watermarkMs: eventTime - 1_800_000,
    stateBytes: 96,
  });
  const print = vertex('print', {
    operators: ['Sink: print worst'],
    parallelism: 1,
    busy: 0.02,
    perSecond: 41,
    watermarkMs: eventTime - 1_800_000,
  });
  const edges = [
    edge('flights', 'perAirport'),
    edge('perAirport', 'print', 'REBALANCE', 'parallelism 4 → 1'),
    edge('perAirport', 'late', 'REBALANCE', 'parallelism 4 → 1'),
  ];
  const vertices = [flights, window, print, late];
  return { ...job('worst airports', vertices, edges), checkpoints: checkpoints(vertices, beat) };
}

export function diamondJob(): JobModel {
  return job(
    'diamond',
    [
      vertex('orders', { operators: ['Source: orders'] }),
      vertex('cheap', { operators: ['filter', 'map'], busy: 0.95 }),
      vertex('dear', { operators: ['filter', 'enrich'], backPressured: 0.7 }),
      vertex('union', { operators: ['union', 'Sink: files'] }),
    ],
    [
      edge('orders', 'cheap', 'REBALANCE', 'rebalance()'),
      edge('orders', 'dear', 'REBALANCE', 'rebalance()'),
      edge('cheap', 'union', 'FORWARD', 'two inputs'),
      edge('dear', 'union', 'FORWARD', 'two inputs'),
    ],
  );
}

/** Six ranks of five; each vertex reads one or two of the rank before, some skip a rank. */
export function wideJob(ranks = 6, perRank = 5): JobModel {
  const vertices: VertexModel[] = [];
  const edges: EdgeModel[] = [];
  for (let rank = 0; rank < ranks; rank++) {
    for (let i = 0; i < perRank; i++) {
      const id = `v${rank}${i}`;
      vertices.push(vertex(id, { operators: [`operator ${rank}.${i}`], busy: (i * 0.23) % 1 }));
      if (rank > 0) edges.push(edge(`v${rank - 1}${i}`, id));
      if (rank > 0 && i % 2 === 0) edges.push(edge(`v${rank - 1}${(i + 1) % perRank}`, id));
      if (rank > 1 && i === 3) edges.push(edge(`v${rank - 2}0`, id, 'BROADCAST', 'broadcast()'));
    }
  }
  return job('thirty vertices', vertices, edges);
}

export function parallelJob(): JobModel {
  const options = { parallelism: 128, stateBytes: 48_000_000_000 };
  return job(
    'parallelism 128',
    [
      vertex('source', { ...options, operators: ['Source: generator', 'map'] }, 8),
      vertex('count', { ...options, operators: ['keyed count'], group: 'heavy' }, 8, 17),
    ],
    [edge('source', 'count')],
  );
}

export function failedJob(): JobModel {
  const failed = flightsJob();
  return {
    ...failed,
    state: 'FAILED',
    endMs: NOW - 4_000,
    tasksRunning: 0,
    vertices: failed.vertices.map((v, i) => ({ ...v, state: i === 1 ? 'FAILED' : 'CANCELED' })),
    exceptions: [
      {
        atMs: NOW - 4_000,
        task: 'perAirport (3/4)',
        taskManager: 'taskmanager-1',
        text: "TypeError: Cannot read properties of undefined (reading 'delay')\n    at flights.ts:12:38\n    at tumbling(1 hour), record 48,113: { origin: 'ORD' }",
      },
    ],
  };
}

export function restartingJob(): JobModel {
  const flights = flightsJob();
  return {
    ...flights,
    state: 'RESTARTING',
    restarts: 2,
    tasksRunning: 4,
    vertices: flights.vertices.map((v) => ({
      ...v,
      state: 'SCHEDULED',
      busy: undefined,
      backPressured: undefined,
      subtasks: v.subtasks.map((s) =>
        s.index === 3
          ? { ...s, state: 'SCHEDULED', taskManager: undefined, slot: undefined }
          : { ...s, state: 'DEPLOYING' },
      ),
    })),
    exceptions: [
      {
        atMs: NOW - 900,
        task: undefined,
        taskManager: 'taskmanager-2',
        text: 'TaskManager taskmanager-2 (pid 4712) is gone: killed by SIGKILL',
      },
    ],
  };
}

const STATES: readonly JobState[] = ['RUNNING', 'FINISHED', 'FAILED', 'CANCELED', 'RESTARTING'];

export function manyJobs(count = 1_000): readonly JobSummary[] {
  return Array.from({ length: count }, (_, i) => {
    const state = STATES[(i * 7) % STATES.length] ?? 'RUNNING';
    const startMs = NOW - i * 61_000;
    const hasEnded = state !== 'RUNNING' && state !== 'RESTARTING';
    return {
      id: (0x1000_0000 + i * 7919).toString(16).padStart(32, '0'),
      name: `nightly ${i}`,
      state,
      startMs,
      endMs: hasEnded ? startMs + 41_000 : undefined,
      tasksRunning: hasEnded ? 0 : 9,
      tasksTotal: 9,
    };
  });
}

export function taskManager(index: number, slots: number, used: number): TaskManagerModel {
  return {
    id: `taskmanager-${index}`,
    slots,
    freeSlots: slots - used,
    silentMs: 40,
    memoryBytes: 512 * 1024 * 1024,
    cpu: 0.62,
    residentBytes: 81_000_000,
    pid: 4_710 + index,
  };
}

/** A cluster that runs `jobs`, the first of them looked into. */
export function cluster(
  details: readonly JobModel[],
  taskManagers: readonly TaskManagerModel[] = [taskManager(1, 4, 4), taskManager(2, 4, 0)],
): ClusterModel {
  return {
    address: '127.0.0.1:41877',
    link: 'live',
    version: '2.2-sluice',
    isSluice: true,
    taskManagers,
    slotsTotal: taskManagers.reduce((sum, { slots }) => sum + slots, 0),
    slotsFree: taskManagers.reduce((sum, { freeSlots }) => sum + freeSlots, 0),
    jobs: details,
    details: Object.fromEntries(details.map((one) => [one.id, one])),
  };
}
