import { expect, expectTypeOf, test } from 'vitest';
import type { DataStream, Source } from '../../engine/index.ts';
import { type Api, graphOf, nodeOf, refusal } from './program.ts';

/** The numbers below a bound. */
class Numbers implements Source<number, { readonly below: number }, number> {
  readonly name = 'numbers';
  readonly splits = [{ below: 3 }, { below: 2 }];

  createReader({ below }: { readonly below: number }, at = 0) {
    let next = at;
    return { next: () => (next < below ? next++ : undefined), position: () => next };
  }
}

test('its splits stand in the plan, its reader in a slot', () => {
  const graph = graphOf(({ env }) => {
    env.fromSource(new Numbers()).print();
  });
  expect(nodeOf(graph, 'Source: numbers')).toMatchObject({
    params: {
      connector: { name: 'custom', options: { splits: [{ below: 3 }, { below: 2 }] } },
    },
    functions: ['reader'],
  });
});

test('the stream has the type of the records', () => {
  const typed = ({ env }: Api) => env.fromSource(new Numbers());
  expectTypeOf(typed).returns.toExtend<DataStream<number>>();
});

const reader = { next: () => undefined, position: () => 0 };

test.each<[string, unknown, string]>([
  ['is nothing', undefined, 'the source is undefined; give an object with splits'],
  ['has no reader', { splits: [1] }, 'createReader of the source is undefined; give a function'],
  [
    'has no splits',
    { splits: [], createReader: () => reader },
    'the splits are an array; give an array of at least one',
  ],
  [
    'has a split that would not be the same behind JSON',
    { splits: [1, { at: new Date(0) }], createReader: () => reader },
    'split 1 is no JSON; give what a reader needs as numbers and texts',
  ],
  ['has an empty name', { name: '', splits: [1], createReader: () => reader }, 'the name is ""'],
])('a source that %s is refused', (_, source, message) => {
  const text = refusal(({ env }) => {
    env.fromSource(source as Source<number>).print();
  });
  expect(text).toContain(`fromSource (cell "late", line 12): ${message}`);
});
