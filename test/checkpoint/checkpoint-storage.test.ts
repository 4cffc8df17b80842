// Checkpoints on a disk that fails, loses power and flips bits.

import { expect, test } from 'vitest';
import type { CompletedCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { CheckpointStorage, readCheckpoint } from '../../engine/checkpoint/checkpoint-storage.ts';
import type { OperatorId, VertexId } from '../../engine/core/ids.ts';
import { fileError, MemoryFiles } from '../harness/memory-files.ts';

const PATH = '/jobs/j/chk-7';
const CHECKPOINT: CompletedCheckpoint = {
  checkpointId: 7,
  kind: 'checkpoint',
  triggerMs: 1,
  path: PATH,
  vertices: [
    {
      vertex: 'v' as VertexId,
      operators: ['o' as OperatorId],
      names: ['Map'],
      parallelism: 2,
      maxParallelism: 128,
      subtasks: [
        {
          handle: { kind: 'inline', bytes: Uint8Array.of(1, 2) },
          isFinished: false,
          hasSharedLists: true,
        },
        { handle: undefined, isFinished: true, hasSharedLists: false },
      ],
    },
  ],
  coordinators: [['o' as OperatorId, { files: new Map([['a', 1n]]), at: new Date(7) }]],
};

async function stored(): Promise<{ files: MemoryFiles; storage: CheckpointStorage }> {
  const files = new MemoryFiles();
  const storage = new CheckpointStorage(files, '/jobs/j');
  await storage.prepare(PATH);
  await storage.store(CHECKPOINT);
  return { files, storage };
}

test('what was stored is read back, also after the power was lost', async () => {
  const { files, storage } = await stored();
  expect(storage.pathOf(7)).toBe(PATH);
  files.losePower();
  expect(await readCheckpoint(files, PATH)).toStrictEqual(CHECKPOINT);
});

test('it is durable only when it says so: names are synced last', async () => {
  const { files } = await stored();
  expect(files.operations).toEqual([
    `makeDirectory ${PATH}`,
    `writeFile ${PATH}/_metadata.copy`,
    `writeFile ${PATH}/_metadata`,
    `syncDirectory ${PATH}`,
  ]);
});

test('one damaged copy is repaired by the other, whichever byte was hit', async () => {
  for (const name of ['_metadata', '_metadata.copy']) {
    const { files } = await stored();
    const { length } = files.bytesOf(`${PATH}/${name}`);
    for (let i = 0; i < length; i++) {
      files.flip(`${PATH}/${name}`, i, 0x10);
      expect(await readCheckpoint(files, PATH)).toStrictEqual(CHECKPOINT);
      files.flip(`${PATH}/${name}`, i, 0x10);
    }
  }
});

test('two damaged copies are never taken for a checkpoint', async () => {
  const { files } = await stored();
  const { length } = files.bytesOf(`${PATH}/_metadata`);
  files.flip(`${PATH}/_metadata.copy`, 20);
  for (let i = 0; i < length; i++) {
    files.flip(`${PATH}/_metadata`, i, 0x01);
    await expect(readCheckpoint(files, PATH)).rejects.toMatchObject({
      reason: 'checkpoint-unreadable',
    });
    files.flip(`${PATH}/_metadata`, i, 0x01);
  }
});

test('two copies that are each whole but not one of the other are not one checkpoint', async () => {
  const { files, storage } = await stored();
  const copy = files.bytesOf(`${PATH}/_metadata.copy`);
  await storage.store({ ...CHECKPOINT, triggerMs: 2 });
  await files.writeFile(`${PATH}/_metadata.copy`, copy);
  await expect(readCheckpoint(files, PATH)).rejects.toThrow(
    `${PATH}/_metadata and ${PATH}/_metadata.copy are of two checkpoints`,
  );
});

test('a cut copy is not taken either', async () => {
  const { files } = await stored();
  const whole = files.bytesOf(`${PATH}/_metadata`);
  await files.remove(`${PATH}/_metadata.copy`);
  for (let length = 0; length < whole.length; length += 3) {
    await files.writeFile(`${PATH}/_metadata`, whole.subarray(0, length));
    await expect(readCheckpoint(files, PATH)).rejects.toThrow(/no checkpoint can be read from/);
  }
});

test('where there is none, and one of another version, is told with the files', async () => {
  const { files } = await stored();
  await expect(readCheckpoint(files, '/elsewhere')).rejects.toThrow(
    'no checkpoint can be read from /elsewhere: /elsewhere/_metadata: ENOENT: /elsewhere/_metadata; /elsewhere/_metadata.copy: ENOENT: /elsewhere/_metadata.copy',
  );
  for (const name of ['_metadata', '_metadata.copy']) files.flip(`${PATH}/${name}`, 4, 1 ^ 9);
  await expect(readCheckpoint(files, PATH)).rejects.toThrow(
    'format version 9, this sluice reads versions 1 and 2',
  );
});

test('the files of its subtasks are named from where it stands', async () => {
  const { files, storage } = await stored();
  const handle = { kind: 'file', path: `${PATH}/v-0`, sizeBytes: 1, crc: 2 } as const;
  const vertices = CHECKPOINT.vertices.map((vertex) => ({
    ...vertex,
    subtasks: [{ handle, isFinished: false, hasSharedLists: false }],
  }));
  await storage.store({ ...CHECKPOINT, vertices });
  await files.makeDirectory('/moved');
  await files.rename(`${PATH}/_metadata`, '/moved/_metadata');
  const found = await readCheckpoint(files, '/moved');
  expect(found.path).toBe('/moved');
  expect(found.vertices[0]?.subtasks[0]?.handle).toEqual({ ...handle, path: '/moved/v-0' });
});

test('a disk without room is told, whatever it fails at', async () => {
  for (const operation of ['makeDirectory', 'writeFile', 'syncDirectory']) {
    const files = new MemoryFiles();
    files.before = (now, path) => {
      if (now === operation) throw fileError('ENOSPC', path);
    };
    const storage = new CheckpointStorage(files, '/jobs/j');
    const attempt = storage.prepare(PATH).then(() => storage.store(CHECKPOINT));
    await expect(attempt).rejects.toMatchObject({ code: 'ENOSPC' });
  }
});

test('a checkpoint is removed with all that stands in its directory, and no other', async () => {
  const { files, storage } = await stored();
  await storage.prepare('/jobs/j/chk-8');
  await files.writeFile('/jobs/j/chk-7/state-of-a-subtask', Uint8Array.of(1));
  await files.writeFile('/jobs/j/chk-8/state-of-a-subtask', Uint8Array.of(1));
  await storage.remove(PATH);
  expect(files.paths).toEqual(['/jobs/j/chk-8/state-of-a-subtask']);
  await storage.remove(PATH);
  await storage.remove(storage.directory);
  expect([files.paths, files.directories]).toEqual([[], ['/', '/jobs']]);
});
