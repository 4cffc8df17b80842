// The files sink step by step: what is visible when, and what each step leaves on the disk.

import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type FileCommittable,
  FilesCommitter,
} from '../../../engine/connectors/file-sink/files-committer.ts';
import {
  type FilesSinkOptions,
  filesSinkOn,
} from '../../../engine/connectors/file-sink/files-sink.ts';
import { MachineError } from '../../../engine/core/errors.ts';
import { limits } from '../../../engine/core/limits.ts';
import { temporaryDirectory } from '../../harness/temporary-directory.ts';
import { until } from '../../harness/until.ts';
import { TestSinkContext } from '../sink-context.ts';
import { Disk, diskError } from './disk.ts';

/** A sink that writes to `out` in a folder of its own. */
class Sink {
  readonly disk: Disk;
  readonly context: TestSinkContext;
  readonly writer;
  readonly committer;
  readonly directory: string;

  constructor(
    options: Partial<FilesSinkOptions> = {},
    context: ConstructorParameters<typeof TestSinkContext>[0] = {},
    disk = new Disk(),
  ) {
    this.disk = disk;
    this.context = new TestSinkContext({ baseDirectory: temporaryDirectory(), ...context });
    this.directory = join(this.context.baseDirectory, 'out');
    const all: FilesSinkOptions = { directory: 'out', format: { name: 'lines' }, ...options };
    const connector = filesSinkOn(this.disk);
    this.writer = connector.createWriter(all, this.context);
    this.committer = new FilesCommitter(this.directory, this.context, this.disk);
  }

  write(...records: readonly unknown[]): void {
    for (const record of records) this.writer.write(record, 0);
  }

  async checkpoint(id = 1): Promise<readonly FileCommittable[]> {
    const committables = await this.writer.prepareCommit(id);
    for (const committable of committables) await this.committer.commit(committable);
    return committables;
  }

  /** Visible files with their contents. */
  get files(): Record<string, string> {
    return Object.fromEntries(
      this.#names()
        .filter((name) => !name.startsWith('.'))
        .map((name) => [name, readFileSync(join(this.directory, name), 'utf8')]),
    );
  }

  /** Names of files in progress. */
  get staged(): string[] {
    return this.#names()
      .filter((name) => name.startsWith('.sluice/'))
      .map((name) => name.replace(/^.*?-/, ''));
  }

  #names(): string[] {
    if (!existsSync(this.directory)) return [];
    const entries = readdirSync(this.directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.directory.length + 1))
      .toSorted((a, b) => a.localeCompare(b));
  }
}

/** Contents without names, which hold digests. */
const contentsOf = (sink: Sink): string[] => Object.values(sink.files);

describe('a checkpoint', () => {
  test('makes what was written visible when it is complete, and not before', async () => {
    const sink = new Sink();
    sink.write('a', { b: 1 });
    const [committable, ...others] = await sink.writer.prepareCommit(7);
    expect(others).toEqual([]);
    expect(sink.files).toEqual({});
    expect(sink.staged).toEqual(['0-0-0.c7']);
    await sink.committer.commit(committable as FileCommittable);
    expect(contentsOf(sink)).toEqual(['a\n{"b":1}\n']);
    expect(Object.keys(sink.files)[0]).toMatch(/^part-0-[0-9a-f]{8}-0-0\.txt$/);
    expect(sink.staged).toEqual([]);
  });

  test('has files of its own, and none when nothing was written', async () => {
    const sink = new Sink();
    sink.write('a');
    await sink.checkpoint(1);
    expect(await sink.checkpoint(2)).toEqual([]);
    sink.write('b');
    await sink.checkpoint(3);
    expect(contentsOf(sink)).toEqual(['a\n', 'b\n']);
  });

  test('of a task that is cancelled meanwhile is prepared no further', async () => {
    const sink = new Sink({ rollBytes: 1 });
    sink.write('a', 'b');
    sink.disk.after = (operation) => {
      if (operation.startsWith('rename')) sink.writer.close();
    };
    await sink.writer.prepareCommit(7);
    expect(sink.staged).toEqual(['0-0-0.c7']);
  });

  test('answers only when bytes and names are durable', async () => {
    const sink = new Sink();
    sink.write('a');
    await sink.writer.prepareCommit(1);
    const done = sink.disk.operations.map((operation) => operation.replace(/[0-9a-f]{16}-/, ''));
    expect(done).toEqual([
      'make directory .sluice',
      'create 0-0-0.open',
      'write 0-0-0.open',
      'sync 0-0-0.open',
      'close 0-0-0.open',
      'rename 0-0-0.c1',
      'sync directory .sluice',
    ]);
  });

  test('is committed with the new name durable before the old one goes', async () => {
    const sink = new Sink({ suffix: '.log', prefix: 'x' });
    sink.write('a');
    const [committable] = await sink.writer.prepareCommit(1);
    sink.disk.operations.length = 0;
    await sink.committer.commit(committable as FileCommittable);
    const [final = ''] = Object.keys(sink.files);
    expect(final).toMatch(/^x-0-\w{8}-0-0\.log$/);
    expect(sink.disk.operations.filter((operation) => !operation.startsWith('stat'))).toEqual([
      'make directory out',
      `link ${final}`,
      'sync directory out',
      expect.stringMatching(/^remove .*\.c1$/),
    ]);
  });
});

