import { describe, expect, test } from 'vitest';
import { emptyFolder, openService, problemsOf } from './checked-notebooks.ts';

const service = openService();

const COUNTS =
  "import { env } from 'sluice';\nconst counts: string = env.from([1]).keyBy((n) => n).count();\n";

describe('in an empty folder', () => {
  const folder = emptyFolder();
  const problems = (text: string) => problemsOf(service, folder.notebook(text));

  test('sluice means the installation that runs', async () => {
    const [problem, ...more] = await problems(COUNTS);
    expect(problem).toContain("2:7 Type 'OperatorStream<[number, number]>' is not assignable");
    expect(more).toEqual([]);
  });

  test('there are Node’s types, and no browser’s', async () => {
    const text =
      "import { readFileSync } from 'node:fs';\nreadFileSync('a').byteLength.x;\nwindow;\n";
    expect(await problems(text)).toEqual([
      "book.ts:2:30 Property 'x' does not exist on type 'number'",
      "book.ts:3:1 Cannot find name 'window'",
    ]);
  });

  test('types are strict, and of the language that Node 24 runs', async () => {
    const text =
      'const a: string = null;\nObject.groupBy([1], (n) => n);\nusing x = { [Symbol.dispose]() {} };\n';
    expect(await problems(text)).toEqual([
      "book.ts:1:7 Type 'null' is not assignable to type 'string'",
    ]);
  });

  test('a file beside the notebook is checked too, as it is now', async () => {
    folder.write('lib/twice.ts', 'export const twice = (n: number): string => 2 * n;\n');
    const text = "import { twice } from './lib/twice.ts';\ntwice('a');\n";
    expect(await problems(text)).toEqual([
      "book.ts:2:7 Argument of type 'string' is not assignable to parameter of type 'number'",
      "lib/twice.ts:1:45 Type 'number' is not assignable to type 'string'",
    ]);
    folder.write('lib/twice.ts', 'export const twice = (s: string): string => s + s;\n');
    expect(await problems(text)).toEqual([]);
    folder.remove('lib/twice.ts');
    expect(await problems(text)).toEqual([
      "book.ts:1:23 Cannot find module './lib/twice.ts' or its corresponding type declarations",
    ]);
    folder.write('lib/twice.ts', 'export const twice = 2;\n');
    expect(await problems(text)).toEqual(['book.ts:2:1 This expression is not callable']);
  });

  test('a file without types may be imported', async () => {
    folder.write('plain.js', 'export const half = (n) => n / 2;\n');
    folder.write('data.json', '{ "a": 1 }\n');
    const text =
      "import { half } from './plain.js';\nimport data from './data.json';\nhalf(data.a).x;\n";
    expect(await problems(text)).toEqual([
      "book.ts:3:14 Property 'x' does not exist on type 'number'",
    ]);
  });
});

