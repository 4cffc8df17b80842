import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import {
  compile,
  errorsOf,
  programOf,
  resultOf,
  stopBundlerAfterTests,
  tryToCompile,
} from '../program/notebooks.ts';

stopBundlerAfterTests();

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-bundle-')));
const path = join(folder, 'flights.ts');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

describe('a cell', () => {
  test('sees the declarations of the cells above it', async () => {
    const text = `
import { minutes } from 'sluice';
// %% Types
interface Flight { delay: number; readonly tags?: string[] }
type Delays = readonly Flight[];
enum Kind { Late = 'late', Early = 'early' }
// %% Flights
const flights: Delays = [{ delay: 1 }, { delay: 5 }];
const { delay: first, ...rest } = flights[0] as Flight;
const [, second = { delay: 9 }]: Flight[] = [...flights];
async function total(of: Delays): Promise<number> {
  return of.reduce((sum, { delay }) => sum + delay, 0);
}
class Late { static kind: Kind = Kind.Late; constructor(readonly by: number) {} }
// %% Use
const by = await total(flights);
({ by, first, rest, second, kind: Late.kind, late: new Late(minutes(by)).by } satisfies object);
`;
    expect(await resultOf(text)).toEqual({
      ...{ by: 6, first: 1, rest: {}, second: { delay: 5 }, kind: 'late', late: 360_000 },
    });
  });

  test('is the text between two markers, whatever its line ends', async () => {
    const text =
      '\ufeffconst a = 1;\n// %% Zwölf 🛫\nconst b = `x\n// %% no marker\n`;\n// %% C\na + b;\n';
    expect(await resultOf(text)).toBe('1x\n// %% no marker\n');
    expect(await resultOf(text.replaceAll('\n', '\r\n'))).toBe('1x\n// %% no marker\n');
  });

  test('may await at its top level, also in a cell that is referred to', async () => {
    const text =
      'const wait = (n: number) => Promise.resolve(n);\n// %% A\nconst a = await wait(1);\n' +
      'for await (const x of [wait(2)]) var b = x;\n// %% B\nawait wait(a + b);\n';
    expect(await resultOf(text)).toBe(3);
  });

  test('is strict, and `this` in it is undefined', async () => {
    expect(
      await resultOf('(function () { return this; })() === undefined && this === undefined;'),
    ).toBe(true);
  });

  test('is an ES module, also without import or export', async () => {
    const text = "if (typeof module !== 'undefined' || typeof exports !== 'undefined') throw 1;\n";
    expect(await resultOf(text)).toBeUndefined();
  });

  test('evaluates the cells it needs in the order of the file', async () => {
    const text =
      'const log: string[] = [];\n// %% A\nconst a = log.push("a");\n// %% B\nconst b = log.push("b");\n' +
      '// %% C\nconst c = log.push("c" + b + a);\nlog;\n';
    expect(await resultOf(text)).toEqual(['a', 'b', 'c21']);
  });

  test('of a notebook of 1,000 lines compiles, and holds what it needs', async () => {
    const cells = Array.from(
      { length: 100 },
      (_, i) =>
        `// %% Cell ${i}\n${'// text\n'.repeat(7)}const v${i} = ${i === 0 ? 1 : `v${i - 1} + 1`};\n\n`,
    );
    const { bundle } = await compile(cells.join(''), 'Cell 49');
    expect(bundle.cells).toHaveLength(50);
    expect(await resultOf(`${cells.join('')}// %% Last\nv99;\n`)).toBe(100);
  });
});

describe('a cell that is merely referred to', () => {
  const text = `
import { env, from } from 'sluice';
env.configure({ 'parallelism.default': '2' });
// %% A
const ran: string[] = [];
const used = from([1]).map((x) => x);
const unused = from([2]).map(() => ran.push('unused'));
ran.push('statement');
used.print('A');
env.configure({ 'pipeline.name': 'a' });
let late = 0;
late = 5;
const table = new Map<string, number>();
for (const key of ['x', 'y']) table.set(key, late);
// %% B
env.configure({ 'never.seen': 'b' });
const other = 1;
other;
// %% C
const c = table.size;
used.print('C');
({ ran, late, c });
`;

  test('keeps what is needed of it and calls of env.configure; its other statements go', async () => {
    const { graph, result } = await programOf(text);
    expect(result).toEqual({ ran: [], late: 5, c: 2 });
    expect(graph.nodes.map(({ kind }) => kind)).toEqual(['source', 'map', 'sink']);
    expect(graph.configuration).toEqual({ 'parallelism.default': '2', 'pipeline.name': 'a' });
  });

  test('loses a statement without joining those around it', async () => {
    const book = '// %% A\nlet a = [1], n\nconst b = a\ngone();\n[n] = [2]\n// %% B\n[b, n];\n';
    expect(await resultOf(book)).toEqual([[1], 2]);
  });

  test('runs whole when it is asked for itself', async () => {
    const { graph } = await programOf(text, { title: 'A' });
    expect(graph.nodes.find(({ kind }) => kind === 'sink')).toMatchObject({
      params: { connector: { options: { label: 'A' } } },
      origin: { cell: 'A', line: 9 },
    });
  });

  test('is in the bundle only when something of it is needed', async () => {
    const { bundle } = await compile(text);
    expect(bundle.cells.map(({ title }) => title)).toEqual(['flights.ts', 'A', 'C']);
    expect(bundle.code).not.toContain('unused');
  });

  test('an import for its side effects counts in every cell below', async () => {
    file('effects/one.ts', 'globalThis.effects = ["one"];');
    file('effects/two.ts', '(globalThis as any).effects.push("two");');
    const book =
      'import "./effects/one";\n// %% A\nimport "./effects/two";\nconst a = 1;\n// %% B\n(globalThis as any).effects;\n';
    expect(await resultOf(book, { path })).toEqual(['one', 'two']);
  });
});