describe('a commit', () => {
  async function prepared(): Promise<{
    sink: Sink;
    committable: FileCommittable;
    final: string;
    staged: string;
  }> {
    const sink = new Sink();
    sink.write('a');
    const [committable] = (await sink.writer.prepareCommit(1)) as [FileCommittable];
    const final = join(sink.directory, committable.final);
    return { sink, committable, final, staged: join(sink.directory, committable.prepared) };
  }

  test('done again does nothing', async () => {
    const { sink, committable } = await prepared();
    await sink.committer.commit(committable);
    await sink.committer.commit(committable);
    expect(contentsOf(sink)).toEqual(['a\n']);
  });

  test('that was interrupted between the two names is finished', async () => {
    const { sink, committable, final, staged } = await prepared();
    linkSync(staged, final);
    await sink.committer.commit(committable);
    expect(contentsOf(sink)).toEqual(['a\n']);
    expect(sink.staged).toEqual([]);
  });

  test('fails, naming both, when neither file is there', async () => {
    const { sink, committable, final, staged } = await prepared();
    rmSync(staged);
    await expect(sink.committer.commit(committable)).rejects.toMatchObject({
      reason: 'output-gone',
      message: expect.stringContaining(
        `neither the prepared file ${staged} nor the committed one ${final} is there`,
      ),
    });
  });

  test('never replaces a file', async () => {
    const { sink, committable, final } = await prepared();
    writeFileSync(final, 'mine\n');
    await expect(sink.committer.commit(committable)).rejects.toMatchObject({
      reason: 'output-exists',
      message: expect.stringContaining(final),
    });
    expect(readFileSync(final, 'utf8')).toBe('mine\n');
  });

  test('never replaces a file that appears in the last moment', async () => {
    const { sink, committable, final } = await prepared();
    sink.disk.before = (operation) => {
      if (operation.startsWith('link')) writeFileSync(final, 'mine\n');
    };
    await expect(sink.committer.commit(committable)).rejects.toMatchObject({
      reason: 'output-exists',
    });
    expect(readFileSync(final, 'utf8')).toBe('mine\n');
  });

  test('that another attempt makes at the same moment is fine', async () => {
    const { sink, committable, final, staged } = await prepared();
    sink.disk.before = (operation) => {
      if (operation.startsWith('link')) linkSync(staged, final);
    };
    await sink.committer.commit(committable);
    expect(contentsOf(sink)).toEqual(['a\n']);
  });

  test('fails when the prepared file is not as it was written', async () => {
    const { sink, committable, staged } = await prepared();
    writeFileSync(staged, '');
    await expect(sink.committer.commit(committable)).rejects.toMatchObject({
      reason: 'output-damaged',
      message: expect.stringContaining('has 0 bytes, and 2 were written'),
    });
  });

  test('renames where a file can have one name only', async () => {
    const { sink, committable } = await prepared();
    sink.disk.before = (operation) => {
      if (operation.startsWith('link')) throw diskError('EPERM');
    };
    await sink.committer.commit(committable);
    await sink.committer.commit(committable);
    expect(contentsOf(sink)).toEqual(['a\n']);
    expect(sink.staged).toEqual([]);
  });
});

