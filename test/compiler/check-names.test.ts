import { describe, expect, test } from 'vitest';
import { NotebookParser } from '../../cli/compiler/parse-notebook.ts';

/** `title: message` of each problem, with its place. */
function problemsOf(text: string): string[] {
  const { cells } = new NotebookParser().parse('/books/flights.ts', text);
  return cells.flatMap((cell) =>
    cell.problems.map(({ line, column, message }) => `${cell.title} ${line}:${column} ${message}`),
  );
}

describe('a name declared in two cells', () => {
  test('is an error in both, naming both lines', () => {
    const message =
      '"late" is declared twice, on line 2 (cell "One") and on line 5 (cell "Two"): a name belongs to one cell';
    expect(problemsOf('// %% One\nconst late = 1;\n// %% Two\n\nfunction late() {}\n')).toEqual([
      `One 2:7 ${message}`,
      `Two 5:10 ${message}`,
    ]);
  });

  test.each([
    ['const { a, ...late } = x;', 'let late;'],
    ['interface late { x: 1 }', 'type late = 1;'],
    ["import { late } from 'x';", "import { late } from 'x';"],
    ['class late {}', 'if (1) { var late = 2; }'],
    ['enum late { A }', 'namespace late { export const a = 1; }'],
  ])('is one whatever declares it: %s, %s', (first, second) => {
    expect(problemsOf(`// %% One\n${first}\n// %% Two\n${second}\n`)).toHaveLength(2);
  });

  test('is none within one cell where the language allows it', () => {
    const text =
      'type A = 1;\nconst A = 1;\nfunction f(a: string): void;\nfunction f(a: unknown) {}\n';
    expect(problemsOf(`// %% One\n${text}`)).toEqual([]);
  });
});

describe('another cell’s name', () => {
  test.each([
    'late = 1;',
    'late++;',
    '({ a: late } = x);',
    '[x.y = 1, ...late] = x;',
    'for (late of []);',
  ])('is not assigned: %s', (statement) => {
    expect(problemsOf(`// %% One\nlet late = 0, x;\n// %% Two\n${statement}\n`)).toEqual([
      expect.stringMatching(
        /^Two 4:\d+ "late" is assigned on line 4 but declared on line 2 \(cell "One"\): only/,
      ),
    ]);
  });

  test('may be read, and hidden by a name of an inner scope, which may be assigned', () => {
    const text =
      'late;\n((late) => { late = 1; })();\nfor (let late = 0; late < 1; late++);\n{ let late; late = 2; }\n' +
      'function f() { var late; late = 3; }\ntry {} catch (late) { late = 4; }\n';
    expect(problemsOf(`// %% One\nlet late = 0;\n// %% Two\n${text}`)).toEqual([]);
  });
});

describe('a name that is declared further down', () => {
  test('is an error that says so', () => {
    expect(
      problemsOf('// %% One\nconst a = () => late + 1;\n// %% Two\nconst late = 1;\n'),
    ).toEqual([
      'One 2:17 "late" is used on line 2 but declared further down, on line 4 (cell "Two"): a cell sees only what stands above it',
    ]);
  });

  test.each([
    'x.late;',
    'x?.late;',
    '({ late: 1, late() {} });',
    'class C { late = 1; #late = 2; late2() { return this.#late; } }',
    'late: for (;;) { break late; }',
    'const f = (late, { late: b } = {}) => late;',
    'const g = function late() { return late; };',
    'const { late: renamed } = x;',
    'type T<late> = late[];',
    'interface I { late: string; m(late: string): void }',
    'type M = { [late in "a"]: late };',
    'type N = [late: string];',
    'enum E { late, b = late }',
    'import.meta.late;',
    'declare function h(late: string): void;',
  ])('is not meant by %s', (statement) => {
    expect(problemsOf(`// %% One\nlet x;\n${statement}\n// %% Two\nconst late = 1;\n`)).toEqual([]);
  });

  test.each([
    'x[late];',
    '({ late });',
    '({ [late]: 1 });',
    'const f = (a = late) => a;',
    'const { a = late } = x;',
    'const { [late]: a } = x;',
    'class C extends late {}',
    'class C { [late] = 1; }',
    'class C { a = late; }',
    `\`\${late}\`;`,
    'const a: late = 1;',
    'const a = x as late;',
    'let a: typeof late;',
    'type T<X extends late> = X;',
    'class C implements late {}',
    'x<late>();',
    'enum E { a = late }',
    'namespace N { export const a = late; }',
    '{ const a = late; }',
    'export { late };',
    'export default late;',
    '@late class D {}',
  ])('is meant by %s', (statement) => {
    expect(problemsOf(`// %% One\nlet x;\n${statement}\n// %% Two\nclass late {}\n`)).toHaveLength(
      1,
    );
  });
});