describe('the bundle', () => {
  test('is a script without import or export', async () => {
    file('lib/a.ts', "export * from './b';\nexport default 1;\n");
    file('lib/b.ts', 'export const b = 2;\n');
    const text =
      "import one, { b } from './lib/a';\nimport fs, { readFileSync } from 'fs';\nimport * as all from 'node:path';\n" +
      '// %% A\nexport const a = 1;\nexport { a as c };\nexport default b;\n// %% B\n[a, one, b, fs.readFileSync === readFileSync, typeof all.join];\n';
    const { bundle } = await compile(text, undefined, path);
    expect(bundle.code).not.toMatch(/^\s*(import|export)\b/m);
    expect(await resultOf(text, { path })).toEqual([1, 1, 2, true, 'function']);
  });

  test('marks where the code of each cell begins', async () => {
    const { bundle } = await compile('const a = 1;\n// %% B\nconst b = a;\n// %% C\n// %% D\nb;\n');
    expect([...bundle.code.matchAll(/__cell\((\d+)\)/g)].map(([, index]) => index)).toEqual([
      '0',
      '1',
      '3',
    ]);
    expect(bundle.code.indexOf('__cell(1)')).toBeLessThan(bundle.code.indexOf('b = '));
  });

  test('lists the declarations of its cells with their lines and options', async () => {
    const text =
      'import { x } from \'sluice\';\n// %% A parallelism="4"\nconst a = 1,\n  { b, c } =\n    x;\ntype T = 1;\nfunction f() {\n}\n\n// %% B\n[a, f];\n';
    const { bundle } = await compile(text);
    expect(bundle).toMatchObject({
      ...{ version: 1, notebook: 'flights.ts', source: 'flights.ts' },
      cell: { index: 2, title: 'B' },
    });
    expect(bundle.cells[1]).toEqual({
      ...{ index: 1, title: 'A', options: { parallelism: '4' }, from: 3, to: 9 },
      declarations: [
        { names: ['a'], from: 3, to: 3, column: 7 },
        { names: ['b', 'c'], from: 4, to: 5, column: 3 },
        { names: ['f'], from: 7, to: 8, column: 1 },
      ],
    });
  });

  test('does not change when a cell that it does not need changes', async () => {
    const book = (edit: string): string =>
      `const a = 1;\n// %% A\nconst x = ${edit};\n// %% B\na;\n`;
    expect((await compile(book('1'))).bundle).toEqual((await compile(book('22'))).bundle);
  });
});