describe('files', () => {
  test('are followed by others when they have their size', async () => {
    const sink = new Sink({ rollBytes: 6 });
    sink.write('aa', 'ß', '🜁', 'd');
    await sink.checkpoint();
    expect(contentsOf(sink)).toEqual(['aa\nß\n', '🜁\nd\n']);
  });

  test('are followed by others when their time is over', async () => {
    const sink = new Sink({ rollMs: 1_000 });
    sink.write('a');
    sink.context.clock.advance(999);
    sink.write('b');
    sink.context.clock.advance(1);
    sink.write('c');
    await sink.checkpoint();
    expect(contentsOf(sink)).toEqual(['a\nb\n', 'c\n']);
    sink.writer.close();
    expect(sink.context.clock.timers).toBe(0);
  });

  test('go to the folder that the bucket function says', async () => {
    const slots = { bucket: (value: { k: unknown }, time: number) => `k=${value.k}/t=${time}` };
    const sink = new Sink({ bucketed: true, format: { name: 'ndjson' } }, { slots });
    for (const k of [1, 2, 1]) sink.write({ k });
    await sink.checkpoint();
    const byFolder = Object.entries(sink.files).map(([name, text]) => [
      name.replace(/part.*/, ''),
      text,
    ]);
    expect(byFolder).toEqual([
      ['k=1/t=0/', '{"k":1}\n{"k":1}\n'],
      ['k=2/t=0/', '{"k":2}\n'],
    ]);
  });

  test('of more buckets than may be open are all written', async () => {
    const count = limits.sinkBucketsOpenMax + 10;
    const slots = { bucket: (value: number) => value };
    const sink = new Sink({ bucketed: true }, { slots }, new Disk(false));
    for (let round = 0; round < 2; round++) for (let i = 0; i < count; i++) sink.write(i);
    await sink.checkpoint();
    const total = contentsOf(sink).join('').trim().split('\n').map(Number);
    expect(total.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 2 * count }, (_, i) => Math.floor(i / 2)),
    );
    const created = sink.disk.operations.filter((operation) => operation.startsWith('create'));
    expect(created.length).toBeGreaterThan(count);
  });

  test.each(['../x', '/x', 'a//b', '.hidden', 'a/./b', 'a\0b', 'x'.repeat(256)])(
    'the bucket %j is refused',
    (bucket) => {
      const sink = new Sink({ bucketed: true }, { slots: { bucket: () => bucket } });
      expect(() => sink.write('a')).toThrow('a bucket is a relative path such as');
    },
  );

  test('with columns begin with the header, each of them', async () => {
    const sink = new Sink({ format: { name: 'csv' }, rollBytes: 8 });
    sink.write({ a: 1, b: null }, { a: 3, b: 'x,y' }, { b: '' });
    await sink.checkpoint();
    expect(contentsOf(sink)).toEqual(['a,b\n1,\n3,"x,y"\n', 'a,b\n,""\n']);
  });

  test('hold no half of a surrogate pair, which UTF-8 would alter', () => {
    expect(() => new Sink().write('a\ud800')).toThrow('half of a surrogate pair');
  });

  test('options that cannot be are refused', () => {
    expect(() => new Sink({ prefix: '.x' })).toThrow('the prefix ".x"');
    expect(() => new Sink({ suffix: '/x' })).toThrow('the suffix "/x"');
    expect(() => new Sink({ rollBytes: 0 })).toThrow('rollBytes is 0; it must be above 0');
  });
});