describe('in a folder with a tsconfig.json', () => {
  const folder = emptyFolder();
  const problems = (text: string) => problemsOf(service, folder.notebook(text));
  const configure = (options: object, more: object = {}) =>
    folder.write('tsconfig.json', JSON.stringify({ compilerOptions: options, ...more }));

  test('strictness, libraries and paths are as it says, also when it comes to say so', async () => {
    const text = 'const a: string = null;\ndocument.title;\n';
    expect(await problems(text)).toHaveLength(2);
    configure({ strict: false, lib: ['es2024', 'dom'] });
    expect(await problems(text)).toEqual([]);
    configure({
      strict: false,
      lib: ['es2024', 'dom'],
      exactOptionalPropertyTypes: true,
      strictNullChecks: true,
    });
    expect(await problems(text)).toHaveLength(1);
  });

  test('paths lead where they are declared, and sluice to sluice', async () => {
    folder.write(
      'base/tsconfig.json',
      '{ "compilerOptions": { "paths": { "~/*": ["./lib/*"], "sluice": ["./lib/a.ts"] } } }',
    );
    folder.write('base/lib/a.ts', 'export const a = 1;\n');
    configure({}, { extends: './base/tsconfig.json' });
    const text =
      "import { a } from '~/a.ts';\nimport { env } from 'sluice';\na.x;\nenv.from([a]);\n";
    expect(await problems(text)).toEqual(["book.ts:3:3 Property 'x' does not exist on type '1'"]);
  });

  test('it cannot say how cells are compiled', async () => {
    folder.write('a.ts', 'export const a = 1;\n');
    configure({
      module: 'commonjs',
      moduleResolution: 'node',
      target: 'es5',
      types: [],
      noUnusedLocals: true,
      noEmitOnError: true,
      allowImportingTsExtensions: false,
      ignoreDeprecations: '6.0',
    });
    const text =
      "import { a } from './a.ts';\nimport { join } from 'node:path';\nconst [b] = new Set([a]);\nawait join('a');\n";
    expect(await problems(text)).toEqual([]);
  });

  test('what it says to ts-node is overruled', async () => {
    configure({}, { 'ts-node': { transpileOnly: true, swc: true, compiler: 'no-such-compiler' } });
    expect(await problems('const a: string = 1;\n')).toEqual([
      "book.ts:1:7 Type 'number' is not assignable to type 'string'",
    ]);
  });

  test('a mistake in it is a warning, and the notebook is checked', async () => {
    configure({ strict: 'yes' });
    const found = await service.check(folder.notebook('const a: string = 1;\n'));
    expect(found?.map(({ severity, file, message }) => [severity, file, message])).toEqual([
      ['error', 'book.ts', "Type 'number' is not assignable to type 'string'"],
      [
        'warning',
        'tsconfig.json',
        "Compiler option 'strict' requires a value of type boolean; cells are checked as if there were no tsconfig.json",
      ],
    ]);
    folder.write('tsconfig.json', '{ "compilerOptions": {');
    const [warning] = (await service.check(folder.notebook(''))) ?? [];
    expect(warning).toMatchObject({ severity: 'warning', file: 'tsconfig.json', line: 1 });
    folder.write('tsconfig.json', '{ "extends": "./nowhere.json" }');
    expect((await service.check(folder.notebook('')))?.[0]?.message).toContain('nowhere.json');
  });
});

describe('in a folder with packages', () => {
  const folder = emptyFolder();

  test('its TypeScript, and its sluice, are not asked', async () => {
    folder.write(
      'node_modules/typescript/package.json',
      '{ "name": "typescript", "version": "7.0.2" }',
    );
    folder.write('node_modules/typescript/index.js', "throw new Error('no API');\n");
    folder.write('node_modules/sluice/package.json', '{ "name": "sluice", "types": "index.d.ts" }');
    folder.write('node_modules/sluice/index.d.ts', 'export const old: 1;\n');
    const [problem, ...more] = await problemsOf(service, folder.notebook(COUNTS));
    expect(problem).toContain("2:7 Type 'OperatorStream<[number, number]>' is not assignable");
    expect(more).toEqual([]);
  });

  test('its own types of Node are taken, and a package is found once it is installed', async () => {
    folder.write(
      'node_modules/@types/node/package.json',
      '{ "name": "@types/node", "types": "index.d.ts" }',
    );
    folder.write('node_modules/@types/node/index.d.ts', 'declare const fromHere: 1;\n');
    const text = "import { late } from 'late';\nfromHere.x;\nlate.y;\n";
    const notebook = folder.notebook(text, 'packages.ts');
    expect(await problemsOf(service, notebook)).toEqual([
      "packages.ts:1:22 Cannot find module 'late' or its corresponding type declarations",
      "packages.ts:2:10 Property 'x' does not exist on type '1'",
    ]);
    folder.write('node_modules/late/package.json', '{ "name": "late", "types": "index.d.ts" }');
    folder.write('node_modules/late/index.d.ts', 'export const late: 2;\n');
    expect(await problemsOf(service, notebook)).toEqual([
      "packages.ts:2:10 Property 'x' does not exist on type '1'",
      "packages.ts:3:6 Property 'y' does not exist on type '2'",
    ]);
  });
});
