import { expect, test } from 'vitest';
import { NotebookParser } from '../../cli/compiler/parse-notebook.ts';
import { matchCells } from '../../cli/session/cell-identity.ts';

const cells = (...parts: readonly (readonly [title: string, code: string])[]) =>
  new NotebookParser()
    .parse('/n.ts', parts.map(([title, code]) => `// %% ${title}\n${code}\n`).join(''))
    .cells.filter(({ title }) => title !== 'n.ts');

const A = ['A', 'const a = 1;'] as const;
const B = ['B', 'const b = 2;'] as const;
const C = ['C', 'const c = 3;'] as const;

test.each([
  ['moved', [C, A, B], [2, 0, 1]],
  ['edited', [A, ['B', 'const b = 20;'], C], [0, 1, 2]],
  ['renamed', [A, ['Bee', B[1]], C], [0, 1, 2]],
  [
    'renamed and edited at once, between cells that are known',
    [A, ['Bee', 'const b = 20;'], C],
    [0, 1, 2],
  ],
  ['joined by a new one', [A, ['New', 'const n = 4;'], B, C], [0, undefined, 1, 2]],
  ['left by one', [A, C], [0, 2]],
  [
    'all replaced',
    [
      ['X', 'x;'],
      ['Y', 'y;'],
    ],
    [undefined, undefined],
  ],
] as const)('cells keep what they are when they are %s', (_, after, expected) => {
  expect(matchCells(cells(A, B, C), cells(...after))).toEqual(expected);
});

test('of two cells with one title each is itself by its text, and none is taken twice', () => {
  const first = ['A', 'const x = 1;'] as const;
  const second = ['A', 'const y = 2;'] as const;
  expect(matchCells(cells(first, second), cells(second, first))).toEqual([1, 0]);
  expect(matchCells(cells(first), cells(first, first))).toEqual([0, undefined]);
});
