// Reading files to their ends: which files, in which parts, from which position.

import { appendFileSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fileParts } from '../../../engine/connectors/file-source/file-split.ts';
import {
  type FilesSourceOptions,
  filesSource,
} from '../../../engine/connectors/file-source/files-source.ts';
import { temporaryDirectory } from '../../harness/temporary-directory.ts';
import { turns } from '../../harness/until.ts';
import { SourceRun, type SourceRunSettings, type SourceSnapshot } from '../source-run.ts';

const LINES = { name: 'lines' } as const;

/** Writes files below a new folder; those named .gz are zipped. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  }
  return directory;
}

function start(
  directory: string,
  options: Partial<FilesSourceOptions> & Pick<FilesSourceOptions, 'paths'>,
  more: Partial<SourceRunSettings<FilesSourceOptions>> = {},
): SourceRun<FilesSourceOptions> {
  return new SourceRun(filesSource, {
    options: { format: LINES, ...options },
    baseDirectory: directory,
    ...more,
  });
}

const inOrder = (records: readonly unknown[]): unknown[] =>
  records.toSorted((a, b) => String(a).localeCompare(String(b)));
const numbered = (count: number, prefix = 'line'): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix} ${i}`);
const asText = (records: readonly string[]): string =>
  records.map((record) => `${record}\n`).join('');

describe('which files', () => {
  const files = {
    'a.txt': 'a\n',
    'b.csv': 'b\n',
    'deep/c.txt': 'c\n',
    'deep/er/d1.txt': 'd1\n',
    'deep/er/d2.txt.gz': 'd2\n',
    'deep/_temporary/e.txt': 'e\n',
    '.hidden.txt': 'h\n',
    'deep/.sluice/f.txt': 'f\n',
    'x[1].txt': 'x\n',
  };

  test.each([
    ['a.txt', ['a']],
    ['*.txt', ['a', 'x']],
    ['.*.txt', ['h']],
    ['**/*.txt', ['a', 'e', 'c', 'd1', 'x']],
    ['**', ['a', 'b', 'e', 'c', 'd1', 'd2', 'x']],
    ['deep', ['c', 'd1', 'd2']],
    ['deep/', ['c', 'd1', 'd2']],
    ['./deep/*/d?.txt*', ['d1', 'd2']],
    ['deep/er/d[!2-9].txt', ['d1']],
    ['{a,b,deep/{c,z}}.{txt,csv}', ['a', 'b', 'c']],
    ['x[1].txt', ['x']],
    [
      ['b.csv', 'a.txt', '*.csv'],
      ['b', 'a'],
    ],
  ])('%j', async (paths, expected) => {
    const run = start(folderWith(files), { paths });
    expect(await run.run()).toEqual(expected);
  });

  test('absolute paths and patterns are what they are', async () => {
    const directory = folderWith(files);
    const run = start('/', { paths: [join(directory, 'a.txt'), join(directory, '*.csv')] });
    expect(await run.run()).toEqual(['a', 'b']);
  });

  test('a link from a folder to one above it does not lead in circles', async () => {
    const directory = folderWith({ 'in/a.txt': 'a\n' });
    symlinkSync(join(directory, 'in'), join(directory, 'in', 'again'));
    expect(await start(directory, { paths: 'in/**/*.txt' }).run()).toEqual(['a']);
  });

  test.each([
    ['no.txt', 'there is no file no.txt (DIR/no.txt). Relative paths are relative to the notebook'],
    ['a.txt/b', 'there is no file a.txt/b (DIR/a.txt/b)'],
    ['*.json', 'no file matches *.json (DIR/*.json)'],
    [
      'empty',
      'the directory empty (DIR/empty) has no files. Put some there, or wait for them with follow',
    ],
    ['/dev/null', 'cannot read /dev/null: it is neither a file nor a folder'],
  ])('%s fails and says why', async (paths, message) => {
    const directory = folderWith(files);
    mkdirSync(join(directory, 'empty'));
    const error = await start(directory, { paths: ['a.txt', paths] }).runUntilFailure();
    expect(error.message.replaceAll(directory, 'DIR')).toContain(message);
  });

  test('options that contradict one another are refused', () => {
    const refused = (options: Partial<FilesSourceOptions>) => () =>
      start('/', { paths: 'x', ...options });
    expect(refused({ startAt: 'end' })).toThrow("startAt: 'end' without follow: true");
    expect(refused({ paths: [] })).toThrow('paths is empty');
    expect(refused({ format: { name: 'csv', delimiter: '"' } })).toThrow('csv delimiter');
  });
});

