import { describe, expect, test } from 'vitest';
import { emptyFolder, openService, problemsOf } from './checked-notebooks.ts';

const service = openService();
const folder = emptyFolder();
const problems = (text: string) => problemsOf(service, folder.notebook(text));

describe('a type error', () => {
  test('stands at its line and column of the notebook, with the line', async () => {
    const text = '// %% A\nconst a = 1;\n\n// %% B\n\tconst b: string = a;\nb;\n';
    expect(await service.check(folder.notebook(text))).toEqual([
      {
        severity: 'error',
        message: "Type 'number' is not assignable to type 'string'",
        file: 'book.ts',
        line: 5,
        column: 8,
        text: '\tconst b: string = a;',
      },
    ]);
  });

  test('stands there also behind a preamble, Windows line ends and a byte order mark', async () => {
    const text = '\ufeffconst a = `1\r\n2`;\r\n// %% B\r\nconst b: string = a.length;\r\n';
    expect(await problems(text)).toEqual([
      "book.ts:4:7 Type 'number' is not assignable to type 'string'",
    ]);
  });

  test('is told in the order of the file', async () => {
    const text =
      '// %% A\nconst b: string = 1; const c: string = 2;\n// %% B\nconst a: string = b.x;\n';
    const places = (await problems(text)).map((problem) => problem.split(' ')[0]);
    expect(places).toEqual(['book.ts:2:7', 'book.ts:2:28', 'book.ts:4:21']);
  });
});

describe('a notebook has no type error', () => {
  test.each([
    ['when a cell ends in an expression', "// %% A\n'a';\n// %% B\n[1, 2]\n// %% C\n(3)\n"],
    ['when names are used by nobody', 'const a = 1;\n// %% B\nfunction f(x: number) {}\n'],
    [
      'when it awaits at the top level',
      'const a = await Promise.resolve(1);\n// %% B\na.toFixed()\n',
    ],
    ['when it imports in any cell', "1\n// %% B\nimport { join } from 'node:path';\njoin('a');\n"],
    [
      'when a cell goes on where the one above ends without a semicolon',
      'const a = 1\n// %% B\n[a]\n',
    ],
    ['when markdown looks like code', '// %% [markdown] A\n// const a: string = 1;\n// %% B\n1\n'],
    ['when a marker stands in a text', '// %% A\nconst a = `\n// %% B\n`;\na.length\n'],
    ['when it says not to look', '// @ts-nocheck\n// %% A\nconst a: string = 1;\n'],
    ['when it is empty', ''],
  ])('%s', async (_, text) => {
    expect(await problems(text)).toEqual([]);
  });
});

describe('what the parser says of a place', () => {
  test('is not said again by the type checker', async () => {
    const text = '// %% A\nconst a = 1;\n// %% B\nconst a = 2;\n';
    expect(folder.notebook(text).cells.flatMap((cell) => cell.problems)).toHaveLength(2);
    expect(await problems(text)).toEqual([]);
  });

  test('does not hide what is wrong beside it', async () => {
    const text = '// %% A\nconst a = 1;\n// %% B\nconst a = 2, b: string = 3;\n';
    expect(await problems(text)).toEqual([
      "book.ts:4:14 Type 'number' is not assignable to type 'string'",
    ]);
  });

  test('goes for code in a markdown cell, of which the checker sees nothing', async () => {
    expect(await problems('// %% [markdown] A\nconst a: string = 1;\n')).toEqual([]);
  });
});

describe('while a cell does not parse', () => {
  const broken =
    '// %% Broken\nimport { env } from "sluice";\nconst flights = env.from([{ delay: 1 }]).map((f) => {\n';

  test('the others are checked, at their places', async () => {
    const text = `${broken}// %% B\nconst b: string = 1;\n`;
    expect(await problems(text)).toEqual([
      "book.ts:5:7 Type 'number' is not assignable to type 'string'",
    ]);
  });

  test('its names are nobody else’s mistake, but misspelt ones are', async () => {
    const text = `${broken}// %% B\nflights.map((f) => f.delay);\nfligths.map((f) => f.delay);\n`;
    expect(await problems(text)).toEqual(["book.ts:6:1 Cannot find name 'fligths'"]);
  });

  test('values that have no type because of it are not complained of', async () => {
    const text = `${broken}// %% B\nconst late = flights.filter((f) => f.delay > 0);\n// %% C\nlate.map((f) => f.delay);\n`;
    expect(await problems(text)).toEqual([]);
  });

  test('values that have no type anyway are', async () => {
    const text = `${broken}// %% B\nconst twice = (n) => 2 * n;\n`;
    expect(await problems(text)).toEqual([
      "book.ts:5:16 Parameter 'n' implicitly has an 'any' type",
    ]);
  });
});

describe('a mistake', () => {
  test('is said once, and not again of what has no type because of it', async () => {
    const text =
      "import { env } from 'sluice';\nconst keyed = env.from([1]).keyby((n) => n);\n// %% B\nkeyed.map((n) => n);\n";
    expect(await problems(text)).toEqual([
      "book.ts:2:29 Property 'keyby' does not exist: did you mean 'keyBy'?",
    ]);
  });
});

describe('the type at a place', () => {
  const text =
    "import { env } from 'sluice';\n// %% A\nconst lengths = env.from(['a']).map((s) => s.length);\n";

  test('is that of the stream there', async () => {
    expect(await service.typeAt(folder.notebook(text), 3, 7)).toBe(
      'const lengths: OperatorStream<number, "no event time">',
    );
    expect(await service.typeAt(folder.notebook(text), 3, 44)).toBe('(parameter) s: string');
  });

  test('is none in a comment, behind the end and on a marker', async () => {
    const notebook = folder.notebook(text);
    expect(await service.typeAt(notebook, 2, 3)).toBeUndefined();
    expect(await service.typeAt(notebook, 99, 1)).toBeUndefined();
  });
});
