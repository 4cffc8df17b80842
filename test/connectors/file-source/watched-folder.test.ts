// Folders and patterns that are followed: every file that appears is read once, to its end.

import { appendFileSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  type FilesSourceOptions,
  filesSource,
} from '../../../engine/connectors/file-source/files-source.ts';
import { FakeClock } from '../../harness/fake-clock.ts';
import { temporaryDirectory } from '../../harness/temporary-directory.ts';
import { SourceRun, type SourceSnapshot } from '../source-run.ts';

const LISTING_MS = 1_000;

/** Counts the listings: each asks for the next. */
class CountingClock extends FakeClock {
  listings = 0;

  override after(delayMs: number, call: () => void): Disposable {
    if (delayMs === LISTING_MS) this.listings++;
    return super.after(delayMs, call);
  }
}

class WatchedFolder {
  readonly directory = temporaryDirectory();
  clock = new CountingClock();
  run: SourceRun<FilesSourceOptions>;
  readonly #options: FilesSourceOptions;

  constructor(
    files: Readonly<Record<string, string | Buffer>>,
    options: Partial<FilesSourceOptions> = {},
  ) {
    mkdirSync(join(this.directory, 'in'));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    this.#options = { paths: 'in', format: { name: 'lines' }, follow: true, ...options };
    this.run = this.start(undefined);
  }

  start(restored: SourceSnapshot | undefined, parallelism = 1): SourceRun<FilesSourceOptions> {
    this.clock = new CountingClock();
    this.run = new SourceRun(filesSource, {
      options: this.#options,
      baseDirectory: this.directory,
      clock: this.clock,
      parallelism,
      ...(restored === undefined ? {} : { restored }),
    });
    return this.run;
  }

  path(name: string): string {
    return join(this.directory, 'in', name);
  }

  write(name: string, text: string | Buffer): void {
    writeFileSync(this.path(name), text);
  }

  /** So many listings later, what was handed out is read. */
  async listed(times: number): Promise<unknown[]> {
    for (let i = 0; i < times; i++) {
      const { listings } = this.clock;
      if (listings > 0) this.clock.advance(LISTING_MS);
      await this.run.runUntil(() => this.clock.listings > listings, 'a listing');
    }
    await this.run.runUntil(() => this.#isQuiet(), 'quiet');
    return this.run.values;
  }

  #isQuiet(): boolean {
    return this.run.released.length === this.run.assigned.length;
  }
}

