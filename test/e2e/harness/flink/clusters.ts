// The same endless job on a real Flink and on a sluice: what is expected of verbs and screen is expected on
// both.

import { setTimeout as sleep } from 'node:timers/promises';
import { Place } from '../tool.ts';
import { jarOf } from './java.ts';
import { RealFlink } from './real-flink.ts';

/** A cluster that is up, for one test. */
interface Opened {
  readonly place: Place;
  /** `host:port`. */
  readonly address: string;
  /** Where savepoints may go. */
  readonly folder: string;
  /** The jar or the notebook with that job. */
  readonly program: string;
  /** Submits the job `Endless` at parallelism 2; resolves with its id when all its tasks run. */
  submit(): Promise<string>;
}

export interface ClusterKind {
  readonly name: string;
  open(): Promise<Opened>;
  close(): Promise<void>;
}

export const ENDLESS = `import { env } from 'sluice';
// %% Endless
env.generate((i) => i, { ratePerSecond: 1000 }).keyBy((i) => i % 7).reduce((a, b) => Math.max(a, b)).print();
`;

/** One for all tests of a file: it takes long to come up. */
export function realFlink(version: string): ClusterKind {
  let started: Promise<{ readonly flink: RealFlink; readonly jar: string }> | undefined;
  const start = async (): Promise<{ readonly flink: RealFlink; readonly jar: string }> => {
    const flink = await RealFlink.start({ version });
    return { flink, jar: await jarOf('Endless.java', flink.home, flink.folder) };
  };
  return {
    name: `Flink ${version}`,
    async open() {
      started ??= start();
      const { flink, jar } = await started;
      const place = new Place();
      return {
        place,
        address: flink.address,
        folder: `${flink.folder}/savepoints`,
        program: jar,
        async submit() {
          // What stands behind the jar is its program's.
          const job = ['run', '-m', flink.address, '--parallelism', '2', '--detached', jar];
          const { out, err } = await place.run(...job);
          return running(flink.address, jobIdIn(out + err));
        },
      };
    },
    async close() {
      await (await started)?.flink.stop();
    },
  };
}

/** One for each test. */
export const sluiceCluster: ClusterKind = {
  name: 'sluice',
  async open() {
    const place = new Place();
    const notebook = place.write('endless.ts', ENDLESS);
    const cluster = place.start(
      ...['cluster', '--rest-port', '0', '--slots', '4', '--quiet'],
      ...['-D', 'execution.checkpointing.interval=1 s'],
      ...['-D', `execution.checkpointing.savepoint-dir=${place.folder}/savepoints`],
    );
    const [, address = ''] = await cluster.until(/ready: http:\/\/(127\.0\.0\.1:\d+)$/m);
    return {
      place,
      address,
      folder: `${place.folder}/savepoints`,
      program: notebook,
      async submit() {
        const job = ['run', notebook, '-m', address, '--parallelism', '2', '--detached'];
        const { out, err } = await place.run(...job);
        return running(address, jobIdIn(out + err));
      },
    };
  },
  close: () => Promise.resolve(),
};

/** The same id, when all tasks of the job run. */
async function running(address: string, id: string): Promise<string> {
  for (let looks = 0; looks < 300; looks++) {
    const { jobs } = (await (await fetch(`http://${address}/jobs/overview`)).json()) as JobsAnswer;
    const tasks = jobs.find(({ jid }) => jid === id)?.tasks;
    if (tasks !== undefined && tasks.running === tasks.total) return id;
    await sleep(100);
  }
  throw new Error(`the tasks of ${id} never ran`);
}

interface JobsAnswer {
  readonly jobs: readonly {
    readonly jid: string;
    readonly tasks: { readonly running: number; readonly total: number };
  }[];
}

function jobIdIn(text: string): string {
  const id = /JobID ([0-9a-f]{32})/.exec(text)?.[1];
  if (id === undefined) throw new Error(`no job id in:\n${text}`);
  return id;
}
