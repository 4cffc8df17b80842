// A16: bundles and data are given to nobody who only guesses. Fails without the fence in
// JobMaster.requestBlob, which was tried.

import { expect, test } from 'vitest';
import type { BlobKey, FencingToken } from '../../engine/core/ids.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import { stories } from './programs.ts';

const [story] = stories;

test('a blob is not given out for the id of a job, nor to whoever led it before', async () => {
  const cluster = new MiniCluster({ taskManagers: 1 });
  const { master } = cluster.submit(story.program, {});
  const { bundle } = master.submission;
  for (const guess of [master.jobId, '0'.repeat(32), '', '__proto__'])
    expect(() => master.requestBlob(guess as string as FencingToken, bundle)).toThrow(
      'has another JobMaster',
    );
  expect(() => master.requestBlob('' as FencingToken, '../../etc/passwd' as BlobKey)).toThrow(
    'has another JobMaster',
  );
});
