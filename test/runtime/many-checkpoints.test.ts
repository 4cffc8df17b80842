// A thousand checkpoints of one job leave as much on disk as one does, wherever its state is and whether all of it is
// written each time; and ten thousand, in the full run, no more memory in the JobManager than five thousand.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import type { CompletedCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { limits } from '../../engine/core/limits.ts';
import { filesOf, type StateFile } from '../../engine/state/state-handle.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { TestProgram } from '../harness/test-jobs.ts';

const isFull = process.env['SLUICE_TEST_FULL'] !== undefined;
const COUNT = isFull ? 10_000 : 1_000;
/** On the disk a checkpoint costs more, and there are fewer of them. */
const COUNTS = { hashmap: COUNT, lmdb: isFull ? COUNT : 300 };
const ALL_BACKENDS = [
  ['hashmap', false],
  ['hashmap', true],
  ['lmdb', false],
  ['lmdb', true],
] as const;
const RETAINED = 2;
const PARALLELISM = 2;
/** Each vertex of the job in each of its subtasks has a file, and each checkpoint its metadata, twice. */
const SUBTASKS = 2 * PARALLELISM;
const filesMax = (isIncremental: boolean): number =>
  RETAINED * (SUBTASKS + 2) + 2 + (isIncremental ? SUBTASKS * limits.changesFilesMax : 0);
/** Two more: one under way, and one whose removal is. */
const MORE_MEANWHILE = 2 * (SUBTASKS + 2);

const directory = mkdtempSync(join(tmpdir(), 'sluice-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Two vertices with state in every subtask, and nothing that a client would collect. */
const endless: TestProgram = ({ env, discard }) => {
  env
    .generate((i) => ({ key: i % 8, n: i }), { ratePerSecond: 100 })
    .keyBy((row) => row.key)
    .reduce((a, b) => ({ key: a.key, n: a.n + b.n }))
    .sinkTo(discard());
};

const chainsOf = (checkpoint: CompletedCheckpoint | undefined): readonly (readonly StateFile[])[] =>
  (checkpoint?.vertices ?? []).flatMap(({ subtasks }) =>
    subtasks.map(({ handle }) => filesOf(handle)),
  );

/** More than twice what there is, and more than little. */
function isLong(files: readonly StateFile[]): boolean {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return bytes > 2 * (files[0]?.sizeBytes ?? 0) + limits.changesBytesMin;
}

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test.each(ALL_BACKENDS)(
  'many checkpoints leave the files of the latest and no memory: %s, incremental %s',
  { timeout: 200 * COUNT },
  async (backend, isIncremental) => {
    const most = filesMax(isIncremental);
    const count = COUNTS[backend];
    // The virtual clock keeps what was called off until its time: short times, so that it is not that which grows.
    const cluster = new MiniCluster({ rpcTimeoutMs: 500 });
    const job = cluster.submit(endless, {
      'parallelism.default': PARALLELISM,
      'execution.checkpointing.interval': '5 ms',
      'execution.checkpointing.timeout': '1 s',
      'execution.checkpointing.num-retained': RETAINED,
      'execution.checkpointing.incremental': String(isIncremental),
      'state.storage.fs.memory-threshold': 0,
      'state.backend.type': backend,
      'state.backend.lmdb.localdir': directory,
    });
    const { checkpoints } = job.master;
    const { clock, files } = cluster;
    const heaps: number[] = [];
    const local: number[] = [];
    const steps = 10;
    for (let i = 1; i <= steps; i++) {
      const enough = (count * i) / steps;
      await clock.play(() => checkpoints.history.counts.completed >= enough, `${enough} of them`);
      files.operations.length = 0;
      heaps.push(heapBytes());
      local.push(readdirSync(directory, { recursive: true }).length);
      expect(files.paths.length).toBeLessThanOrEqual(most + MORE_MEANWHILE);
      expect(chainsOf(checkpoints.latest).filter(isLong)).toEqual([]);
      // Between two of them there are no others.
      await clock.play(() => files.paths.length <= most, 'what is not needed is gone', 100);
    }
    expect(checkpoints.history.counts.failed).toBe(0);
    expect(local.at(-1)).toBe(local[0]);

    // The first half fills what remembers the latest: histories, events, messages.
    const grown = (heaps.at(-1) ?? 0) - (heaps[steps / 2 - 1] ?? 0);
    if (isFull) expect(grown / (count / 2)).toBeLessThan(200);

    job.master.cancel();
    await cluster.end(job);
    await clock.advance(1_000);
    expect(files.paths).toEqual([]);
  },
);
