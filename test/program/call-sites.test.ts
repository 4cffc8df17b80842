import { expect, test } from 'vitest';
import { originOfCaller } from '../../engine/program/call-sites.ts';
import { evaluate } from '../../engine/program/evaluate.ts';
import { compile, stopBundlerAfterTests, surroundings } from './notebooks.ts';

stopBundlerAfterTests();

const NOTEBOOK = `import { here, call } from 'sluice';
const pre = here();
// %% First cell
const first = [here(),
  here()];
function helper() {
  return call(() => here());
}
const { a, b: [c] } = { a: here(), b: [here()] };
class Held { static place = here(); own = here(); }
// %% Ünïcode 🛫
const use = helper();
const object = { deep: { er: () => here() } }, other = await Promise.resolve().then(() => here());
await null; const behind = here();
[pre, ...first, use, a, c, Held.place, new Held().own, object.deep.er(), other, behind,
  here()]
`;

test.each(['program', 'slot'] as const)(
  'the place of a call is the innermost in the notebook, with its declaration, in a %s',
  async (mode) => {
    const { bundle } = await compile(NOTEBOOK);
    const call = (f: () => unknown): unknown => f();
    const { result } = await evaluate(bundle, mode, surroundings, {
      createApi: () => ({ here: originOfCaller, call }),
    });
    const [first, last] = ['First cell', 'Ünïcode 🛫'];
    expect(result).toEqual([
      { cell: 'flights.ts', variable: 'pre', line: 2, column: 13 },
      { cell: first, variable: 'first', line: 4, column: 16 },
      { cell: first, variable: 'first', line: 5, column: 3 },
      { cell: first, variable: 'helper', line: 7, column: 21 },
      { cell: first, variable: 'a, c', line: 9, column: 28 },
      { cell: first, variable: 'a, c', line: 9, column: 40 },
      { cell: first, variable: 'Held', line: 10, column: 29 },
      { cell: first, variable: 'Held', line: 10, column: 43 },
      { cell: last, variable: 'object', line: 13, column: 36 },
      { cell: last, variable: 'other', line: 13, column: 91 },
      { cell: last, variable: 'behind', line: 14, column: 28 },
      { cell: last, variable: '', line: 16, column: 3 },
    ]);
  },
);

test('there is none outside of notebooks', () => {
  expect(originOfCaller()).toBeUndefined();
});
