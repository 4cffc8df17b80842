import { describe, expect, test } from 'vitest';
import type { Cell, Notebook } from '../../cli/compiler/notebook.ts';
import { NotebookParser } from '../../cli/compiler/parse-notebook.ts';

const parse = (text: string): Notebook => new NotebookParser().parse('/books/flights.ts', text);
const titles = (text: string): string[] => parse(text).cells.map((cell) => cell.title);
const only = ({ cells: [cell] }: Notebook): Cell => {
  if (cell === undefined) throw new Error('no cell');
  return cell;
};
const cellAt = ({ cells }: Notebook, index: number): Cell => {
  const cell = cells[index];
  if (cell === undefined) throw new Error(`no cell ${index}`);
  return cell;
};

describe('cells', () => {
  test('a file without markers is one cell, titled by the file name', () => {
    const cell = only(parse("import { env } from 'sluice';\nenv.read('x').print();\n"));
    expect(cell).toMatchObject({ title: 'flights.ts', kind: 'code', firstLine: 1, index: 0 });
    expect(cell.lines).toEqual(["import { env } from 'sluice';", "env.read('x').print();"]);
  });

  test('the text before the first marker is the preamble, and a blank one is no cell', () => {
    expect(parse('// about\nconst a = 1;\n// %% One\n').cells.map((c) => c.kind)).toEqual([
      'preamble',
      'code',
    ]);
    expect(parse('\n\n// %% One\nconst a = 1;\n').cells).toMatchObject([
      { kind: 'code', title: 'One', firstLine: 4 },
    ]);
  });

  test('a marker carries a title and options', () => {
    const text =
      '// %% Mean delay, by airport parallelism="4" run="auto" note="a = b"\nconst a = 1;\n';
    expect(only(parse(text))).toMatchObject({
      title: 'Mean delay, by airport',
      options: { parallelism: '4', run: 'auto', note: 'a = b' },
    });
  });

  test('a cell without a title is called by its number', () => {
    expect(titles('const x = 1;\n// %%\nconst a = 1;\n// %% B\n// %% run="auto"\n')).toEqual([
      'flights.ts',
      'cell 1',
      'B',
      'cell 3',
    ]);
  });

  test('options in the comments that open the file are the notebook’s', () => {
    const text =
      '// Flights of May: delay="none"\n// parallelism.default="4" a="b"\nimport "x";\n// late="1"\n// %% A\n';
    expect(cellAt(parse(text), 0).options).toEqual({ 'parallelism.default': '4', a: 'b' });
  });

  test('titles are any text', () => {
    expect(titles('// %% Verspätung 🛫 на карте\nconst a = 1;')).toEqual([
      'Verspätung 🛫 на карте',
    ]);
  });

  test('a byte order mark and CRLF change nothing but the line ends', () => {
    const text = 'import "x";\n// %% Öl a="1"\nconst a = 1;\n\n// %% Two\na;\n';
    const plain = parse(text);
    const windows = parse(`\ufeff${text.replaceAll('\n', '\r\n')}`);
    const shape = ({ cells }: Notebook): unknown =>
      cells.map(({ title, lines, firstLine, options, statements }) => ({
        ...{ title, lines, firstLine, options },
        statements: statements.map(({ kind, from, to }) => ({ kind, from, to })),
      }));
    expect(shape(windows)).toEqual(shape(plain));
  });

  test('an empty file is one empty cell', () => {
    expect(parse('').cells).toMatchObject([{ title: 'flights.ts', statements: [], problems: [] }]);
  });
});

describe('markers', () => {
  test.each([
    ['a template string', 'const a = `\n// %% Not one\n`;\n'],
    [
      'a template string that opens and closes again',
      'const a = `\n// %% No\n` + `\n// %% No\n`;\n',
    ],
    ['a block comment', '/*\n// %% Not one\n*/\nconst a = 1;\n'],
    ['an expression in a template', `const a = \`\${[\n// %% Not one\n1]}\`;\n`],
    ['a function', 'function a() {\n// %% Not one\nreturn 1;\n}\n'],
    ['a call', 'const a = Math.max(\n// %% Not one\n1);\n'],
  ])('inside %s is none', (_where, text) => {
    const { cells } = parse(`// %% One\n${text}// %% Two\nconst b = 1;\n`);
    expect(cells.map((cell) => cell.title)).toEqual(['One', 'Two']);
    expect(cells.flatMap((cell) => cell.problems)).toEqual([]);
    expect(
      cellAt(parse(`// %% One\n${text}// %% Two\nconst b = 1;\n`), 1).statements[0]?.from,
    ).toBe(text.split('\n').length + 2);
  });

  test('a whole notebook inside a template string holds no cells', () => {
    const inner = Array.from({ length: 40 }, (_, i) => `// %% Inner ${i}\nconst x${i} = 1;\n`);
    const text = `// %% One\nconst text = \`\n${inner.join('')}\`;\n// %% Two\nconst b = 1;\n`;
    expect(titles(text)).toEqual(['One', 'Two']);
  });

  test.each(['  // %% indented', '// %%title', '// % % apart', '//// %% more', 'a; // %% behind'])(
    '%o is none',
    (line) => {
      expect(titles(`// %% One\n${line}\n`)).toEqual(['One']);
    },
  );

  test('half an expression does not swallow the cell below it', () => {
    const { cells } = parse('// %% One\nconst a =\n// %% Two\nMath.max(1);\n');
    expect(cells.map((cell) => cell.problems.length)).toEqual([1, 0]);
  });
});