test('what is there is read at once, what appears after two listings, and the source goes on', async () => {
  const folder = new WatchedFolder({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
  expect(await folder.listed(1)).toEqual(['a', 'b']);
  folder.write('c.txt', 'c\n');
  expect(await folder.listed(1)).toEqual(['a', 'b']);
  expect(await folder.listed(1)).toEqual(['a', 'b', 'c']);
  expect(folder.run.subtasks[0]?.result).toBe('nothing');
  expect(folder.run.released).toHaveLength(3);
});

test('a file that is still being copied is waited for', async () => {
  const folder = new WatchedFolder({});
  await folder.listed(1);
  folder.write('a.txt', 'one\n');
  for (let i = 0; i < 3; i++) {
    expect(await folder.listed(1)).toEqual([]);
    appendFileSync(folder.path('a.txt'), 'more\n');
  }
  expect(await folder.listed(2)).toEqual(['one', 'more', 'more', 'more']);
});

test('a file keeps its identity when it is renamed or linked: it is not read again', async () => {
  const folder = new WatchedFolder({ 'a.txt': 'a\n' });
  await folder.listed(1);
  renameSync(folder.path('a.txt'), folder.path('b.txt'));
  linkSync(folder.path('b.txt'), folder.path('c.txt'));
  expect(await folder.listed(3)).toEqual(['a']);
  folder.write('d.txt', 'd\n');
  linkSync(folder.path('d.txt'), folder.path('e.txt'));
  expect(await folder.listed(3)).toEqual(['a', 'd']);
});

test('another file under a known name is read', async () => {
  const folder = new WatchedFolder({ 'a.txt': 'a\n' });
  await folder.listed(1);
  folder.write('new', 'new\n');
  renameSync(folder.path('new'), folder.path('a.txt'));
  expect(await folder.listed(3)).toEqual(['a', 'new']);
  rmSync(folder.path('a.txt'));
  folder.write('a.txt', 'newer\n');
  expect(await folder.listed(3)).toEqual(['a', 'new', 'newer']);
});

test('a file that changes after it was read is not read again, and the log says so once', async () => {
  const folder = new WatchedFolder({ 'a.txt': 'a\n' });
  await folder.listed(1);
  appendFileSync(folder.path('a.txt'), 'more\n');
  expect(await folder.listed(4)).toEqual(['a']);
  const warnings = folder.run.log.lines.filter((line) => line.startsWith('warn'));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(
    `in/a.txt (${folder.path('a.txt')}) changed after it was handed out`,
  );
});

test('from its end, only what appears later is read', async () => {
  const folder = new WatchedFolder({ 'a.txt': 'a\n' }, { startAt: 'end' });
  expect(await folder.listed(1)).toEqual([]);
  folder.write('b.txt', 'b\n');
  expect(await folder.listed(3)).toEqual(['b']);
});

test('a pattern that matches nothing yet is waited for, and the log says so', async () => {
  const folder = new WatchedFolder({}, { paths: 'in/*.csv', format: { name: 'csv' } });
  expect(await folder.listed(1)).toEqual([]);
  expect(folder.run.log.lines.join()).toContain('no file matches in/*.csv');
  folder.write('a.csv', 'x\n1\n');
  expect(await folder.listed(2)).toEqual([{ x: '1' }]);
});

test('a folder that is away for a moment does not make its files new', async () => {
  const folder = new WatchedFolder({ 'a.txt': 'a\n' });
  await folder.listed(1);
  renameSync(join(folder.directory, 'in'), join(folder.directory, 'away'));
  await folder.listed(2);
  renameSync(join(folder.directory, 'away'), join(folder.directory, 'in'));
  expect(await folder.listed(3)).toEqual(['a']);
});

test('after a restore, files that were read are known, and those that came meanwhile are read', async () => {
  const folder = new WatchedFolder({ 'a.txt': 'a\n' });
  await folder.listed(1);
  const restored = folder.run.snapshot();
  folder.run.close();
  folder.write('b.txt', 'b\n');
  folder.start(restored, 2);
  expect(await folder.listed(3)).toEqual(['b']);
});

test('a subtask that failed gets nothing until it asks again', async () => {
  const folder = new WatchedFolder({ 'a.txt': 'a\n' });
  await folder.listed(1);
  folder.run.addSplitsBack([], 0);
  folder.write('b.txt', 'b\n');
  await folder.listed(3);
  expect(folder.run.assigned).toHaveLength(1);
  expect((folder.run.snapshot().enumerator as { pending: unknown[] }).pending).toHaveLength(1);
});

test('what was found and not handed out is in the snapshot', async () => {
  const folder = new WatchedFolder({ 'a.txt': 'a1\na2\n', 'b.txt': 'b\n' });
  await folder.run.runUntil(() => folder.run.values.length === 1, 'one record', 1);
  const { values } = folder.run;
  const restored = folder.run.snapshot();
  folder.run.close();
  folder.start(restored);
  await folder.run.runUntil(() => folder.run.values.length === 2, 'the rest');
  expect([...values, ...folder.run.values]).toEqual(['a1', 'a2', 'b']);
});

test('a file that is named is followed beside a pattern that is watched', async () => {
  const folder = new WatchedFolder({ 'a.txt': 'a\n' }, { paths: ['in/a.txt', 'in/*.log'] });
  const gives = (count: number): Promise<void> =>
    folder.run.runUntil(() => {
      folder.clock.advance(200);
      return folder.run.values.length === count;
    }, `${count} records`);
  await gives(1);
  appendFileSync(folder.path('a.txt'), 'more\n');
  await gives(2);
  folder.write('b.log', 'b\n');
  await gives(3);
  expect(folder.run.values).toEqual(['a', 'more', 'b']);
});

test('files that are named are dealt out evenly', async () => {
  const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt'];
  const folder = new WatchedFolder(Object.fromEntries(names.map((name) => [name, `${name}\n`])), {
    paths: names.map((name) => `in/${name}`),
  });
  folder.run.close();
  const run = folder.start(undefined, 2);
  await run.runUntil(() => run.values.length === 5, 'all files');
  const sets = run.subtasks.map(({ values }) => new Set(values));
  expect(sets).toEqual([new Set(['a.txt', 'c.txt', 'e.txt']), new Set(['b.txt', 'd.txt'])]);
});

test('what a named file is called once it is rotated is not new to a pattern', async () => {
  const folder = new WatchedFolder({ 'a.log': 'one\n' }, { paths: ['in/a.log*', 'in/a.log'] });
  for (const line of ['two', 'three', 'four']) {
    renameSync(folder.path('a.log'), folder.path(`a.log.${line}`));
    folder.write('a.log', `${line}\n`);
    const { listings } = folder.clock;
    await folder.run.runUntil(() => {
      folder.clock.advance(200);
      return folder.run.values.at(-1) === line && folder.clock.listings > listings + 3;
    }, line);
  }
  expect(folder.run.values).toEqual(['one', 'two', 'three', 'four']);
  expect(folder.run.log.lines.join()).not.toContain('changed');
});

test('a gz file that is named does not grow: it is read once', async () => {
  const folder = new WatchedFolder({ 'a.gz': gzipSync('a\n') }, { paths: ['in/a.gz', 'in/*.txt'] });
  expect(await folder.listed(3)).toEqual(['a']);
  expect(folder.run.subtasks[0]?.result).toBe('nothing');
});