describe('imports', () => {
  test('that nothing uses are dropped, so that they need not exist', async () => {
    const text =
      "import { Gone, type T } from './gone';\nimport { Away } from 'away';\n// %% A\nconst a: Gone | T | Away = 1;\na;\n";
    expect(await resultOf(text, { path })).toBe(1);
  });

  test.each([
    ['"./nowhere"', "import { x } from './nowhere';\n// %% A\n\nx;\n", 1, 19],
    ['"left-pad"', "const ü = '🛫'; import pad from 'left-pad';\npad;\n", 1, 33],
    ['"nothing"', "// %% A\nconst a = 1;\n// %% B\nconst ä = await import('nothing');\n", 4, 24],
  ])('of %s, which is missing, are an error at their place', async (name, text, line, column) => {
    expect(await errorsOf(text, undefined, path)).toEqual([
      {
        ...{ severity: 'error', message: `cannot find module ${name}`, file: 'flights.ts' },
        ...{ line, column, text: text.split('\n')[line - 1] },
      },
    ]);
  });

  test('of a name that a file does not export are an error', async () => {
    file('lib/one.ts', 'export const one = 1;\n');
    expect(
      await errorsOf("import { two } from './lib/one';\ntwo;\n", undefined, path),
    ).toMatchObject([{ line: 1, column: 10, message: expect.stringContaining('"two"') }]);
  });

  test('of a file with an error are an error in that file', async () => {
    file('lib/bad.ts', 'export const a = 1;\nexport const b = = 2;\n');
    expect(await errorsOf("import { a } from './lib/bad';\na;\n", undefined, path)).toMatchObject([
      { file: 'lib/bad.ts', line: 2, column: 18, text: 'export const b = = 2;' },
    ]);
  });

  test('of packages are looked up from the notebook’s folder', async () => {
    file('node_modules/pad/package.json', '{ "name": "pad", "main": "main.js" }');
    file(
      'node_modules/pad/main.js',
      "const os = require('os');\nexports.pad = (s) => ' ' + s;\nexports.eol = os.EOL;\n",
    );
    const text = "import { pad, eol } from 'pad';\n[pad('x'), eol];\n";
    expect(await resultOf(text, { path })).toEqual([' x', '\n']);
  });

  test('of JSON give its value', async () => {
    file('data/airports.json', '{ "JFK": { "city": "New York" } }');
    const text =
      "import airports from './data/airports.json' with { type: 'json' };\nimport { JFK } from './data/airports.json';\n[airports.JFK.city, JFK.city];\n";
    expect(await resultOf(text, { path })).toEqual(['New York', 'New York']);
  });

  test('may be dynamic where the module is named', async () => {
    file('lib/dynamic.ts', "export const where = 'lib';\n");
    const text =
      "const { where } = await import('./lib/dynamic');\nconst { sep } = await import('node:path');\n[where, sep];\n";
    expect(await resultOf(text, { path })).toEqual(['lib', '/']);
  });

  test('that are dynamic and name no module fail where they run', async () => {
    const text =
      "const name = ['./lib/', 'a'].join('');\nawait import(name).catch((e) => e.message);\n";
    expect(await resultOf(text)).toMatch(/import|require/);
  });

  test('are told where they are, and so is the notebook', async () => {
    file('lib/where.ts', 'export const where = import.meta.dirname;\n');
    file('node_modules/there/index.js', 'module.exports = [__dirname, __filename];\n');
    const text =
      "import { where } from './lib/where';\nimport there from 'there';\n[import.meta.url, import.meta.filename, import.meta.dirname, where, ...there];\n";
    expect(await resultOf(text, { path })).toEqual([
      ...[pathToFileURL(path).href, path, folder, join(folder, 'lib')],
      ...[join(folder, 'node_modules/there'), join(folder, 'node_modules/there/index.js')],
    ]);
  });

  test('are listed as the files to watch', async () => {
    file('lib/c.ts', "import './d.ts';\nexport const c = 1;\n");
    file('lib/d.ts', '');
    const { files } = await compile(
      "import { c } from './lib/c';\nimport fs from 'fs';\n[c, fs];\n",
      undefined,
      path,
    );
    expect(new Set(files)).toEqual(new Set([join(folder, 'lib/c.ts'), join(folder, 'lib/d.ts')]));
  });

  test('see changes of the files', async () => {
    const text = "import { n } from './lib/changing';\nn;\n";
    file('lib/changing.ts', 'export const n = 1;\n');
    expect(await resultOf(text, { path })).toBe(1);
    file('lib/changing.ts', 'export const n = 2;\n');
    expect(await resultOf(text, { path })).toBe(2);
  });
});

describe('what does not compile', () => {
  const book =
    '// %% Bad\nconst bad = (;\n// %% Good\nconst good = 1;\n// %% Uses good\ngood;\n// %% Uses bad\nbad + good;\n';

  test('is no obstacle to cells that do not need it', async () => {
    expect(await resultOf(book, { title: 'Uses good' })).toBe(1);
  });

  test('is the error of the cells that do', async () => {
    expect(await errorsOf(book, 'Bad')).toMatchObject([{ line: 2, text: 'const bad = (;' }]);
    expect(await errorsOf(book, 'Uses bad')).toMatchObject([{ line: 2, text: 'const bad = (;' }]);
  });

  test('in the preamble is the error of every cell', async () => {
    expect(await errorsOf("import { from 'sluice';\n// %% A\n1;\n")).toMatchObject([{ line: 1 }]);
  });

  test('because of a broken rule is an error of that cell and of those that need it', async () => {
    const text = '// %% A\nlet a = 1;\n// %% B\na = 2;\nconst b = 1;\n// %% C\nb;\n// %% D\na;\n';
    expect(await errorsOf(text, 'B')).toMatchObject([{ line: 4 }]);
    expect(await errorsOf(text, 'C')).toMatchObject([{ line: 4 }]);
    expect(await resultOf(text, { title: 'D' })).toBe(1);
  });

  test('because it is text is said', async () => {
    expect(await errorsOf('// %% [markdown]\n// # Title\n')).toMatchObject([
      { line: 2, message: expect.stringContaining('[markdown]') },
    ]);
  });
});

test('cells asked for at once each get their own bundle', async () => {
  const text = '// %% A\n1;\n// %% B\n2;\n// %% C\n(;\n';
  const [a, b, c] = await Promise.all(['A', 'B', 'C'].map((title) => tryToCompile(text, title)));
  expect([a, b, c]).toMatchObject([
    { bundle: { cell: { title: 'A' } } },
    { bundle: { cell: { title: 'B' } } },
    { status: 'failed' },
  ]);
});

test('warnings come with the bundle, at their place', async () => {
  const { warnings } = await compile('const a = { x: 1, x: 2 };\na;\n');
  expect(warnings).toMatchObject([
    { severity: 'warning', file: 'flights.ts', line: 1, column: 19 },
  ]);
});
