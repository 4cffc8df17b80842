// Tasks that begin anew where they ran go on from their own copies of the checkpoint, and its folder is not read. What
// is wrong with a copy changes nothing but that; and copies go, with the checkpoints and with the job.

import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Configuration } from '../../engine/core/configuration.ts';
import type { OperatorId } from '../../engine/core/ids.ts';
import { silentLogger } from '../../engine/core/logger.ts';
import { localStateDirectory } from '../../engine/entrypoint/local-state.ts';
import type { StateHandle } from '../../engine/state/state-handle.ts';
import { LocalCopies } from '../../engine/task/local-copies.ts';
import { fileError, MemoryFiles } from '../harness/memory-files.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import { temporaryDirectory } from '../harness/temporary-directory.ts';
import { byKey, expectedRows, stories } from './programs.ts';

const [story] = stories;
const LOCAL = '/local/';

/** In a job of two slots, wherever they are, that has some checkpoints behind it. */
class Recovery {
  readonly cluster: MiniCluster;
  readonly job: RunningJob;
  readonly reads: { readonly path: string; readonly machine: string }[] = [];

  constructor(taskManagers: number, more: Readonly<Record<string, string | boolean>> = {}) {
    this.cluster = new MiniCluster({ taskManagers, slotsPerTaskManager: 2 / taskManagers });
    this.job = this.cluster.submit(story.program, {
      'parallelism.default': 2,
      'execution.checkpointing.interval': '20 ms',
      'state.storage.fs.memory-threshold': 0,
      'execution.state-recovery.from-local': true,
      'restart-strategy.type': 'fixed-delay',
      'restart-strategy.fixed-delay.attempts': 100,
      'restart-strategy.fixed-delay.delay': '10 ms',
      ...more,
    });
  }

  get copies(): readonly string[] {
    return this.cluster.files.paths.filter((path) => path.startsWith(LOCAL));
  }

  get readFrom(): { readonly copies: number; readonly folder: number } {
    const copies = this.reads.filter(({ path }) => path.startsWith(LOCAL)).length;
    return { copies, folder: this.reads.length - copies };
  }

  async checkpoints(count: number): Promise<void> {
    const { history } = this.job.master.checkpoints;
    await this.cluster.clock.play(() => history.counts.completed >= count, `${count} checkpoints`);
    await this.cluster.clock.advance(5); // the copies are made behind them
  }

  /** From now on what is read is counted: of what tasks have written. */
  count(): void {
    const state = /\/local\/|\/chk-\d+\/[^_]|\/shared\//;
    this.cluster.files.observe = ({ operation, path, machine }) => {
      const isRead = operation === 'readFile' && this.cluster.files.has(path);
      if (isRead && state.test(path)) this.reads.push({ path, machine });
    };
  }

  /** All tasks have what they go on from. */
  running(): Promise<unknown> {
    const { scheduler, graph } = this.job.master;
    const runs = (): boolean =>
      graph.subtasks.every(({ current }) => ['RUNNING', 'FINISHED'].includes(current.state));
    return this.cluster.clock.play(() => scheduler.restarts > 0 && runs(), 'all tasks run again');
  }

  async end(): Promise<void> {
    expect(await this.cluster.end(this.job, 60_000)).toBe('FINISHED');
    expect(byKey(this.job.rows.of('rows'), story.isOrdered)).toEqual(expectedRows(story));
  }
}

describe.each([
  ['whole', {}],
  ['incremental', { 'execution.checkpointing.incremental': true }],
  ['on disk', { 'state.backend.type': 'lmdb' }],
])('checkpoints that are %s', (_, more) => {
  test('are read from the copies, and nothing of their folder', async () => {
    const recovery = new Recovery(1, more);
    await recovery.checkpoints(3);
    recovery.count();
    recovery.cluster.crashAny();
    await recovery.running();
    expect(recovery.readFrom.folder).toBe(0);
    expect(recovery.readFrom.copies).toBeGreaterThan(1);
    await recovery.end();
  });

  test('have no copies of earlier ones, and none when the job has ended', async () => {
    const recovery = new Recovery(1, more);
    await recovery.checkpoints(5);
    const { latest } = recovery.job.master.checkpoints;
    const files = latest?.vertices.flatMap(({ subtasks }) =>
      subtasks.flatMap(({ handle }) =>
        handle?.kind === 'chain' ? handle.files : handle?.kind === 'file' ? [handle] : [],
      ),
    );
    // Of one that is on its way there may be as many.
    expect(files?.length).toBeGreaterThan(2);
    expect(recovery.copies.length).toBeGreaterThan(0);
    expect(recovery.copies.length).toBeLessThanOrEqual((files?.length ?? 0) * 2);
    await recovery.end();
    await recovery.cluster.clock.advance(1_000);
    expect(recovery.copies).toEqual([]);
  });
});

test('where nobody asks for it there are no copies', async () => {
  const recovery = new Recovery(1, { 'execution.state-recovery.from-local': false });
  await recovery.checkpoints(3);
  expect(recovery.copies).toEqual([]);
  recovery.count();
  recovery.cluster.crashAny();
  await recovery.running();
  expect(recovery.readFrom).toMatchObject({ copies: 0 });
  expect(recovery.readFrom.folder).toBeGreaterThan(0);
});