describe('what they hold', () => {
  test('flights and earthquakes as they come', async () => {
    const directory = folderWith({
      'flights.csv.gz':
        'time,origin,destination,distance,delay\n2001-01-01T00:01,ANC,LAX,2345,-13\n2001-01-01T00:01,ATL,SAV,215,19\n',
      'quakes.csv.gz':
        'updated,time,id,magnitude,place\n1517365391235,1517365101235,ak1,2.3,"81km WNW of Skagway, Alaska"\n1517365391236,1517365101236,ak2,,"x"\n',
    });
    const columns = (types: object) =>
      Object.entries(types).map(([name, type]) => ({ name, type }));
    const flights = { time: 'local-time', origin: 'string', distance: 'int', delay: 'int' };
    const quakes = { time: 'time', magnitude: 'float?', place: 'string' };
    const read = (paths: string, types: object) =>
      start(directory, { paths, format: { name: 'csv', columns: columns(types) } }).run();
    expect(await read('flights.csv.gz', flights)).toEqual([
      { time: Date.UTC(2001, 0, 1, 0, 1), origin: 'ANC', distance: 2345, delay: -13 },
      { time: Date.UTC(2001, 0, 1, 0, 1), origin: 'ATL', distance: 215, delay: 19 },
    ]);
    expect(await read('quakes.csv.gz', quakes)).toEqual([
      { time: 1517365101235, magnitude: 2.3, place: '81km WNW of Skagway, Alaska' },
      { time: 1517365101236, magnitude: null, place: 'x' },
    ]);
  });

  test('every file has its own header', async () => {
    const directory = folderWith({ 'a.csv': 'x,y\n1,2\n', 'b.csv': 'y,x\n3,4\n' });
    const run = start(directory, { paths: '*.csv', format: { name: 'csv' } });
    expect(await run.run()).toEqual([
      { x: '1', y: '2' },
      { x: '4', y: '3' },
    ]);
  });

  test('several members in one gz file are one text', async () => {
    const directory = folderWith({});
    const members = Buffer.concat([gzipSync('one\ntw'), gzipSync('o\n')]);
    writeFileSync(join(directory, 'a.gz'), members);
    expect(await start(directory, { paths: 'a.gz' }).run()).toEqual(['one', 'two']);
  });

  test('a gz file that was cut off, or is none, fails', async () => {
    const directory = folderWith({ 'none.gz': 'x' });
    writeFileSync(join(directory, 'cut.gz'), gzipSync(asText(numbered(1_000))).subarray(0, 500));
    writeFileSync(join(directory, 'none.gz'), 'hello');
    for (const paths of ['cut.gz', 'none.gz']) {
      const error = await start(directory, { paths }).runUntilFailure();
      expect(error.message).toContain(`${paths} (${directory}/${paths}) is not whole gzip data`);
    }
  });

  test('a line longer than pipeline.max-record-size fails before it is in memory', async () => {
    const directory = folderWith({ 'long.txt': `short\n${'x'.repeat(5_000_000)}` });
    const run = start(
      directory,
      { paths: 'long.txt' },
      { configuration: { 'pipeline.max-record-size': '1 mb' } },
    );
    const error = await run.runUntilFailure();
    expect(error.message).toContain('long.txt, line 2: a record of more than 1048576 bytes');
    expect(run.values).toEqual(['short']);
  });

  test('a long record that is not too long is read', async () => {
    const record = 'x'.repeat(5_000_000);
    const directory = folderWith({ 'long.txt': `a\n${record}\nb` });
    expect(await start(directory, { paths: 'long.txt' }).run()).toEqual(['a', record, 'b']);
  });

  test('records that were skipped are counted', async () => {
    const directory = folderWith({ 'a.ndjson': '1\n{\n2\n}\n' });
    const run = start(directory, {
      paths: 'a.ndjson',
      format: { name: 'ndjson', onMalformed: 'skip' },
    });
    expect(await run.run()).toEqual([1, 2]);
    expect(run.skipped).toBe(2);
  });

  test('the error of a part says where its lines are counted from', async () => {
    const directory = folderWith({ 'a.ndjson': '1\n2\n3\nx\n' });
    const [, second] = fileParts('a.ndjson', 8, 4);
    const restored = restoredWith(second === undefined ? [] : [second]);
    const run = start(directory, { paths: 'a.ndjson', format: { name: 'ndjson' } }, { restored });
    expect((await run.runUntilFailure()).message).toContain('a.ndjson, line 2 counted from byte 4');
  });
});

