// A file that grows and is rotated: nothing lost, nothing twice, across restores too.

import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FilesSourceOptions,
  filesSource,
} from '../../../engine/connectors/file-source/files-source.ts';
import type { Timer } from '../../../engine/core/clock.ts';
import { FakeClock } from '../../harness/fake-clock.ts';
import { temporaryDirectory } from '../../harness/temporary-directory.ts';
import { turns } from '../../harness/until.ts';
import { SourceRun, type SourceSnapshot } from '../source-run.ts';

/** Counts how often a reader has come to the end of its file and means to look again. */
class CountingClock extends FakeClock {
  looks = 0;

  override after(delayMs: number, call: () => void): Timer {
    if (delayMs === LOOK_MS) this.looks++;
    return super.after(delayMs, call);
  }
}

const LOOK_MS = 200;

/** A log file, its writer, and a job that follows it. */
class FollowedLog {
  readonly directory = temporaryDirectory();
  readonly path = join(this.directory, 'app.log');
  readonly options: FilesSourceOptions;
  clock = new CountingClock();
  run: SourceRun<FilesSourceOptions>;

  constructor(content: string, options: Partial<FilesSourceOptions> = {}) {
    writeFileSync(this.path, content);
    this.options = { paths: 'app.log', format: { name: 'lines' }, follow: true, ...options };
    this.run = this.start(undefined);
  }

  start(restored: SourceSnapshot | undefined): SourceRun<FilesSourceOptions> {
    const { options, directory: baseDirectory } = this;
    const more = restored === undefined ? {} : { restored };
    this.clock = new CountingClock();
    const { clock } = this;
    this.run = new SourceRun(filesSource, { options, baseDirectory, clock, ...more });
    return this.run;
  }

  append(text: string): void {
    appendFileSync(this.path, text);
  }

  /** As logrotate does: app.log.1 becomes app.log.2, app.log becomes app.log.1. */
  rotate(content?: string): void {
    const rotated = (n: number): string => `${this.path}.${n}`;
    let last = 1;
    while (existsSync(rotated(last))) last++;
    for (let n = last; n > 1; n--) renameSync(rotated(n - 1), rotated(n));
    renameSync(this.path, rotated(1));
    if (content !== undefined) writeFileSync(this.path, content);
  }

  /** Lets the reader look at the file again and again, until it has given so many records. */
  async gives(count: number): Promise<unknown[]> {
    await this.run.runUntil(
      () => {
        this.clock.advance(LOOK_MS);
        return this.run.values.length >= count;
      },
      `${count} records, have ${JSON.stringify(this.run.values)}`,
    );
    return this.run.values;
  }

  /** Reader and enumerator have done all that can be done at this moment. */
  async waits(): Promise<void> {
    await this.run.runUntil(() => this.clock.timers === 2, 'reader and enumerator wait');
  }

  /** Lets the reader come to the end several times, and gives what it has given. */
  async looksAgain(): Promise<unknown[]> {
    const { looks } = this.clock;
    await this.run.runUntil(() => {
      this.clock.advance(LOOK_MS);
      return this.clock.looks >= looks + 4;
    }, 'four looks');
    this.run.pollAwake();
    return this.run.values;
  }
}

