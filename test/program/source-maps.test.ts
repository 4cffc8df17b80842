import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findScript, scriptOf } from '../../engine/program/bundle-script.ts';
import { placeOfThrown } from '../../engine/program/source-maps.ts';
import { compile, programOf, resultOf, stopBundlerAfterTests } from './notebooks.ts';

stopBundlerAfterTests();

const stackOf = (call: () => unknown): string[] => {
  try {
    call();
  } catch (error) {
    return ((error as Error).stack ?? '').split('\n');
  }
  return [];
};

describe('the stack of an error', () => {
  test('of a function of a program shows its frames, and those of whoever called it', async () => {
    const text =
      '// %% A\nconst fail = (n: number): never => {\n  if (n > 0) return fail(n - 1);\n  throw new RangeError("no " + n);\n};\nfail;\n';
    const fail = (await resultOf(text)) as (n: number) => never;
    const [message, ...frames] = stackOf(() => fail(2));
    expect(message).toBe('RangeError: no 0');
    expect(frames.slice(0, 3)).toEqual([
      '    at fail (flights.ts:4:9)',
      '    at fail (flights.ts:3:21)',
      '    at fail (flights.ts:3:21)',
    ]);
    expect(frames[3]).toContain('source-maps.test.ts');
  });

  test.each([
    ['passed to a call', '((f: unknown) => f)((x: any) => x.y.z);'],
    ['the last expression', '(x: any) => x.y.z;'],
  ])(
    'names no object of the engine that holds a function without a name, %s',
    async (_how, expression) => {
      const call = (await resultOf(`// %% A\n${expression}\n`)) as (x: unknown) => unknown;
      class MapOperator {
        readonly #map = call;
        process(value: unknown): unknown {
          return this.#map(value);
        }
      }
      expect(stackOf(() => new MapOperator().process({}))[1]).toBe(
        `    at flights.ts:2:${expression.indexOf('z') + 1}`,
      );
    },
  );

  test('leaves out the engine’s frames, and the glue of the bundle', async () => {
    const text =
      "import { from } from 'sluice';\n// %% A\nfunction* values() {\n  yield 1;\n  throw new Error('in an iterable');\n}\nfrom(values());\n";
    const stack = (await programOf(text).catch((error: Error) => error.stack)) as string;
    expect(stack.split('\n').slice(0, 3)).toEqual([
      'Error: in an iterable',
      '    at values (flights.ts:5:9)',
      '    at values.next (<anonymous>)',
    ]);
    expect(stack).toContain('    at flights.ts:7:1');
    expect(stack).not.toMatch(/engine[/\\](program|core)|bundle-[0-9a-f]{16}/);
  });

  test('that arose amid the glue begins in the notebook', async () => {
    const stack = (await resultOf("\nimport x from 'node:nothing';\nx;\n").catch(
      (error: Error) => error.stack,
    )) as string;
    expect(stack.split('\n')[1]).toBe('    at flights.ts:2:15');
    expect(stack).not.toContain('bundle-');
  });

  test('that no bundle threw is left as it is', async () => {
    await resultOf('1;');
    expect(new Error('ours').stack).toContain('source-maps.test.ts');
  });

  test('of an error whose name and message are traps is still written', async () => {
    const text =
      '// %% A\nconst error = new Error("x");\nObject.defineProperty(error, "name", { get() { throw 1; } });\nthrow error;\n';
    const error = await programOf(text).catch((thrown: unknown) => thrown as Error);
    expect((error as Error).stack).toMatch(/^Error\n {4}at flights\.ts:2:15\n/);
  });
});

describe('the place of what was thrown', () => {
  test('is the innermost in the notebook, also when what it imports threw it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-place-'));
    writeFileSync(join(folder, 'thrower.ts'), 'export const fail = () => JSON.parse("{");\n');
    const text =
      "import { fail } from './thrower';\n// %% A\nconst f = () => fail();\n// %% B\nf();\n";
    const path = join(folder, 'flights.ts');
    const error = await programOf(text, { path }).catch((thrown: unknown) => thrown);
    expect(placeOfThrown(error)).toEqual({ file: 'flights.ts', line: 3, column: 17 });
    const alone = "import './thrower-alone';\n";
    writeFileSync(join(folder, 'thrower-alone.ts'), '\nnull.x;\n');
    const other = await programOf(alone, { path }).catch((thrown: unknown) => thrown);
    expect(placeOfThrown(other)).toEqual({ file: 'thrower-alone.ts', line: 2, column: 6 });
    rmSync(folder, { recursive: true });
  });

  test('is unknown of what is no error, or not a program’s', async () => {
    expect([null, 'text', 5, {}].map(placeOfThrown)).toEqual(Array(4).fill(undefined));
    expect(placeOfThrown(new Error('ours'))).toBeUndefined();
  });
});

test('one script stands for all evaluations of a bundle, and of no other', async () => {
  const { bundle } = await compile('// %% A\n1 + 1;');
  const script = scriptOf(bundle);
  expect(scriptOf(structuredClone(bundle))).toBe(script);
  const renamed = (await compile('// %% B\n1 + 1;')).bundle;
  expect(renamed.code).toBe(bundle.code);
  expect(scriptOf(renamed)).not.toBe(script);
  expect(findScript(script.name)).toBe(script);
  expect(findScript('flights.ts')).toBeUndefined();
});