test('a TaskManager that lives gives its tasks their copies, in place of one that died the folder is read', async () => {
  const recovery = new Recovery(2);
  await recovery.checkpoints(3);
  const placesOf = (): readonly (string | undefined)[] =>
    recovery.job.master.graph.subtasks.map(({ current }) => current.assignment?.taskManager);
  const before = placesOf();
  recovery.count();
  const [killed, survivor] = recovery.cluster.taskManagers;
  if (killed === undefined || survivor === undefined) throw new Error('two TaskManagers');
  recovery.cluster.kill(killed);
  await recovery.running();
  const isBack = placesOf().map((place, i) => place === before[i]);
  expect(isBack).toEqual(before.map((place) => place === survivor.resourceId));
  const { copies, folder } = recovery.readFrom;
  expect([copies > 0, folder > 0]).toEqual([true, true]);
  const at = recovery.reads.filter(({ path }) => path.startsWith(LOCAL));
  for (const { machine } of at) expect(machine).toContain(survivor.resourceId);
  await recovery.end();
});

test('a folder that answers slowly holds nobody up who has a copy', async () => {
  const took = async (fromLocal: boolean): Promise<number> => {
    const recovery = new Recovery(1, { 'execution.state-recovery.from-local': fromLocal });
    const { clock, files } = recovery.cluster;
    await recovery.checkpoints(3);
    const { path = '/' } = recovery.job.master.checkpoints.latest ?? {};
    files.lateMs = (at) => (at.startsWith(`${path}/`) && !at.includes('_metadata') ? 2_000 : 0);
    const { elapsedMs } = clock;
    recovery.cluster.crashAny();
    await recovery.running();
    return clock.elapsedMs - elapsedMs;
  };
  const [without, withCopies] = [await took(false), await took(true)];
  expect(without).toBeGreaterThan(2_000);
  expect(withCopies).toBeLessThan(1_000);
});

describe('a copy that is no good is passed over:', () => {
  test.each<[string, (recovery: Recovery) => unknown]>([
    [
      'a byte of it has changed',
      ({ copies, cluster }) => {
        for (const path of copies) cluster.files.flip(path, 9);
      },
    ],
    [
      'it is gone',
      ({ copies, cluster }) =>
        cluster.clock.result(Promise.all(copies.map((path) => cluster.files.remove(path)))),
    ],
    [
      'it is another one’s',
      ({ copies: [one = '', other = ''], cluster }) => cluster.files.swap(one, other),
    ],
    [
      'its disk fails',
      ({ cluster }) => {
        cluster.files.before = (operation, path) => {
          if (operation === 'readFile' && path.startsWith(LOCAL)) throw fileError('EIO', path);
        };
      },
    ],
  ])('%s', async (_, spoil) => {
    const recovery = new Recovery(1);
    await recovery.checkpoints(3);
    await spoil(recovery);
    recovery.count();
    recovery.cluster.crashAny();
    await recovery.running();
    expect(recovery.readFrom.folder).toBeGreaterThan(0);
    await recovery.end();
  });
});

test('copies of what a task goes on from stay until a later checkpoint is complete, of whichever attempt', async () => {
  const files = new MemoryFiles();
  await files.makeDirectory('/chk');
  const written = async (name: string): Promise<StateHandle> => {
    const bytes = Buffer.from(name);
    await files.writeFile(`/chk/${name}`, bytes);
    return { kind: 'file', path: `/chk/${name}`, sizeBytes: bytes.length, crc: crc32(bytes) };
  };
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) await Promise.resolve();
  };
  const first = new LocalCopies(files, '/mine', silentLogger);
  const handle = await written('one');
  first.keep(1, handle);
  first.onComplete(1);
  await turns();
  const copiesOfOne = files.paths.filter((path) => path.startsWith('/mine'));
  expect(copiesOfOne).toHaveLength(1);
  const second = new LocalCopies(files, '/mine', silentLogger);
  const operatorId = 'operator' as OperatorId;
  const operators = [{ operatorId, oldParallelism: 1, subtasks: [handle], finished: [false] }];
  second.restored({ checkpointId: 1, isGiven: false, operators, isFinished: false });
  second.keep(2, await written('two'));
  second.onAborted(2);
  await turns();
  expect(files.paths.filter((path) => path.startsWith('/mine'))).toEqual(copiesOfOne);
  second.keep(3, await written('three'));
  second.onComplete(3);
  await turns();
  const copies = files.paths.filter((path) => path.startsWith('/mine'));
  expect(copies).toHaveLength(1);
  expect(copies).not.toEqual(copiesOfOne);
});

test('a disk that takes no copies fails no checkpoint', async () => {
  const recovery = new Recovery(1);
  recovery.cluster.files.before = (_, path) => {
    if (path.startsWith(LOCAL)) throw fileError('ENOSPC', path);
  };
  await recovery.checkpoints(5);
  expect(recovery.job.master.checkpoints.history.counts.failed).toBe(0);
  await recovery.end();
});

test('what is left of processes that were killed goes when the next one begins', () => {
  const root = temporaryDirectory();
  // No process has that number: it is above what Linux and macOS give.
  for (const name of ['sluice-local-99999999', `sluice-local-${process.pid}`, 'something else'])
    mkdirSync(join(root, name, 'job'), { recursive: true });
  const configuration = new Configuration({ 'taskmanager.state.local.root-dirs': root });
  const local = localStateDirectory(configuration, silentLogger);
  expect(readdirSync(root)).toEqual([`sluice-local-${process.pid}`, 'something else']);
  return local.close().then(() => expect(readdirSync(root)).toEqual(['something else']));
});
