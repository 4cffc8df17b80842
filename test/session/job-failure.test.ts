import { expect, test } from 'vitest';
import { NotebookParser } from '../../cli/compiler/parse-notebook.ts';
import type { CellJob } from '../../cli/session/cell-state.ts';
import { CellState } from '../../cli/session/cell-state.ts';
import { failureOf } from '../../cli/session/job-failure.ts';
import { OutputLog } from '../../cli/session/output-log.ts';

const TEXT = `TypeError: no name
  in operator "Map", cell "Fails", line 4, record {"n":40}
    at helper (lib.ts:1:1)
    at f.ts:5:21`;

/** The cell was submitted when it began at line 2; the notebook is as it is now. */
function failed(text: string, notebookText: string, isStale = false) {
  const notebook = new NotebookParser().parse('/n/f.ts', notebookText);
  const cell = notebook.cells.find(({ title }) => title === 'Fails');
  if (cell === undefined) throw new Error('no such cell');
  const state = new CellState(cell);
  const job: CellJob = {
    id: 'j',
    fingerprint: '',
    firstLine: 3,
    compileMs: 1,
    firstRowMs: undefined,
    log: new OutputLog(() => undefined),
    abort: new AbortController(),
  };
  state.submitted(job);
  state.isStale = isStale;
  return failureOf(text, state, notebook);
}

const CELL = '// %% Fails\nenv\n  .map(a)\n  .map((r) => r.name.length)\n  .print();\n';
const SAME = `import { env } from 'sluice';\n${CELL}`;

test('a failure is shown where the program threw, with the record', () => {
  expect(failed(TEXT, SAME)).toEqual([
    {
      severity: 'error',
      message: 'TypeError: no name (record {"n":40})',
      file: 'f.ts',
      line: 5,
      column: 21,
      text: '  .map((r) => r.name.length)',
    },
  ]);
});

test('it moves with its cell', () => {
  expect(failed(TEXT, `import { env } from 'sluice';\n// one\n// two\n${CELL}`)).toMatchObject([
    { line: 7, text: '  .map((r) => r.name.length)' },
  ]);
});

test('without a frame in the cell it stands at the line of the operator', () => {
  const text = 'Error: bad\n  in operator "Map", cell "Fails", line 4\n    at helper (lib.ts:1:1)';
  expect(failed(text, SAME)).toMatchObject([{ line: 4, column: undefined, message: 'Error: bad' }]);
  expect(failed('NoSlots: none', SAME)).toMatchObject([{ line: 3, message: 'NoSlots: none' }]);
});

test('a cell that has changed since is not blamed', () => {
  expect(failed(TEXT, SAME, true)).toEqual([]);
});
