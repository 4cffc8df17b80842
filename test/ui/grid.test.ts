import { expect, test } from 'vitest';
import { ASCII, UNICODE } from '../../cli/ui/text/glyphs.ts';
import { Grid } from '../../cli/ui/text/grid.ts';

const text = (grid: Grid): string =>
  grid
    .rows()
    .map(({ spans }) => spans.map((one) => one.text).join(''))
    .join('\n');

test('lines that meet join, whoever drew them', () => {
  const grid = new Grid(7, 5, UNICODE);
  grid.box({ x: 0, y: 0, width: 7, height: 5 }, 'faint');
  grid.vertical(3, 0, 4, 'faint');
  grid.horizontal(3, 6, 2, 'faint');
  expect(text(grid)).toBe('╭──┬──╮\n│  │  │\n│  ├──┤\n│  │  │\n╰──┴──╯');
});

test('the same in ASCII', () => {
  const grid = new Grid(4, 3, ASCII);
  grid.box({ x: 0, y: 0, width: 4, height: 3 }, 'faint');
  expect(text(grid)).toBe('+--+\n|  |\n+--+');
});

test('text covers lines, and a wide character its two cells', () => {
  const grid = new Grid(8, 1, UNICODE);
  grid.horizontal(0, 7, 0, 'faint');
  grid.put(2, 0, 'text', ' 日 ');
  expect(text(grid)).toBe('╶─ 日 ─╴');
});

test('a window shows its part of a larger drawing', () => {
  const grid = new Grid(3, 2, UNICODE, 8, 9);
  grid.box({ x: 0, y: 0, width: 10, height: 10 }, 'faint');
  expect(text(grid)).toBe('─╯ \n   ');
});

test('a wide character that half fits is left out', () => {
  const grid = new Grid(3, 1, UNICODE);
  grid.put(0, 0, 'text', 'ab日');
  expect(text(grid)).toBe('ab ');
});

test('marks stay with their character, and outside text is escaped', () => {
  const grid = new Grid(9, 1, UNICODE);
  grid.put(0, 0, 'text', 'e\u0301\x1b');
  expect(text(grid)).toBe('e\u0301\\u{1b}  ');
});