describe('a growing file', () => {
  test('is read as it grows, and a last line waits for its end', async () => {
    const log = new FollowedLog('one\ntw');
    expect(await log.gives(1)).toEqual(['one']);
    expect(await log.looksAgain()).toEqual(['one']);
    log.append('o');
    expect(await log.looksAgain()).toEqual(['one']);
    log.append('\r\nthree\n');
    expect(await log.gives(3)).toEqual(['one', 'two', 'three']);
    expect(log.run.subtasks[0]?.result).toBe('nothing');
  });

  test('is looked at every 200 ms, also where the system does not tell of changes', async () => {
    const log = new FollowedLog('one\n');
    // The folder that is watched holds a link; what the link leads to is elsewhere.
    const elsewhere = join(temporaryDirectory(), 'real.log');
    renameSync(log.path, elsewhere);
    symlinkSync(elsewhere, log.path);
    log.start(undefined);
    expect(await log.gives(1)).toEqual(['one']);
    await log.waits();
    log.append('two\n');
    log.clock.advance(199);
    await turns();
    log.run.pollAwake();
    expect(log.run.values).toEqual(['one']);
    log.clock.advance(1);
    await log.run.runUntil(() => log.run.values.length === 2, 'the second line');
  });

  test('is looked at 10 ms after the system tells of a change', async () => {
    const log = new FollowedLog('one\n');
    await log.gives(1);
    await log.looksAgain();
    await log.waits();
    log.append('two\n');
    await log.run.runUntil(() => log.clock.timers === 3, 'the hint');
    expect(log.clock.nextTimerMs).toBe(10);
    log.clock.advance(10);
    await log.run.runUntil(() => log.run.values.length === 2, 'the second line');
  });

  test('leaves no timer and no open file behind', async () => {
    const log = new FollowedLog('one\n');
    await log.gives(1);
    await log.waits();
    log.run.close();
    await turns();
    expect(log.clock.timers).toBe(1); // the enumerator's context drops that one
  });

  test('has lines as long as they may be', async () => {
    const line = 'x'.repeat(3_000_000);
    const log = new FollowedLog(`one\n${line}`);
    await log.gives(1);
    expect(await log.looksAgain()).toEqual(['one']);
    log.append('\ntwo\n');
    expect(await log.gives(3)).toEqual(['one', line, 'two']);
  });

  test('from its end, begins with the first line that begins there', async () => {
    for (const content of ['old\n', 'old\nhalf', '']) {
      const log = new FollowedLog(content, { startAt: 'end' });
      await log.looksAgain();
      log.append(' a line\nnew\n');
      const expected = content === 'old\nhalf' ? ['new'] : [' a line', 'new'];
      expect(await log.gives(expected.length)).toEqual(expected);
    }
  });

  test('from its end, is read from its beginning when it was replaced meanwhile', async () => {
    const log = new FollowedLog('old\n', { startAt: 'end' });
    await log.looksAgain();
    const restored = log.run.snapshot();
    rmSync(log.path);
    log.start(restored);
    writeFileSync(log.path, 'one\ntwo\n');
    expect(await log.gives(2)).toEqual(['one', 'two']);
  });

  test('as csv from its end, is read whole after a rotation, restored or not', async () => {
    const log = new FollowedLog('a\n1\n2\n3\n', { format: { name: 'csv' }, startAt: 'end' });
    await log.looksAgain();
    log.rotate('a\n');
    await log.looksAgain();
    log.start(log.run.snapshot());
    await log.looksAgain();
    log.append('4\n');
    expect(await log.gives(1)).toEqual([{ a: '4' }]);
  });

  test('as csv from its end, still knows its columns', async () => {
    const log = new FollowedLog('a,b\n1,2\n3,"4\n4"\n', {
      format: { name: 'csv' },
      startAt: 'end',
    });
    await log.looksAgain();
    const restored = log.run.snapshot();
    log.append('5,6\n');
    expect(await log.gives(1)).toEqual([{ a: '5', b: '6' }]);
    log.start(restored);
    expect(await log.gives(1)).toEqual([{ a: '5', b: '6' }]);
  });

  test('that is not there at the start fails the job', async () => {
    const run = new SourceRun(filesSource, {
      options: { paths: 'no.log', format: { name: 'lines' }, follow: true },
      baseDirectory: temporaryDirectory(),
    });
    expect((await run.runUntilFailure()).message).toContain('there is no file no.log');
  });
});

