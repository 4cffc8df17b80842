import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { emptyFolder } from './checked-notebooks.ts';

const folder = emptyFolder();
const cli = fileURLToPath(new URL('../../cli', import.meta.url));
const program = `import { parseArguments } from '${cli}/args.ts';
import { CHECK_FLAGS, check } from '${cli}/commands/check.ts';
const [, ...argv] = process.argv;
check(parseArguments('check', CHECK_FLAGS, argv)).then(process.exit, (error) => {
  process.stderr.write(error.message);
  process.exit(error.code);
});`;

function sluiceCheck(...argv: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', program, '--', ...argv],
    { encoding: 'utf8', cwd: folder.path, env: { ...process.env, NO_COLOR: '1' } },
  );
  return { status, stdout, stderr };
}

describe('sluice check', () => {
  test('says nothing of a notebook in which nothing is wrong', () => {
    folder.write(
      'good.ts',
      "import { env } from 'sluice';\n// %% A\nenv.from([1]).map((n) => n);\n",
    );
    expect(sluiceCheck('good.ts')).toEqual({
      status: 0,
      stdout: '',
      stderr: 'good.ts: no errors\n',
    });
  });

  test('tells what every stage finds, once, in the order of the file', () => {
    folder.write('lib.ts', 'export const twice = (n: number): string => 2 * n;\n');
    folder.write(
      'bad.ts',
      `// speeed="3"
import { env } from 'sluice';
// %% A
const a = 1;
// %% B
const a = 2;
// %% C
import { twice } from './lib.ts';
import { nowhere } from './nowhere.ts';
nowhere;
twice('\u001b[31m').x;
// %% D
env.from([1]).map((n) => {
`,
    );
    const { status, stdout, stderr } = sluiceCheck('bad.ts');
    expect(stdout.split('\n').filter((line) => /^\S/.test(line))).toEqual([
      'bad.ts:1:1: warning: "bad.ts" has an option speeed that means nothing: did you mean speed?',
      'bad.ts:4:7: error: "a" is declared twice, on line 4 (cell "A") and on line 6 (cell "B"): a name belongs to one cell',
      'bad.ts:6:7: error: "a" is declared twice, on line 4 (cell "A") and on line 6 (cell "B"): a name belongs to one cell',
      'bad.ts:9:25: error: cannot find module "./nowhere.ts"',
      "bad.ts:11:7: error: Argument of type 'string' is not assignable to parameter of type 'number'",
      "bad.ts:11:16: error: Property 'x' does not exist on type 'string'",
      'bad.ts:13:27: error: the cell ends in the middle of a statement: something in it is not closed',
      "lib.ts:1:45: error: Type 'number' is not assignable to type 'string'",
    ]);
    expect(stderr).toBe('bad.ts: 7 errors, 1 warning\n');
    expect(status).toBe(4);
  });

  test('obeys no control character of the notebook', () => {
    folder.write('hostile.ts', "const a: string = 1; '\u001b[31m';\n");
    expect(sluiceCheck('hostile.ts').stdout).toContain('\\u{1b}[31m');
  });

  test('writes problems as JSON lines', () => {
    folder.write('bad-type.ts', 'const a: string = 1;\n');
    const { status, stdout } = sluiceCheck('--json', 'bad-type.ts');
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([
      {
        severity: 'error',
        message: "Type 'number' is not assignable to type 'string'",
        file: 'bad-type.ts',
        line: 1,
        column: 7,
        text: 'const a: string = 1;',
      },
    ]);
    expect(status).toBe(4);
  });

  test('needs one notebook, which it can read', () => {
    expect(sluiceCheck()).toMatchObject({ status: 2 });
    expect(sluiceCheck('a.ts', 'b.ts')).toMatchObject({ status: 2 });
    const { status, stderr } = sluiceCheck('missing.ts');
    expect([status, stderr]).toEqual([
      2,
      `cannot read the notebook missing.ts: there is no such file (${join(folder.path, 'missing.ts')})`,
    ]);
  });
});