/** An enumerator that has found these parts and given out none. */
const restoredWith = (pending: readonly unknown[]): SourceSnapshot => ({
  enumerator: { isListed: true, pending, known: [] },
  splits: [],
});

describe('positions', () => {
  const unit = fc.constantFrom('a', 'ß', '🜁', '\n', '\n', '\r\n');
  const text = fc.string({ unit, maxLength: 60 });

  test('parts have every line exactly once, wherever they were cut', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 12 }), async (content, partBytes) => {
        const directory = folderWith({ 'a.txt': content });
        const whole = await start(directory, { paths: 'a.txt' }).run();
        const parts = fileParts('a.txt', Buffer.byteLength(content), partBytes);
        const run = start(directory, { paths: 'a.txt' }, { restored: restoredWith(parts) });
        expect(await run.run()).toEqual(whole);
        expect(run.released).toHaveLength(parts.length);
      }),
      { numRuns: 60 },
    );
  });

  test('restored with another parallelism, every line comes exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 20 }),
        fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
        fc.nat({ max: 12 }),
        async (contents, isZipped, partBytes, [one, other], polls) => {
          const names = contents.map((_, i) => `${i}.txt${isZipped ? '.gz' : ''}`);
          const directory = folderWith(
            Object.fromEntries(contents.map((content, i) => [names[i], content])),
          );
          const whole = await start(directory, { paths: names }).run();
          const parts = contents.flatMap((content, i) =>
            fileParts(names[i] as string, Buffer.byteLength(content), partBytes),
          );
          const before = start(
            directory,
            { paths: names },
            { parallelism: one, ...(isZipped ? {} : { restored: restoredWith(parts) }) },
          );
          const all: unknown[] = [];
          let run = before;
          for (const parallelism of [other, 1, one]) {
            let left = polls;
            await run.runUntil(() => left-- <= 0, 'polls', 1);
            all.push(...run.values);
            const restored = run.snapshot();
            run.close();
            run = start(directory, { paths: names }, { parallelism, restored });
          }
          all.push(...(await run.run(2)));
          expect(inOrder(all)).toEqual(inOrder(whole));
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a restored csv file keeps its header and counts its lines', async () => {
    const directory = folderWith({ 'a.csv': 'n\n1\n"2"\n3\nx\n' });
    const format = { name: 'csv', columns: [{ name: 'n', type: 'int' }] } as const;
    const before = start(directory, { paths: 'a.csv', format });
    await before.runUntil(() => before.values.length === 2, 'two records', 1);
    const after = start(directory, { paths: 'a.csv', format }, { restored: before.snapshot() });
    const error = await after.runUntilFailure();
    expect(after.values).toEqual([{ n: 3 }]);
    expect(error.message).toContain('a.csv, line 5, column n: "x"');
  });

  test.each(['a.txt', 'a.txt.gz'])('%s that has become shorter fails the restore', async (name) => {
    const directory = folderWith({ [name]: asText(numbered(10)) });
    const before = start(directory, { paths: name });
    await before.runUntil(() => before.values.length === 9, 'nine records', 1);
    const restored = before.snapshot();
    if (name.endsWith('.gz')) writeFileSync(join(directory, name), gzipSync('line 0\n'));
    else truncateSync(join(directory, name), 7);
    const error = await start(directory, { paths: name }, { restored }).runUntilFailure();
    expect(error.message).toContain('63 had been read before the restart. Put the file back');
  });

  test('a snapshot before the files were found finds them again', async () => {
    const directory = folderWith({ 'a.txt': 'a\n' });
    const restored = start(directory, { paths: 'a.txt' }).snapshot();
    expect(await start(directory, { paths: 'a.txt' }, { restored }).run()).toEqual(['a']);
  });

  test('splits that come back are read by whoever asks next', async () => {
    const directory = folderWith({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
    const run = start(directory, { paths: '*.txt' });
    await run.runUntil(() => run.assigned.length > 0, 'the first split');
    const lost = run.subtasks[0]?.reader.snapshot() ?? [];
    run.addSplitsBack(lost, 0);
    expect((run.snapshot().enumerator as { pending: unknown[] }).pending).toHaveLength(2);
  });
});