describe('rotation', () => {
  test('the old file is read to its end, then the new one', async () => {
    const log = new FollowedLog('one\n');
    await log.gives(1);
    log.append('two\n');
    log.rotate('three\n');
    expect(await log.gives(3)).toEqual(['one', 'two', 'three']);
    expect(log.run.log.lines).toContain(`info app.log (${log.path}) was rotated`);
  });

  test('what a writer still adds to the old file is read first', async () => {
    const log = new FollowedLog('one\n');
    await log.gives(1);
    const writer = openSync(log.path, 'a');
    log.rotate('');
    await log.looksAgain();
    writeSync(writer, 'two\n');
    expect(await log.gives(2)).toEqual(['one', 'two']);
    log.append('four\n');
    writeSync(writer, 'three\n');
    closeSync(writer);
    expect(await log.gives(4)).toEqual(['one', 'two', 'three', 'four']);
  });

  test('a partial line is ended in the old file after that was renamed', async () => {
    const log = new FollowedLog('one\ntw');
    await log.gives(1);
    const writer = openSync(log.path, 'a');
    log.rotate();
    await log.looksAgain();
    writeSync(writer, 'o\n');
    closeSync(writer);
    writeFileSync(log.path, 'three\n');
    expect(await log.gives(3)).toEqual(['one', 'two', 'three']);
  });

  test('a partial line whose end never came is a record of its own', async () => {
    const log = new FollowedLog('one\ntw');
    await log.gives(1);
    log.rotate('three\n');
    expect(await log.gives(3)).toEqual(['one', 'tw', 'three']);
  });

  test('a name without a file is waited for', async () => {
    const log = new FollowedLog('one\n');
    await log.gives(1);
    log.rotate();
    expect(await log.looksAgain()).toEqual(['one']);
    writeFileSync(log.path, 'two\n');
    expect(await log.gives(2)).toEqual(['one', 'two']);
  });

  test('a file that was deleted is read to its end all the same', async () => {
    const log = new FollowedLog('one\n');
    await log.gives(1);
    log.append('two\n');
    rmSync(log.path);
    writeFileSync(log.path, 'three\n');
    expect(await log.gives(3)).toEqual(['one', 'two', 'three']);
  });

  test('several rotations between two looks lose nothing', async () => {
    const log = new FollowedLog('one\n');
    await log.gives(1);
    writeFileSync(`${log.path}.err`, 'not of this log\n');
    log.append('two\n');
    for (let i = 0; i < 11; i++) log.rotate(`file ${i}\n`);
    expect(await log.gives(13)).toEqual([
      'one',
      'two',
      ...Array.from({ length: 11 }, (_, i) => `file ${i}`),
    ]);
  });

  test('rotation by date is followed too', async () => {
    const log = new FollowedLog('one\n');
    await log.gives(1);
    renameSync(log.path, `${log.path}-20240130`);
    writeFileSync(log.path, 'two\n');
    renameSync(log.path, `${log.path}-20240131`);
    writeFileSync(log.path, 'three\n');
    expect(await log.gives(3)).toEqual(['one', 'two', 'three']);
  });

  test('every file of a csv log has its own header', async () => {
    const log = new FollowedLog('a,b\n1,2\n', { format: { name: 'csv' } });
    await log.gives(1);
    log.rotate('b,a\n3,4\n');
    expect(await log.gives(2)).toEqual([
      { a: '1', b: '2' },
      { a: '4', b: '3' },
    ]);
  });
});

describe('truncation', () => {
  test('a file that is shorter begins anew', async () => {
    const log = new FollowedLog('one\ntwo\n');
    await log.gives(2);
    truncateSync(log.path);
    await log.looksAgain();
    log.append('three\n');
    expect(await log.gives(3)).toEqual(['one', 'two', 'three']);
    expect(log.run.log.lines).toContain(`info app.log (${log.path}) was truncated`);
  });

  test.each([
    ['the same size', 'onE\ntwO\n'],
    ['more', 'three\nfour\nfive\n'],
  ])('a file that was truncated and has grown to %s begins anew', async (_, content) => {
    const log = new FollowedLog('one\ntwo\n');
    await log.gives(2);
    writeFileSync(log.path, content);
    const added = content.trimEnd().split('\n');
    expect(await log.gives(2 + added.length)).toEqual(['one', 'two', ...added]);
  });

  test('a partial line that was cut off is a record of its own', async () => {
    const log = new FollowedLog('one\ntw');
    await log.gives(1);
    await log.looksAgain();
    truncateSync(log.path);
    log.append('3\n');
    expect(await log.gives(3)).toEqual(['one', 'tw', '3']);
  });

  test('copying and truncating, as logrotate can, gives every line once', async () => {
    const log = new FollowedLog('one\ntwo\n');
    await log.gives(2);
    copyFileSync(log.path, `${log.path}.1`);
    truncateSync(log.path);
    log.append('three\n');
    expect(await log.gives(3)).toEqual(['one', 'two', 'three']);
    expect(await log.looksAgain()).toHaveLength(3);
  });
});

