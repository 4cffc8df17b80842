// Jobs on a real embedded cluster, each in one of the states in which Flink's were when its answers were
// recorded: one runs, one has failed after two restarts, one waits for slots that never come …

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CellBundler } from '../../../cli/compiler/bundle-cell.ts';
import { NotebookParser } from '../../../cli/compiler/parse-notebook.ts';
import { type CompiledCell, JobBuilder } from '../../../cli/run/job-builder.ts';
import { systemClock } from '../../../engine/core/system-clock.ts';
import {
  type EmbeddedCluster,
  startEmbeddedCluster,
} from '../../../engine/entrypoint/embedded-cluster.ts';
import { ProgramRunner } from '../../../engine/entrypoint/program-runner.ts';
import { encodeBundle } from '../../../engine/program/bundle.ts';
import type { JobView } from '../../../engine/rest/job-view.ts';
import { RestClient } from '../../../engine/rest/rest-client.ts';
import { type Answer, type Asked, ask } from '../endpoint.ts';

const NOTEBOOK = `
import { discard, env, seconds, sum, tumbling, watermarks } from 'sluice';

// %% Lab
const numbers = env
  .generate((i) => ({ key: 'k' + (i % 4), value: i, at: i * 10 }), { ratePerSecond: 400 })
  .withWatermarks(watermarks.boundedOutOfOrderness(0).every(1), ({ at }) => at);
const throwing = (when: (attempt: number, value: number) => boolean) =>
  numbers.process({
    process(number, ctx, out) {
      if (when(ctx.attempt, number.value)) throw new Error('planted failure', { cause: new Error('inner') });
      out.collect(number);
    },
  });

// %% Running
const parsed = numbers.process({
  open(ctx) {
    this.seen = ctx.accumulators.counter('seen');
    this.average = ctx.accumulators.average('avg-value');
    this.keys = ctx.accumulators.histogram('key-histogram');
    this.counter = ctx.metrics.group('lab').counter('labCounter');
    ctx.metrics.gauge('labGauge', () => 42);
    this.meter = ctx.metrics.meter('labMeter');
    this.histogram = ctx.metrics.histogram('labHistogram');
  },
  process(n, ctx, out) {
    this.seen.add();
    this.average.add(n.value);
    this.keys.add(n.value % 4);
    this.counter.inc();
    this.meter.mark();
    this.histogram.update(n.value % 100);
    out.collect(n);
  },
}).name('Parse');
const stamped = parsed.filter(({ value }) => value >= 0).name('Positive');
const sums = stamped
  .keyBy(({ key }) => key)
  .window(tumbling({ size: seconds(1) }))
  .aggregate(sum(({ value }) => value), (key, _, total) => ({ key, total }))
  .name('Window sum');
sums.keyBy(({ key }) => key).reduce((a, b) => ({ ...a, total: a.total + b.total })).name('Total').sinkTo(discard());
stamped.map((n) => n).name('Busy').setParallelism(1).sinkTo(discard());

// %% Adaptive
sums.keyBy(({ key }) => key).reduce((a, b) => ({ ...a, total: a.total + b.total })).sinkTo(discard());

// %% Finished
env.fromSequence(1, 100).keyBy((n) => n % 3).count().sinkTo(discard());

// %% Failing
throwing(() => true).sinkTo(discard());

// %% Recovering
throwing((attempt, value) => attempt === 0 && value > 20).sinkTo(discard());

// %% Snapshotting
numbers.process({
  process(number, _, out) { out.collect(number); },
  snapshotState() { throw new Error('planted failure of a snapshot'); },
}).sinkTo(discard());

// %% Boom
if (numbers !== undefined) throw new Error('planted failure in main');
env.fromSequence(1, 2).sinkTo(discard());

// %% NoJob
const nothing = 1;
`;

export type LabJob =
  | 'running'
  | 'finished'
  | 'failed'
  | 'restarting'
  | 'restarted'
  | 'cancelled'
  | 'waiting'
  | 'disabled'
  | 'badSnapshots'
  | 'victim'
  | 'adaptive';

const RESTARTS = {
  'sluice.restart.user-errors': 'strategy',
  'restart-strategy.type': 'fixed-delay',
  'restart-strategy.fixed-delay.attempts': '2',
  'restart-strategy.fixed-delay.delay': '1 ms',
};
const CHECKPOINTS = { 'execution.checkpointing.interval': '100 ms' };

interface Definition {
  readonly cell: string;
  readonly configuration: Readonly<Record<string, string>>;
  /** It is in its state, and what is to be seen of it has been reported. */
  readonly isThere: (job: JobView) => boolean;
}

const hasRates = ({ vertices }: JobView): boolean =>
  vertices.every(({ subtasks }) => subtasks.every(({ busy }) => busy !== null));

