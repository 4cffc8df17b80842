import { describe, expect, test } from 'vitest';
import { withText } from '../../cli/compiler/diagnostics.ts';
import { NotebookParser } from '../../cli/compiler/parse-notebook.ts';
import {
  type ProgramFailure,
  type ProgramResult,
  runProgram,
} from '../../engine/program/program-run.ts';
import { DifferentJob, loadProgram } from '../../engine/program/slot-program.ts';
import { compile, stopBundlerAfterTests, surroundings } from './notebooks.ts';
import { tinyModules } from './tiny-api.ts';

stopBundlerAfterTests();

async function run(text: string): Promise<ProgramResult> {
  const { bundle } = await compile(text);
  return runProgram({ bundle, surroundings }, tinyModules);
}

async function failureOf(text: string): Promise<ProgramFailure> {
  const result = await run(text);
  if (result.status !== 'failed') throw new Error('it did not fail');
  return result;
}

const IMPORT = "import { env, from, generate } from 'sluice';\n";

describe('a program that runs', () => {
  test('gives its graph, its hash and what its collections hold', async () => {
    const text = `${IMPORT}// %% A\nfrom([1, 2]).map((x: number) => x).print();\n`;
    const [first, second] = [await run(text), await run(text)];
    expect(first).toMatchObject({
      status: 'built',
      graph: { name: 'A', nodes: [{ kind: 'source' }, { kind: 'map' }, { kind: 'sink' }] },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(second).toEqual(first);
  });

  test('has another hash when a collection holds something else, or a function does', async () => {
    const hashes = ['[1, 2], x => x', '[1, 3], x => x', '[1, 2], x => x + 1'].map(async (parts) => {
      const [values, map] = parts.split(', x');
      const result = await run(`${IMPORT}// %% A\nfrom(${values}).map(x${map}).print();\n`);
      return result.status === 'built' ? result.hash : '';
    });
    expect(new Set(await Promise.all(hashes)).size).toBe(3);
  });

  test('keeps its hash when lines move and other cells change', async () => {
    const book = (more: string): string =>
      `${IMPORT}// %% B\n${more}const b = 1;\n// %% A\nfrom([1]).map((x) => x).print();\n`;
    expect(await run(book('// why\n\n'))).toMatchObject({
      hash: ((await run(book(''))) as { hash: string }).hash,
    });
  });
});

describe('a program that fails', () => {
  test('is a problem at the cell’s own line, whose text the notebook adds', async () => {
    const text = `${IMPORT}// %% A\nconst f = () => { throw new TypeError('no'); };\n// %% B\n\n  f();\n`;
    const { error, diagnostic } = await failureOf(text);
    expect(error).toMatchObject({ name: 'TypeError', message: 'no' });
    expect(diagnostic).toEqual({
      ...{ severity: 'error', message: 'TypeError: no', file: 'flights.ts' },
      ...{ line: 3, column: 25, text: undefined },
    });
    const notebook = new NotebookParser().parse('/books/flights.ts', text);
    expect(withText(diagnostic, notebook).text).toBe(
      "const f = () => { throw new TypeError('no'); };",
    );
  });

  test.each([
    ['nope(1);', 'TypeError: nope is not a function'],
    ['env.nope(1);', 'TypeError: env.nope is not a function'],
    ['whole.from.nope(1);', 'TypeError: from.nope is not a function'],
    ['nowhere;', 'ReferenceError: nowhere is not defined'],
  ])('is described in the words of its text: %s', async (statement, message) => {
    const imports = "import whole, { env, nope } from 'sluice';\n";
    const { error, diagnostic } = await failureOf(`${imports}// %% A\n${statement}\n`);
    expect(diagnostic).toMatchObject({ message, line: 3 });
    expect(error.stack).toContain(message);
    expect(error.stack).not.toContain('import_');
  });

  test.each([
    ['null', 'threw null, not an Error'],
    ['"text"', 'threw "text", not an Error'],
    ['undefined', 'threw undefined, not an Error'],
    [
      'new Proxy({}, { get() { throw 1; } })',
      'threw an object that is not an Error: a value that cannot be printed',
    ],
    [
      'new Proxy(Error("x"), { getPrototypeOf() { throw 1; }, get() { throw 2; } })',
      'threw an object that is not an Error: a value that cannot be printed',
    ],
    ['{ message: "plain" }', 'plain'],
  ])('may throw %s', async (thrown, message) => {
    expect((await failureOf(`// %% A\nthrow ${thrown};\n`)).diagnostic).toMatchObject({
      message,
      file: 'flights.ts',
    });
  });

  test('names both places of two equal uids, and stands at the second', async () => {
    const text = `${IMPORT}// %% A\nconst a = from([1]).uid('x');\na.map(String)\n  .uid('x').print();\n`;
    expect((await failureOf(text)).diagnostic).toMatchObject({
      message: expect.stringMatching(/^two operators have the uid "x".*line 3.*line 4/),
      ...{ line: 4, column: 3 },
    });
  });

  test('may fail in what it imports from Node: the line is the cell’s', async () => {
    const text = "import fs from 'node:fs';\n// %% A\n\nfs.readFileSync('/not/there');\n";
    expect((await failureOf(text)).diagnostic).toMatchObject({
      message: expect.stringContaining('ENOENT'),
      ...{ line: 4, column: 4 },
    });
  });

  test('shows the causes of its error', async () => {
    const text = "// %% A\nthrow new Error('outer', { cause: new RangeError('inner') });\n";
    const { error, diagnostic } = await failureOf(text);
    expect(error.cause).toMatchObject({ name: 'RangeError', message: 'inner' });
    expect(error.cause?.stack).toContain('flights.ts:2:35');
    expect(diagnostic.message).toBe('outer\n  caused by: RangeError: inner');
  });
});

describe('a slot', () => {
  async function planned(text: string) {
    const { bundle } = await compile(text);
    const built = await runProgram({ bundle, surroundings }, tinyModules);
    if (built.status === 'failed') throw new Error(built.diagnostic.message);
    return { bundle, surroundings, graph: built.graph, hash: built.hash };
  }

  test('finds the functions of the plan, collections and all', async () => {
    const text = `${IMPORT}// %% A\nfrom([1, 2]).map((x: number) => x * 10).print();\nfrom(['x']).print();\n`;
    const plan = await planned(text);
    const { functions, blobs } = await loadProgram(plan, tinyModules);
    expect((functions.get('2.map') as (x: number) => number)(5)).toBe(50);
    expect(blobs.size).toBe(0);
  });

  test('refuses a cell that builds a different job each time, with the first difference', async () => {
    Object.assign(globalThis, { turns: 0 });
    const text =
      `${IMPORT}// %% A\nconst odd = (globalThis as any).turns++ % 2;\nconst s = generate({ n: 1 });\n` +
      '(odd ? s.map((x) => x) : s.filter((x) => x)).print();\n';
    const plan = await planned(text);
    await expect(loadProgram(plan, tinyModules)).rejects.toThrow(
      'cell "A" builds a different job each time: operator 2 of cell "A" is map(...) now and was filter(...)',
    );
    await expect(loadProgram(plan, tinyModules)).resolves.toBeDefined();
    Reflect.deleteProperty(globalThis, 'turns');
  });

  test('refuses a plan with another function', async () => {
    const plan = await planned(`${IMPORT}// %% A\ngenerate({}).map((x) => x).print();\n`);
    const error = await loadProgram({ ...plan, hash: '0' }, tinyModules).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(DifferentJob);
    expect((error as Error).message).toContain('the text of a function differs');
  });
});
