// sluice [notebook.ts]: on the screen where there is one, else as `run`. Without a file it is the folder's
// notebook.ts, else the demo.

import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { packageRoot } from '../../engine/entrypoint/entries.ts';
import type { Flags, ParsedArguments } from '../args.ts';
import { usageError } from '../exit-codes.ts';
import { readNotebook } from '../run/run-notebook.ts';
import { writeOut } from '../write-out.ts';
import { RUN_FLAGS, run } from './run.ts';
import { SCREEN_FLAGS } from './screen-flags.ts';

export const OPEN_FLAGS: Flags = { ...RUN_FLAGS, ...SCREEN_FLAGS };

/** A flag of `run` alone means that nobody looks on. */
const HEADLESS = Object.keys(RUN_FLAGS).filter((flag) => !(flag in SCREEN_FLAGS));

export async function open(args: ParsedArguments): Promise<number> {
  const [notebook, ...more] = args.positionals;
  if (more.length > 0) throw usageError(`sluice opens one notebook, not also ${more.join(' ')}`);
  if (notebook !== undefined) return show(args, notebook);
  const isNamed = args.has('jobmanager') || args.has('context');
  if (isNamed && hasScreen(args)) return show(args, undefined);
  return existsSync('notebook.ts') ? show(args, 'notebook.ts') : demo(args);
}

/** The demo; headless, its summary goes to stdout as well. */
export async function demo(args: ParsedArguments): Promise<number> {
  const own = join(packageRoot, 'notebooks');
  if (!own.includes(`${sep}node_modules${sep}`))
    return show(args, shortest(join(own, DEMO)), 'stdout');
  // Of an installed package, a copy: it is there to be edited.
  const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'));
  const copy = join(folder, DEMO);
  for (const name of [DEMO, 'data'])
    cpSync(join(own, name), join(folder, name), { recursive: true });
  const code = await show(args, copy, 'stdout');
  if (readFileSync(copy, 'utf8') === readFileSync(join(own, DEMO), 'utf8')) {
    rmSync(folder, { recursive: true, force: true });
  } else {
    writeOut(`your changes are in ${copy}\n`);
  }
  return code;
}

const DEMO = 'flights.ts';

async function show(
  args: ParsedArguments,
  notebook: string | undefined,
  summaryTo: 'stderr' | 'stdout' = 'stderr',
): Promise<number> {
  if (!hasScreen(args) && notebook !== undefined)
    return run({ ...args, positionals: [notebook] }, summaryTo);
  // A notebook that is not there is said without a screen.
  if (notebook !== undefined) readNotebook(notebook);
  const { showScreen } = await import('./screen.ts');
  return showScreen(args, notebook);
}

function hasScreen(args: ParsedArguments): boolean {
  const { CI: ci, TERM: term } = process.env;
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const isWanted = !HEADLESS.some((flag) => args.has(flag));
  return isTerminal && isWanted && (ci === undefined || ci === '') && term !== 'dumb';
}

function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') ? path : fromHere;
}
