// What a function is said to read, against what it reads: the analysis may name too much, never too little.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UserFunction } from '../../engine/core/user-function.ts';
import { fieldsRead } from '../../engine/program/read-fields.ts';

const made = (text: string): UserFunction =>
  // As a bundle would hold it: what `take`, `k` and `state` are is not to be seen in the text.
  new Function('take', 'k', 'state', `return (${text});`)(
    (value: unknown) => Object.values(Object(value)).length,
    'b',
    {},
  ) as UserFunction;

const read = (text: string, index = 0): readonly string[] | 'any' => {
  const fields = fieldsRead(made(text), index);
  return fields === undefined ? 'any' : [...fields].sort((a, b) => (a < b ? -1 : 1));
};

describe('what cannot read anything else', () => {
  test.each([
    ['v => v.a + v.b.c', ['a', 'b']],
    ['v => v?.a?.b', ['a']],
    ['v => v["a"] + v[0]', ['0', 'a']],
    ['({ a, b: { c }, d = 1, "e": f }) => a + c + d + f', ['a', 'b', 'd', 'e']],
    ['({ a } = { a: 1 }) => a', ['a']],
    ['(v) => { const { a, b } = v; return a + b; }', ['a', 'b']],
    ['function (v) { return () => v.a; }', ['a']],
    ['function* (v) { yield v.a; yield* v.b; }', ['a', 'b']],
    ['(v) => ({ v: v.a, w: { v: 1 } })', ['a']],
    ['(v) => state.v + take(v.a) + [v.b]', ['a', 'b']],
    ['(v) => v.a.toString()', ['a']],
    ['() => 1', []],
  ])('%s', (text, fields) => {
    expect(read(text)).toEqual(fields);
  });

  test('the second parameter alone', () => {
    expect(read('(a, { b, c }) => a[b] + c', 1)).toEqual(['b', 'c']);
    expect(read('(all, one) => { all.push(one.a); return all; }', 1)).toEqual(['a']);
    expect(read('(all) => all', 1)).toEqual([]);
  });

  test('a method', () => {
    const own = {
      add: (sum: number, { a }: { a: number }) => sum + a,
      of(v: { b: 1 }) {
        return v.b;
      },
    };
    expect(fieldsRead(own.add, 1)).toEqual(new Set(['a']));
    expect(fieldsRead(own.of, 0)).toEqual(new Set(['b']));
  });
});

describe('what may read anything', () => {
  test.each([
    'v => v',
    'v => take(v)',
    'v => ({ ...v })',
    'v => [v]',
    'v => ({ v })',
    'v => v[k]',
    'v => v.a()',
    'v => v?.a?.()',
    'v => v.a`text`',
    'v => { v.a = 1; return v.a; }',
    'v => v.a++',
    'v => delete v.a',
    'v => { for (v.a of [1]) return 1; }',
    'v => { [v.a] = [1]; return 1; }',
    'v => { ({ x: v.a } = { x: 1 }); return 1; }',
    'v => { const w = v; return w.b; }',
    'v => { const { a, ...rest } = v; return rest; }',
    '({ a, ...rest }) => rest',
    '({ [k]: a }) => a',
    '([a]) => a',
    '(...all) => all[0].a',
    'v => v === state ? 1 : v.a',
    'v => { for (const k in v) return v[k]; }',
    'v => "b" in v',
    'function (v) { return arguments[0].b; }',
    'async v => v.a',
    'v => v.a + eval("v.b")',
    'take',
    'take.bind(null)',
    'class { constructor(v) { v.a; } }',
  ])('%s', (text) => {
    expect(read(text)).toBe('any');
  });
});

describe('functions by chance', () => {
  const names = ['a', 'b', 'c', 'd'];
  const name = fc.constantFrom(...names);
  /** An expression over the record `v`, a number `n` and a text `k`. */
  const expression = fc.letrec<{ whole: string }>((tie) => ({
    whole: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('n', '1', 'k', 'take(v)', 'v[k]', '({ ...v }).a', '((w) => w.b)(v)'),
      name.map((x) => `v.${x}`),
      name.map((x) => `v?.${x}`),
      name.map((x) => `v["${x}"]`),
      name.map((x) => `(({ ${x} }) => ${x})(v)`),
      name.map((x) => `(() => { const { ${x}: found } = v; return found; })()`),
      name.map((x) => `((v) => v.${x})({ ${x}: 1 })`),
      fc.tuple(tie('whole'), tie('whole')).map(([x, y]) => `(${x} + ${y})`),
      fc.tuple(tie('whole'), tie('whole'), tie('whole')).map(([x, y, z]) => `(${x} ? ${y} : ${z})`),
      tie('whole').map((x) => `((n) => ${x})(2)`),
      tie('whole').map((x) => `take({ v: ${x}, k: [${x}] })`),
    ),
  })).whole;
  const parameter = fc.oneof(
    fc.constant('v'),
    fc.constant('v = {}'),
    fc.subarray(names, { minLength: 1 }).map((all) => `{ ${all.join(', ')} }`),
  );

  test('read no field that is not named', () => {
    fc.assert(
      fc.property(parameter, expression, (given, body) => {
        const text = given.startsWith('{')
          ? `(${given}, v = { a: 1, b: 2, c: 3, d: 4 }) => ${body}`
          : `(${given}) => ${body}`;
        const f = new Function('take', 'k', 'n', `return ${text};`)(
          (value: unknown) => JSON.stringify(value).length,
          'b',
          1,
        ) as UserFunction;
        const seen = new Set<PropertyKey>();
        const record = new Proxy(
          { a: 1, b: 2, c: 3, d: 4 },
          {
            get: (target, key) => {
              seen.add(key);
              return Reflect.get(target, key) as unknown;
            },
            ownKeys: () => {
              for (const one of names) seen.add(one);
              return names;
            },
          },
        );
        f(record);
        seen.delete('toJSON');
        const fields = fieldsRead(f, 0);
        if (fields !== undefined)
          expect([...seen].filter((key) => !fields.has(String(key)))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
