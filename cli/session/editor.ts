// The user's editor, in the terminal that the screen has lent: $VISUAL, else $EDITOR, else the first of the
// usual ones that is there. It opens at the line where the user was looking.

import { spawn } from 'node:child_process';
import { basename } from 'node:path';

const USUAL = ['nano', 'vim', 'vi'];

/** Resolves with what went wrong, or undefined, when the editor has ended. */
export async function openEditor(
  environment: NodeJS.ProcessEnv,
  path: string,
  line: number,
): Promise<string | undefined> {
  const named = environment['VISUAL'] || environment['EDITOR'];
  const commands = named === undefined || named === '' ? USUAL : [named];
  for (const command of commands) {
    const outcome = await runEditor(command, path, line);
    if (outcome === 'missing') continue;
    return outcome === 0 ? undefined : `${command} ended with ${outcome}`;
  }
  return named === undefined || named === ''
    ? 'no editor found: set EDITOR'
    : `there is no editor ${JSON.stringify(named)}: EDITOR or VISUAL says so`;
}

function runEditor(command: string, path: string, line: number): Promise<number | string> {
  const [program = '', ...given] = command.trim().split(/\s+/);
  return new Promise((resolve) => {
    const child = spawn(program, [...given, ...placeOf(program, path, line)], { stdio: 'inherit' });
    child.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'ENOENT' ? 'missing' : (code ?? 'an error')),
    );
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 0));
  });
}

function placeOf(program: string, path: string, line: number): readonly string[] {
  switch (basename(program)) {
    case 'code':
    case 'codium':
    case 'cursor':
      return ['--wait', '--goto', `${path}:${line}`];
    case 'hx':
    case 'helix':
    case 'zed':
    case 'subl':
      return [`${path}:${line}`];
    case 'vi':
    case 'vim':
    case 'nvim':
    case 'nano':
    case 'emacs':
    case 'emacsclient':
    case 'micro':
    case 'kak':
    case 'joe':
    case 'ne':
      return [`+${line}`, path];
    default:
      return [path];
  }
}