const DEFINITIONS: Readonly<Record<LabJob, Definition>> = {
  running: {
    cell: 'Running',
    configuration: CHECKPOINTS,
    isThere: (job) => hasRates(job) && job.checkpoints.completed > 2,
  },
  finished: { cell: 'Finished', configuration: {}, isThere: ({ state }) => state === 'FINISHED' },
  failed: {
    cell: 'Failing',
    configuration: { ...RESTARTS, ...CHECKPOINTS },
    isThere: ({ state }) => state === 'FAILED',
  },
  restarting: {
    cell: 'Failing',
    configuration: { ...RESTARTS, 'restart-strategy.fixed-delay.delay': '1 h' },
    isThere: ({ state, vertices }) =>
      state === 'RESTARTING' && vertices.every((vertex) => vertex.state !== 'RUNNING'),
  },
  restarted: {
    cell: 'Recovering',
    configuration: { ...RESTARTS, ...CHECKPOINTS },
    isThere: (job) => job.restarts > 0 && job.checkpoints.completed > 0 && hasRates(job),
  },
  cancelled: {
    cell: 'Running',
    configuration: CHECKPOINTS,
    isThere: ({ state }) => state === 'CANCELED',
  },
  disabled: { cell: 'Running', configuration: {}, isThere: hasRates },
  badSnapshots: {
    cell: 'Snapshotting',
    configuration: {
      ...CHECKPOINTS,
      'execution.checkpointing.tolerable-failed-checkpoints': '1000000',
    },
    isThere: ({ checkpoints }) => checkpoints.failed > 2,
  },
  victim: { cell: 'Running', configuration: {}, isThere: hasRates },
  adaptive: { cell: 'Adaptive', configuration: CHECKPOINTS, isThere: hasRates },
  // The last: it takes what slots are left.
  waiting: {
    cell: 'Running',
    configuration: {
      'parallelism.default': '40',
      'slot.request.timeout': '1 h',
      'sluice.slot.shortage-timeout': '1 h',
    },
    isThere: ({ waitsFor }) => waitsFor !== null,
  },
};

const PATIENCE_MS = 20_000;

export class Lab {
  readonly client: RestClient;
  readonly #cluster: EmbeddedCluster;
  readonly #ids: Readonly<Record<LabJob, string>>;
  /** By the cell; and one that is none. */
  readonly bundles: ReadonlyMap<string, string>;

  private constructor(cluster: EmbeddedCluster, client: RestClient, { ids, bundles }: Submitted) {
    this.bundles = bundles;
    this.#cluster = cluster;
    this.client = client;
    this.#ids = ids;
  }

  /** Resolves when every job is in its state. */
  static async open(directory: string): Promise<Lab> {
    const cluster = await startEmbeddedCluster({
      configuration: {
        'parallelism.default': '2',
        'taskmanager.numberOfTaskSlots': '20',
        'slotmanager.number-of-slots.max': '20',
        'sluice.taskmanager.share': 'true',
        'sluice.taskmanager.spares': '0',
        'test.password': 'canary',
        'execution.checkpointing.savepoint-dir': join(directory, 'savepoints'),
      },
    });
    const client = new RestClient({ url: cluster.restUrl, token: cluster.token });
    const submitted = await submitAll(client, directory);
    const { ids } = submitted;
    await client.cancel(ids.cancelled);
    await Promise.all(
      Object.entries(DEFINITIONS).map(([job, { isThere }]) =>
        untilJob(client, ids[job as LabJob], job, isThere),
      ),
    );
    return new Lab(cluster, client, submitted);
  }

  idOf(job: LabJob): string {
    return this.#ids[job];
  }

  get token(): string {
    return this.#cluster.token;
  }

  ask(path: string, asked: Asked = {}): Promise<Answer> {
    const headers = { ...asked.headers, authorization: `Bearer ${this.#cluster.token}` };
    return ask(Number(new URL(this.#cluster.restUrl).port), path, { ...asked, headers });
  }

  async close(): Promise<void> {
    this.client.close();
    await this.#cluster.close();
  }
}

interface Submitted {
  readonly ids: Readonly<Record<LabJob, string>>;
  readonly bundles: ReadonlyMap<string, string>;
}

async function submitAll(client: RestClient, directory: string): Promise<Submitted> {
  const bundler = new CellBundler();
  const programs = new ProgramRunner({
    clock: systemClock,
    timeoutMs: 30_000,
    onOutput: () => undefined,
  });
  const settings = { parameters: {}, configuration: {}, environment: {}, isShown: false };
  const builder = new JobBuilder(bundler, programs, settings);
  const path = join(directory, 'lab.ts');
  writeFileSync(path, NOTEBOOK);
  const notebook = new NotebookParser().parse(path, NOTEBOOK);
  const compiled = async (cell: string): Promise<CompiledCell> => {
    const index = notebook.cells.findIndex(({ title }) => title === cell);
    const result = await builder.compile(notebook, index);
    if (result.status === 'failed') throw new Error(JSON.stringify(result.errors));
    return result.cell;
  };
  try {
    const ids: [string, string][] = [];
    for (const [job, { cell, configuration }] of Object.entries(DEFINITIONS)) {
      const built = await builder.plan(await compiled(cell));
      if (built.status !== 'built') throw new Error(JSON.stringify(built));
      const header = { configuration, baseDirectory: directory, attached: false };
      ids.push([job, await client.submit({ header, ...built.job })]);
    }
    const bundles = new Map([['broken', 'not a bundle']]);
    for (const cell of ['Finished', 'Boom', 'NoJob']) {
      const { bundle } = await compiled(cell);
      bundles.set(cell, Buffer.from(encodeBundle(bundle)).toString());
    }
    bundles.set('deleted', bundles.get('Finished') ?? '');
    return { ids: Object.fromEntries(ids) as Record<LabJob, string>, bundles };
  } finally {
    programs.close();
    await bundler.stop();
  }
}

async function untilJob(
  client: RestClient,
  id: string,
  name: string,
  isThere: (job: JobView) => boolean,
): Promise<void> {
  const giveUpAt = systemClock.monotonic() + PATIENCE_MS;
  for (;;) {
    const job = await client.job(id);
    if (isThere(job)) return;
    if (systemClock.monotonic() > giveUpAt)
      throw new Error(`job ${name} did not come to its state: ${JSON.stringify(job)}`);
    await new Promise<void>((resolve) => systemClock.after(50, resolve));
  }
}
