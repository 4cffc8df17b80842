// A savepoint of which a byte has changed, a piece or a file is missing: it is found out before a task is
// deployed, whichever byte it is, and the file is named. What stands there twice is made up for.

import { beforeAll, describe, expect, test } from 'vitest';
import type { CompletedCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { JobGraph } from '../../engine/graph/job-graph.ts';
import { jobOrigin } from '../../engine/runtime/jobmaster/job-restore.ts';
import { takeSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { fileError, MemoryFiles } from '../harness/memory-files.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import { stories } from './programs.ts';

const FOLDER = '/savepoint';
const METADATA = `${FOLDER}/_metadata`;
const COPY = `${METADATA}.copy`;

let written: ReadonlyMap<string, Uint8Array>;
let job: JobGraph;

beforeAll(async () => {
  const cluster = new MiniCluster();
  const running = cluster.submit(stories[1].program, {
    'parallelism.default': 2,
    'execution.checkpointing.interval': '40 ms',
    'state.storage.fs.memory-threshold': 0,
    'pipeline.max-parallelism': 4,
  });
  await cluster.clock.play(() => running.rows.of('rows').length >= 20, '20 rows');
  const taken = takeSavepoint(running.master, '/taken', cluster.random);
  const path = await cluster.clock.result(taken);
  job = running.master.job;
  const names = cluster.files.paths.filter((file) => file.startsWith(`${path}/`));
  written = new Map(
    names.map((file) => [file.replace(path, FOLDER), cluster.files.bytesOf(file)] as const),
  );
});

const stateFiles = (): readonly string[] =>
  [...written.keys()].filter((file) => file !== METADATA && file !== COPY);

async function readFrom(
  files: MemoryFiles,
  savepointPath: string,
  onDamage: (text: string) => void = () => undefined,
): Promise<CompletedCheckpoint> {
  const submission = { savepointPath, allowNonRestoredState: false };
  const origin = await jobOrigin(submission, [], job, files, onDamage);
  if (origin?.kind !== 'given') throw new Error('nothing was read');
  return origin.latest;
}

/** With those files as given, and without those that are undefined. */
async function read(
  changed: Readonly<Record<string, Uint8Array | undefined>>,
): Promise<{ readonly found: CompletedCheckpoint; readonly warnings: readonly string[] }> {
  const files = new MemoryFiles();
  await files.makeDirectory(FOLDER);
  for (const [file, bytes] of Object.entries({ ...Object.fromEntries(written), ...changed }))
    if (bytes !== undefined) await files.writeFile(file, bytes);
  const warnings: string[] = [];
  const found = await readFrom(files, FOLDER, (text) => warnings.push(text));
  return { found, warnings };
}

const bytesOf = (file: string): Uint8Array => written.get(file) ?? new Uint8Array();

/** Each with one bit of another byte changed, then each length that is too short. */
function* damages(file: string): Generator<Uint8Array> {
  const whole = bytesOf(file);
  for (let at = 0; at < whole.length; at++) {
    const flipped = Uint8Array.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    yield flipped;
  }
  for (let length = 0; length < whole.length; length++) yield whole.subarray(0, length);
}

test('as it was written it is read, and nothing is said', async () => {
  expect(stateFiles()).toHaveLength(6);
  expect((await read({})).warnings).toEqual([]);
});

test('any byte and any length of a file of state', async () => {
  for (const file of stateFiles())
    for (const damaged of damages(file))
      await expect(read({ [file]: damaged })).rejects.toThrow(`${file} is missing or damaged`);
});

test('any byte and any length of the metadata: the other copy is used, and this one named', async () => {
  const { found } = await read({});
  for (const [file, other] of [
    [METADATA, COPY],
    [COPY, METADATA],
  ] as const) {
    for (const damaged of damages(file)) {
      const { found: repaired, warnings } = await read({ [file]: damaged });
      expect(repaired).toStrictEqual(found);
      expect(warnings).toEqual([expect.stringContaining(`its copy ${other} is used`)]);
      expect(warnings[0]).toContain(`${file}: `);
    }
  }
});

test('any byte and any length of both copies', async () => {
  for (const damaged of damages(METADATA))
    await expect(read({ [METADATA]: damaged, [COPY]: damaged })).rejects.toThrow(
      `no checkpoint can be read from ${FOLDER}: ${METADATA}: `,
    );
});

describe('half of it deleted', () => {
  test('any file of state', async () => {
    for (const file of stateFiles())
      await expect(read({ [file]: undefined })).rejects.toThrow(`${file} is missing or damaged`);
  });

  test('one copy of the metadata is enough, none is not', async () => {
    const { found } = await read({ [METADATA]: undefined });
    expect(found.checkpointId).toBeGreaterThan(0);
    await expect(read({ [METADATA]: undefined, [COPY]: undefined })).rejects.toThrow(
      `${FOLDER} is no savepoint`,
    );
  });
});

test('two files of state that have changed places', async () => {
  const byContent = new Map(stateFiles().map((file) => [bytesOf(file).toString(), file]));
  const files = [...byContent.values()];
  expect(files.length).toBeGreaterThan(3);
  for (const [i, one] of files.entries())
    for (const other of files.slice(i + 1))
      await expect(read({ [one]: bytesOf(other), [other]: bytesOf(one) })).rejects.toThrow(
        'is missing or damaged: it is not the file that was written',
      );
});

test('a folder that may not be read is told from one that is not there', async () => {
  const files = new MemoryFiles();
  files.before = (_, path) => {
    throw fileError('EACCES', path);
  };
  await expect(readFrom(files, `file:${FOLDER}`)).rejects.toThrow(
    `the savepoint ${FOLDER} cannot be read: EACCES`,
  );
});