describe('restore', () => {
  test('continues with the next record, and a partial line is read again', async () => {
    const log = new FollowedLog('one\ntwo\nthr');
    await log.gives(2);
    const restored = log.run.snapshot();
    log.append('ee\nfour\n');
    log.start(restored);
    expect(await log.gives(2)).toEqual(['three', 'four']);
  });

  test('finds the file under the name that it has by now, and those that came after it', async () => {
    const log = new FollowedLog('one\ntwo\n');
    await log.gives(2);
    const restored = log.run.snapshot();
    log.append('three\n');
    log.rotate('four\n');
    log.rotate('five\n');
    log.start(restored);
    expect(await log.gives(3)).toEqual(['three', 'four', 'five']);
    expect(log.run.log.lines.join()).not.toContain('lost');
  });

  test('recognises a file that was truncated and has grown past the position', async () => {
    const log = new FollowedLog('one\ntwo\n');
    await log.gives(2);
    const restored = log.run.snapshot();
    writeFileSync(log.path, 'three\nfour\nfive\n');
    log.start(restored);
    expect(await log.gives(3)).toEqual(['three', 'four', 'five']);
  });

  test('says what is lost when the file is nowhere, and reads the new one, however it begins', async () => {
    const head = 'x'.repeat(300);
    const log = new FollowedLog(`${head}\ntwo\n`);
    await log.gives(2);
    const restored = log.run.snapshot();
    rmSync(log.path);
    writeFileSync(log.path, `${head}\nfour\nfive\n`);
    log.start(restored);
    expect(await log.gives(3)).toEqual([head, 'four', 'five']);
    expect(log.run.log.lines.join()).toContain('what it had after byte 305 is lost');
  });

  test('looks twice before it takes a file for lost', async () => {
    const log = new FollowedLog('one\ntwo\n');
    await log.gives(2);
    const restored = log.run.snapshot();
    log.append('three\n');
    renameSync(log.path, join(log.directory, 'between-two-names'));
    writeFileSync(log.path, 'four\n');
    log.start(restored);
    await log.run.runUntil(() => log.clock.looks === 1, 'the first look');
    renameSync(join(log.directory, 'between-two-names'), `${log.path}.1`);
    expect(await log.gives(2)).toEqual(['three', 'four']);
  });

  test('waits for a name that has no file for the moment', async () => {
    const log = new FollowedLog('one\n');
    await log.gives(1);
    const restored = log.run.snapshot();
    rmSync(log.path);
    log.start(restored);
    expect(await log.looksAgain()).toEqual([]);
    writeFileSync(log.path, 'two\n');
    expect(await log.gives(1)).toEqual(['two']);
  });
});

describe('any story', () => {
  /** Writes and reads, and knows what a reader that never fails and never looks away would give. */
  class Story {
    readonly log = new FollowedLog('');
    readonly expected: string[] = [];
    readonly given: unknown[] = [];
    #last = '';

    readonly steps = {
      appendLine: () => this.append('line\n'),
      appendPart: () => this.append('part'),
      appendMuch: () => this.append('1\r\n\n3\n4'),
      read: () => this.read(),
      rotate: () => this.rotate(),
      truncate: () => this.truncate(),
      restore: () => this.restore(),
    };

    append(text: string): void {
      // No two files begin alike, so that one that was truncated can be told from what it was.
      const isNew = readFileSync(this.log.path).length === 0;
      const written = isNew ? `${this.expected.length}:${text}` : text;
      this.log.append(written);
      const parts = (this.#last + written).split('\n');
      this.#last = parts.pop() ?? '';
      this.expected.push(...parts.map((part) => part.replace(/\r$/, '')));
    }

    /** The new file is not empty: until its writer has moved on, the old one may still grow. */
    rotate(): void {
      this.log.rotate('');
      this.endFile();
      this.append('');
    }

    /** What was not read before is gone, for any reader. */
    async truncate(): Promise<void> {
      await this.read();
      await this.log.looksAgain();
      truncateSync(this.log.path);
      this.endFile();
      await this.read();
    }

    async read(): Promise<void> {
      await this.log.gives(this.expected.length - this.given.length);
    }

    restore(): void {
      this.given.push(...this.log.run.values);
      const restored = this.log.run.snapshot();
      this.log.run.close();
      this.log.start(restored);
    }

    endFile(): void {
      if (this.#last !== '') this.expected.push(this.#last);
      this.#last = '';
    }
  }

  const names = [
    'appendLine',
    'appendPart',
    'appendMuch',
    'read',
    'rotate',
    'truncate',
    'restore',
  ] as const;

  test('of writing, rotating, truncating, reading and restoring gives every line once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...names), { maxLength: 14 }), async (steps) => {
        const story = new Story();
        await story.log.looksAgain();
        for (const name of steps) await story.steps[name]();
        story.rotate();
        story.append('end\n');
        await story.read();
        expect([...story.given, ...story.log.run.values]).toEqual(story.expected);
      }),
      { numRuns: 40 },
    );
  });
});