describe('syntax errors', () => {
  test.each([
    ['an open brace', 'function f() {\n  return 1;', 2],
    ['an open string', "const a = 'x;", 1],
    ['an open template', 'const a = `x;', 1],
    ['an open comment', '/* x', 1],
    ['nonsense', 'const a = = 1;', 1],
    ['a missing initializer', 'const a;', 1],
  ])('%s is a problem of its cell alone', (_what, broken, line) => {
    const { cells } = parse(
      `import 'x';\n// %% One\nconst one = 1;\n// %% Bad\n${broken}\n// %% Two\nconst two = \`2\`;\n`,
    );
    expect(cells.map((cell) => cell.title)).toEqual(['flights.ts', 'One', 'Bad', 'Two']);
    expect(cells.map((cell) => cell.problems.length)).toEqual([0, 0, 1, 0]);
    const [problem] = cellAt({ path: '', name: '', cells }, 2).problems;
    expect(problem).toMatchObject({ severity: 'error', file: 'flights.ts', line: line + 4 });
    expect(problem?.text).toBe(broken.split('\n')[line - 1]);
    expect(problem?.message).not.toMatch(/\(\d+:\d+\)/);
  });

  test('say where in the file they are', () => {
    const problem = only(parse('\n\n// %% One\nconst b = 1;\nconst a =  = 1;\n')).problems[0];
    expect(problem).toMatchObject({ line: 5, column: 12, text: 'const a =  = 1;' });
  });

  test('code in a markdown cell is one', () => {
    const { cells } = parse('// %% [markdown]\n// # Title\nconst a = 1;\n// %% Notes [md]\n// b\n');
    expect(cells).toMatchObject([
      { kind: 'markdown', title: 'cell 1', statements: [] },
      { kind: 'markdown', title: 'Notes', problems: [] },
    ]);
    expect(cells[0]?.problems).toMatchObject([{ line: 3, column: 1 }]);
  });
});

describe('statements', () => {
  const shapes = (text: string): unknown[] =>
    only(parse(text)).statements.map(({ kind, role, from, to, declarations }) => [
      ...[kind, role, from, to],
      declarations.flatMap(({ names }) =>
        names.map(({ name, isType }) => (isType ? `type ${name}` : name)),
      ),
    ]);

  test('are classified, with the names that they declare', () => {
    const text = `import d, { a as b, type T } from 'x';
import * as all from 'y';
import 'z';
const { p, q: [r = 1, ...s] } = b,
  t = 1;
async function f() {}
class C<X> {}
interface I { x: number }
type A = I;
enum E { One }
declare const later: number;
export let u = 1;
export { p };
if (t) { var v = 1; }
env.configure({});
u = 2;
f();
`;
    expect(shapes(text)).toEqual([
      ['import', 'none', 1, 1, ['d', 'b', 'type T']],
      ['import', 'none', 2, 2, ['all']],
      ['import', 'side-effects', 3, 3, []],
      ['declaration', 'none', 4, 5, ['p', 'r', 's', 't']],
      ['declaration', 'none', 6, 6, ['f']],
      ['declaration', 'none', 7, 7, ['C']],
      ['declaration', 'none', 8, 8, ['type I']],
      ['declaration', 'none', 9, 9, ['type A']],
      ['declaration', 'none', 10, 10, ['E']],
      ['declaration', 'none', 11, 11, ['type later']],
      ['declaration', 'none', 12, 12, ['u']],
      ['other', 'exports', 13, 13, []],
      ['other', 'none', 14, 14, ['v']],
      ['expression', 'configures', 15, 15, []],
      ['expression', 'assigns', 16, 16, []],
      ['expression', 'none', 17, 17, []],
    ]);
  });

  test('the last one is the cell’s value when it is an expression', () => {
    const lastOf = (text: string): number | undefined => only(parse(text)).lastExpression?.from;
    expect(lastOf('const a = 1;\na\n\n// end\n')).toBe(2);
    expect(lastOf("'text'")).toBe(1);
    expect(lastOf('a;\nconst a = 1;')).toBeUndefined();
    expect(lastOf('env.configure({});')).toBeUndefined();
  });

  test('a cell that only declares is a library', () => {
    const isLibrary = (text: string): boolean => only(parse(text)).isLibrary;
    expect(isLibrary("import 'x';\nconst a = await b;\nenv.configure({});\nexport { a };")).toBe(
      true,
    );
    expect(isLibrary('const a = 1;\na.print();')).toBe(false);
    expect(isLibrary('for (const a of b) a.print();')).toBe(false);
    expect(isLibrary('const a = ')).toBe(false);
  });
});

describe('versions', () => {
  const book = (edit: string): string =>
    `import 'x';\n// %% One\nconst one = 1;\n// %% Two\nconst two = ${edit};\n// %% Three\nconst three = 3;\n`;

  test('a keystroke in one cell leaves the syntax of the others as it is', () => {
    const parser = new NotebookParser();
    const before = parser.parse('/f.ts', book('2'));
    const after = parser.parse('/f.ts', book('22'));
    expect(after.cells.map((cell, i) => cell.statements === before.cells[i]?.statements)).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  test('a cell that moves keeps its syntax, in new places', () => {
    const parser = new NotebookParser();
    const before = parser.parse('/f.ts', book('2'));
    const after = parser.parse('/f.ts', book('2,\n\n  more = 1'));
    expect(before.cells[3]?.statements[0]).toMatchObject({ from: 7, to: 7 });
    expect(after.cells[3]?.statements[0]).toMatchObject({ from: 9, to: 9 });
    expect(after.cells[3]?.statements[0]?.declarations[0]).toMatchObject({
      from: 9,
      names: [{ line: 9 }],
    });
    expect(parser.parse('/f.ts', book('2')).cells).toEqual(before.cells);
  });
});
