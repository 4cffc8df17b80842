import { parse } from '@babel/parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NotebookParser } from '../../cli/compiler/parse-notebook.ts';

const TEXT = `// about
import { env, from } from 'sluice';

// %% One parallelism="2"
const text = \`
// %% not a cell \${[1, 2].map((x) => \`\${x}\`)}
\`;
interface Flight { delay: number }

// %% [markdown]
// # Title

// %% Two
const flights = from<Flight>([{ delay: 1 }]).filter((f) => f.delay > 0);
/*
// %% nor this
*/
function f(late: Flight) { return { ...late, [text]: /[\`"]/.test('\\'') }; }
flights.map(f).print();
`;

/** Pieces that open and close what a marker may stand in, and plain text. */
const insert = fc.oneof(
  fc.constantFrom(
    '`',
    '{',
    '}',
    '(',
    ')',
    '/*',
    '*/',
    "'",
    '\n// %% New a="1"\n',
    '\r\n',
    '${',
    '//',
    '\ufeff',
    '🛫',
  ),
  fc.string({ maxLength: 5 }),
);
const edits = fc.array(fc.record({ at: fc.nat(TEXT.length), remove: fc.nat(20), insert }), {
  minLength: 1,
  maxLength: 6,
});

test('whatever is typed, the cells together are the file, and are those of a fresh parser', () => {
  fc.assert(
    fc.property(edits, (changes) => {
      const parser = new NotebookParser();
      let text = TEXT;
      for (const { at, remove, insert: added } of changes) {
        text = text.slice(0, at) + added + text.slice(at + remove);
        const { cells } = parser.parse('/books/a.ts', text);
        expect(cells).toEqual(new NotebookParser().parse('/books/a.ts', text).cells);
        const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
        for (const [i, cell] of cells.entries()) {
          const from = cell.firstLine - 1;
          expect(cell.lines).toEqual(lines.slice(from, from + cell.lines.length));
          const next = cells[i + 1];
          if (next !== undefined)
            expect(next.firstLine).toBe(cell.firstLine + linesOf(cell.text) + 1);
          for (const { line, column } of cell.problems) {
            expect(line).toBeGreaterThanOrEqual(cell.firstLine);
            expect(line).toBeLessThan(cell.firstLine + Math.max(1, linesOf(cell.text)) + 1);
            expect(column).toBeGreaterThan(0);
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});

const linesOf = (text: string): number => text.split('\n').length - 1;

/** Statements that may stand one after another, many with something in them that looks like a marker. */
const statement = fc.oneof(
  { maxDepth: 2 },
  fc.constantFrom('a();\n', '\n', '// text\n', "b('`');\n", 'c(/[`/*]/);\n', "d('/*');\n", 'e;;\n'),
  fc.nat(9).map((n) => `// %% Title ${n}\n`),
  fc
    .array(fc.constantFrom('// %% in\n', '`', `\${1}`, 'x\n', '/*', '*/', "'"), { maxLength: 6 })
    .map((parts) => `f(\`\n${parts.join('').replaceAll('`', '\\`')}\`);\n`),
  fc
    .array(fc.constantFrom('// %% in\n', '`', 'x\n', "'", '/* ', '// ', '{'), { maxLength: 6 })
    .map((parts) => `/*\n${parts.join('')}*/\n`),
  fc
    .array(fc.constantFrom('// %% in\n', 'g();\n', 'h(`\n// %% in\n`);\n', '// {\n'), {
      maxLength: 4,
    })
    .map((parts) => `{\n${parts.join('')}}\n`),
);

test('markers are the comments that the parser of the whole file finds at its top level', () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      const { comments, program } = parse(text, { sourceType: 'module', attachComment: false });
      const expected = (comments ?? []).filter(
        ({ type, value, start, loc }) =>
          type === 'CommentLine' &&
          value.startsWith(' %% ') &&
          loc?.start.column === 0 &&
          !program.body.some(
            (node) => (node.start ?? 0) < (start ?? 0) && (start ?? 0) < (node.end ?? 0),
          ),
      );
      const { cells } = new NotebookParser().parse('/books/a.ts', text);
      const marked = cells.filter((cell) => cell.title !== 'a.ts');
      expect(marked.map(({ title, firstLine }) => [title, firstLine])).toEqual(
        expected.map(({ value, loc }) => [value.slice(4), (loc?.start.line ?? 0) + 1]),
      );
      expect(cells.flatMap(({ problems }) => problems)).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});