describe('a disk', () => {
  test('that is slow makes the writer refuse, and wakes it when there is room', async () => {
    const sink = new Sink();
    let go: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      go = resolve;
    });
    sink.disk.before = (operation) => (operation.startsWith('write') ? slow : undefined);
    const record = 'x'.repeat(100_000);
    let written = 0;
    while (sink.writer.isWritable()) {
      sink.write(record);
      written++;
    }
    expect(written).toBe(Math.ceil(limits.sinkBufferBytes / 100_001));
    expect(sink.context.wakes).toBe(0);
    go();
    await until(() => sink.writer.isWritable(), 'room');
    expect(sink.context.wakes).toBe(1);
    await sink.checkpoint();
    expect(contentsOf(sink)[0]).toHaveLength(written * 100_001);
  });

  test('gets what many small files hold, when it is too much together', async () => {
    const slots = { bucket: (value: string) => value[0] };
    const sink = new Sink({ bucketed: true }, { slots }, new Disk(false));
    const buckets = Array.from({ length: 100 }, (_, i) => String.fromCharCode(0x100 + i));
    for (const bucket of buckets) sink.write(bucket.repeat(25_000));
    expect(sink.writer.isWritable()).toBe(false);
    await until(() => sink.writer.isWritable(), 'room');
    sink.writer.close();
  });

  test.each(['make directory', 'create', 'write', 'sync', 'rename', 'sync directory'])(
    'that fails at %s fails the checkpoint, and nothing becomes visible',
    async (failing) => {
      const sink = new Sink();
      sink.disk.before = (operation) => {
        if (operation.replace(/ \S*$/, '') === failing) throw diskError('ENOSPC');
      };
      sink.write('a');
      await expect(sink.writer.prepareCommit(1)).rejects.toMatchObject({
        reason: 'output-unwritable',
        cause: { code: 'ENOSPC' },
      });
      sink.writer.close();
      expect(sink.files).toEqual({});
    },
  );

  test('that is full fails the task between checkpoints, naming the file and what to do', async () => {
    const sink = new Sink();
    sink.disk.before = (operation) => {
      if (operation.startsWith('write')) throw diskError('ENOSPC');
    };
    sink.write('x'.repeat(100_000));
    await until(() => sink.context.failure !== undefined, 'the failure');
    expect(sink.context.failure).toMatchObject({
      reason: 'output-unwritable',
      message: expect.stringMatching(
        /^cannot write .*\/out\/\.sluice\/.*ENOSPC: no; the job goes on .*: free some space$/,
      ),
    });
  });

  test.each([
    ['ENOSPC', true],
    ['EDQUOT', true],
    ['EIO', true],
    ['EROFS', true],
    ['EACCES', false],
    ['ENOTDIR', false],
  ])('that answers %s may mend by itself: %s', async (code, mends) => {
    const sink = new Sink();
    const failing = async (operation: string, act: () => Promise<unknown>): Promise<unknown> => {
      sink.disk.before = (now) => {
        if (now.startsWith(operation)) throw diskError(code);
      };
      return act().then(
        () => undefined,
        (error: unknown) => error,
      );
    };
    sink.write('a');
    const [committable] = await sink.writer.prepareCommit(1);
    sink.write('b');
    const errors = [
      await failing('link', () => sink.committer.commit(committable as FileCommittable)),
      await failing('list', () => sink.committer.abortOthers()),
      await failing('rename', () => sink.writer.prepareCommit(2)),
    ];
    for (const error of errors) {
      expect(error).toMatchObject({ reason: 'output-unwritable', cause: { code } });
      expect(error instanceof MachineError).toBe(mends);
    }
  });

  test('keeps nothing of what a closed writer had not prepared', async () => {
    const sink = new Sink({ rollBytes: 2 });
    sink.write('a');
    await sink.writer.prepareCommit(1);
    sink.write('b');
    sink.write('');
    await until(() => sink.staged.length === 3, 'three files in progress');
    sink.writer.close();
    await until(() => sink.staged.length === 1, 'one file in progress');
    expect(sink.staged).toEqual(['0-0-0.c1']);
    expect(sink.context.failure).toBeUndefined();
  });
});

describe('after a restore', () => {
  const RUN = 'ab'.repeat(8);

  /** Which of these files are left when subtask 1 of 3, in attempt 5, has aborted the others'. */
  async function left(
    names: readonly string[],
    restoredCheckpointId: number | undefined,
  ): Promise<string[]> {
    const sink = new Sink({}, { subtask: 1, parallelism: 3, attempt: 5, restoredCheckpointId });
    sink.write('a');
    await until(() => sink.staged.length === 1, 'a file in progress');
    const [own = ''] = readdirSync(join(sink.directory, '.sluice'));
    const run = own.slice(0, 16);
    mkdirSync(join(sink.directory, '.sluice'), { recursive: true });
    for (const name of names)
      writeFileSync(join(sink.directory, '.sluice', name.replace('RUN', run)), '');
    await sink.committer.abortOthers();
    return readdirSync(join(sink.directory, '.sluice')).map((name) => name.replace(run, 'RUN'));
  }

  test('what earlier attempts left goes, and what may be in a checkpoint stays', async () => {
    const gone = [
      'RUN-1-4-0.open', // of this subtask, earlier
      'RUN-1-0-9.c8', // prepared after the restored checkpoint
      'RUN-4-3-0.open', // of a subtask that no longer exists
      'RUN-7-3-0.c9',
    ];
    const kept = [
      'RUN-1-5-0.open', // this attempt's own
      'RUN-1-4-1.c7', // covered by the restored checkpoint
      'RUN-1-6-0.open', // of a later attempt: we are the zombie
      'RUN-2-4-0.open', // of a subtask that sees to it itself, or is at work
      'RUN-3-4-0.open',
      `${RUN}-1-4-0.open`, // of another job or sink
      'notes.txt',
    ];
    const names = [...gone, ...kept].filter((name) => name !== 'RUN-1-5-0.open');
    expect(new Set(await left(names, 7))).toEqual(new Set(kept));
  });

  test('from nothing, all that earlier attempts of this subtask left goes', async () => {
    expect(await left(['RUN-1-4-0.open', 'RUN-1-4-1.c7'], undefined)).toEqual(['RUN-1-5-0.open']);
  });

  test('a sink that has not written yet has nothing to abort', async () => {
    await new Sink().committer.abortOthers();
  });
});