describe('who reads what', () => {
  test('a large file is read in parts by several readers, a zipped or csv file by one', async () => {
    const content = asText(numbered(20_000, 'x'.repeat(1_000)));
    const directory = folderWith({ 'big.txt': content, 'big.csv': `x\n${content}` });
    const parallel = { parallelism: 2 };
    const ids = async (paths: string, format: FilesSourceOptions['format'] = LINES) => {
      const run = start(directory, { paths, format }, parallel);
      await run.run(100_000);
      expect(run.values).toHaveLength(20_000);
      return run.assigned.map(([, id]) => id);
    };
    expect(content.length).toBeGreaterThan(16 * 2 ** 20);
    const half = Math.ceil(content.length / 2);
    expect(await ids('big.txt')).toEqual(['big.txt@0', `big.txt@${half}`]);
    expect(await ids('big.csv', { name: 'csv' })).toEqual(['big.csv']);
  });

  test('what cannot be divided is not, and with one reader nothing is', async () => {
    const directory = folderWith({ 'a.txt.gz': '', 'b.txt': '' });
    for (const [name, parallelism] of [
      ['a.txt.gz', 2],
      ['b.txt', 1],
    ] as const) {
      truncateSync(join(directory, name), 100_000_000);
      const run = start(directory, { paths: name }, { parallelism });
      await run.runUntil(() => run.assigned.length > 0, 'a split');
      expect(run.assigned).toEqual([[expect.any(Number), name]]);
      run.close();
    }
  });

  test('no more than two pieces are read before they are wanted', async () => {
    const directory = folderWith({ 'a.txt': asText(numbered(5_000, 'x'.repeat(1_000))) });
    const run = start(directory, { paths: 'a.txt' });
    await run.runUntil(() => run.values.length > 0, 'the first records', 1);
    await turns(500);
    expect(run.wakes).toBeLessThan(8);
    expect(await run.run()).toHaveLength(5_000);
    expect(run.wakes).toBeGreaterThan(20);
  });

  test('with one reader a file is one split, whose order is that of the file', async () => {
    const content = asText(numbered(20_000, 'x'.repeat(1_000)));
    const directory = folderWith({ 'big.txt': content });
    const run = start(directory, { paths: 'big.txt' });
    await run.run(100_000);
    expect(run.assigned).toEqual([[0, 'big.txt']]);
    expect(run.values).toEqual(content.trimEnd().split('\n'));
  });

  test('small files go to whichever reader has none', async () => {
    const directory = folderWith({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' });
    const run = start(directory, { paths: '*.txt' }, { parallelism: 2 });
    await run.run();
    expect(run.assigned.map(([, id]) => id)).toEqual(['a.txt', 'b.txt', 'c.txt']);
    expect(new Set(run.assigned.map(([subtask]) => subtask)).size).toBe(2);
  });

  test('what is appended while a file is read is read too', async () => {
    const directory = folderWith({ 'a.txt': asText(numbered(3)) });
    const run = start(directory, { paths: 'a.txt' });
    appendFileSync(join(directory, 'a.txt'), 'more\n');
    expect(await run.run()).toEqual([...numbered(3), 'more']);
  });
});
