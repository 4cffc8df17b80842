import { expect, test } from 'vitest';
import { NotebookParser } from '../../cli/compiler/parse-notebook.ts';
import { runOptions } from '../../cli/run/cell-options.ts';

function optionsOf(text: string) {
  const notebook = new NotebookParser().parse('/n.ts', text);
  return notebook.cells.map((cell) => runOptions(notebook, cell));
}

test('what a cell says wins over what the notebook says', () => {
  const [, one, two] = optionsOf(
    '// parallelism="2" state.backend.type="hashmap"\n1;\n// %% A parallelism="4" run="manual"\n1;\n// %% B\n1;\n',
  );
  expect(one).toMatchObject({
    configuration: { 'parallelism.default': '4', 'state.backend.type': 'hashmap' },
    isManual: true,
    problems: [],
  });
  expect(two).toMatchObject({ configuration: { 'parallelism.default': '2' }, isManual: false });
});

test('an option that means nothing is a warning, with the nearest that does', () => {
  const [, cell] = optionsOf(
    '1;\n// %% A paralelism="4" execution.chekpointing.interval="1 s"\n1;\n',
  );
  expect(cell?.problems.map(({ severity, message }) => [severity, message])).toEqual([
    ['warning', expect.stringContaining('did you mean parallelism?')],
    ['warning', expect.stringContaining('did you mean execution.checkpointing.interval?')],
  ]);
});

test('a value that does not fit is an error at its cell', () => {
  const [, cell] = optionsOf('1;\n// %% A parallelism="many"\n1;\n');
  expect(cell?.problems).toEqual([
    expect.objectContaining({
      severity: 'error',
      file: 'n.ts',
      line: 3,
      message: '"A": parallelism.default: "many" is not a whole number of at least 1',
    }),
  ]);
});
