// sluice check: everything that is wrong with a notebook and can be known without a cluster. Nothing of it
// runs: cells are parsed and bundled, and types are checked.

import { escapeControl } from '../../engine/core/logger.ts';
import type { Flags, ParsedArguments } from '../args.ts';
import { CellBundler } from '../compiler/bundle-cell.ts';
import type { Diagnostic } from '../compiler/diagnostics.ts';
import { hasErrors, type Notebook } from '../compiler/notebook.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { canRun, runOptions } from '../run/cell-options.ts';
import { printDiagnostic } from '../run/print-diagnostic.ts';
import { readNotebook } from '../run/run-notebook.ts';
import { stderrTalk } from '../talk.ts';
import { TypeService } from '../types/type-service.ts';
import { writeOut } from '../write-out.ts';

export const CHECK_FLAGS: Flags = {
  json: {
    kind: 'switch',
    description: 'Problems as JSON lines with severity, message, file, line, column and text.',
  },
};

/** Exits with 4 when there is an error; warnings alone are none. */
export async function check(args: ParsedArguments): Promise<number> {
  const [path, ...more] = args.positionals;
  if (path === undefined) throw usageError('check needs a notebook: sluice check notebook.ts');
  if (more.length > 0) throw usageError(`check takes one notebook, not also ${more.join(' ')}`);
  const notebook = readNotebook(path);
  const problems = await problemsOf(notebook);
  for (const problem of problems)
    writeOut(`${args.has('json') ? JSON.stringify(problem) : inText(problem)}\n`);
  stderrTalk().say(`${notebook.name}: ${summary(problems)}`);
  return problems.some(isError) ? EXIT.compile : EXIT.ok;
}

/** In the order of the file, those of files that it imports last. */
async function problemsOf(notebook: Notebook): Promise<readonly Diagnostic[]> {
  const types = new TypeService();
  const bundler = new CellBundler();
  try {
    const checking = types.check(notebook);
    const found = new Problems();
    for (const cell of notebook.cells) {
      found.add(cell.problems);
      found.add(runOptions(notebook, cell).problems);
    }
    for (const cell of notebook.cells) {
      if (!canRun(cell) || hasErrors(cell)) continue;
      const compilation = await bundler.bundle(notebook, cell.index);
      found.add(compilation.status === 'failed' ? compilation.errors : compilation.warnings);
    }
    found.add((await checking) ?? []);
    return found.inOrder(notebook.name);
  } finally {
    await types.close();
    await bundler.stop();
  }
}

/** Of errors one for each place: who looks first says it best. */
class Problems {
  readonly #byPlace = new Map<string, Diagnostic>();

  add(problems: readonly Diagnostic[]): void {
    for (const problem of problems) {
      const { file, line, column, message } = problem;
      const isPlaced = isError(problem) && line !== undefined;
      const place = JSON.stringify([file, line, column, isPlaced ? '' : message]);
      if (!this.#byPlace.has(place)) this.#byPlace.set(place, problem);
    }
  }

  inOrder(notebook: string): readonly Diagnostic[] {
    return [...this.#byPlace.values()].sort(
      (a, b) =>
        Number(a.file !== notebook) - Number(b.file !== notebook) ||
        a.file.localeCompare(b.file) ||
        (a.line ?? 0) - (b.line ?? 0) ||
        (a.column ?? 0) - (b.column ?? 0),
    );
  }
}

const isError = ({ severity }: Diagnostic): boolean => severity === 'error';

/** Its own text is the user's, and may hold anything. */
const inText = (problem: Diagnostic): string =>
  printDiagnostic({ ...problem, message: `${problem.severity}: ${problem.message}` })
    .split('\n')
    .map(escapeControl)
    .join('\n');

function summary(problems: readonly Diagnostic[]): string {
  const errors = problems.filter(isError).length;
  const warnings = problems.length - errors;
  const parts = [counted(errors, 'error'), ...(warnings > 0 ? [counted(warnings, 'warning')] : [])];
  return parts.join(', ');
}

const counted = (count: number, noun: string): string =>
  `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`;
