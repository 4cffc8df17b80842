// A thousand checkpoints of one job leave as much on disk as one does, wherever its state is; and ten thousand, in
// the full run, no more memory in the JobManager than five thousand.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { TestProgram } from '../harness/test-jobs.ts';

const isFull = process.env['SLUICE_TEST_FULL'] !== undefined;
const COUNT = isFull ? 10_000 : 1_000;
/** On the disk a checkpoint costs more, and there are fewer of them. */
const COUNTS = { hashmap: COUNT, lmdb: isFull ? COUNT : 300 };
const RETAINED = 2;
const PARALLELISM = 2;
/** Each vertex of the job in each of its subtasks has a file, and each checkpoint its metadata, twice. */
const SUBTASKS = 2 * PARALLELISM;
const FILES_MAX = RETAINED * (SUBTASKS + 2) + 2;
/** Two more: one under way, and one whose removal is. */
const FILES_MAX_MEANWHILE = FILES_MAX + 2 * (SUBTASKS + 2);

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

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test.each<'hashmap' | 'lmdb'>(['hashmap', 'lmdb'])(
  'many checkpoints leave the files of the latest and no memory: %s',
  { timeout: 200 * COUNT },
  async (backend) => {
    const count = COUNTS[backend];
    // The virtual clock keeps what was called off until its time: short times, so that it is not that which grows.
    const cluster = new MiniCluster({ rpcTimeoutMs: 500 });
    const job = cluster.submit(endless, {
      'parallelism.default': PARALLELISM,
      'execution.checkpointing.interval': '5 ms',
      'execution.checkpointing.timeout': '1 s',
      'execution.checkpointing.num-retained': RETAINED,
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
      expect(files.paths.length).toBeLessThanOrEqual(FILES_MAX_MEANWHILE);
      // Between two of them there are no others.
      await clock.play(() => files.paths.length <= FILES_MAX, 'what is not needed is gone', 100);
    }
    expect(checkpoints.history.counts.failed).toBe(0);
    expect(local.at(-1)).toBe(local[0]);

    // The first half fills what remembers the latest: histories, events, messages.
    const grown = (heaps.at(-1) ?? 0) - (heaps[steps / 2 - 1] ?? 0);
    if (isFull) expect(grown / (count / 2)).toBeLessThan(400);

    job.master.cancel();
    await cluster.end(job);
    await clock.advance(1_000);
    expect(files.paths).toEqual([]);
  },
);
