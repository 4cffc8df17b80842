import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEditor } from '../../cli/session/editor.ts';
import { temporaryDirectory } from '../harness/temporary-directory.ts';

/** An editor of that name that writes down its arguments. */
function editor(name: string, exitCode = 0): { readonly path: string; args(): readonly string[] } {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" > "$0.args"\nexit ${exitCode}\n`, {
    mode: 0o755,
  });
  return { path, args: () => readFileSync(`${path}.args`, 'utf8').trimEnd().split('\n') };
}

test.each([
  ['vim', ['+7', '/n.ts']],
  ['code', ['--wait', '--goto', '/n.ts:7']],
  ['hx', ['/n.ts:7']],
  ['mine', ['/n.ts']],
])('%s is opened at the line, as it wants to be told', async (name, args) => {
  const own = editor(name);
  expect(await openEditor({ EDITOR: own.path }, '/n.ts', 7)).toBeUndefined();
  expect(own.args()).toEqual(args);
});

test('VISUAL wins over EDITOR, and may have arguments', async () => {
  const own = editor('mine');
  await openEditor({ VISUAL: `${own.path} --wait`, EDITOR: 'false' }, '/n.ts', 1);
  expect(own.args()).toEqual(['--wait', '/n.ts']);
});

test('what goes wrong is told', async () => {
  const own = editor('mine', 3);
  expect(await openEditor({ EDITOR: own.path }, '/n.ts', 1)).toBe(`${own.path} ended with 3`);
  expect(await openEditor({ EDITOR: '/no/such/editor' }, '/n.ts', 1)).toBe(
    'there is no editor "/no/such/editor": EDITOR or VISUAL says so',
  );
});
