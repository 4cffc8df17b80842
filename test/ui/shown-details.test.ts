// Single rows of the views, where a picture of the whole would hide what they are about.

import { expect, test } from 'vitest';
import type { JobModel } from '../../cli/model/cluster-model.ts';
import { UNICODE } from '../../cli/ui/text/glyphs.ts';
import { createLook } from '../../cli/ui/text/look.ts';
import type { Row } from '../../cli/ui/text/spans.ts';
import { cellBody } from '../../cli/ui/views/cell-body.ts';
import { outputView } from '../../cli/ui/views/output.ts';
import { slotsView } from '../../cli/ui/views/slots.ts';
import { notebook } from './fixture-notebook.ts';
import { cluster, flightsJob, parallelJob, taskManager } from './fixtures.ts';

const look = createLook('mono', 'unicode');

test('what a job says takes the whole row and moves no column of the rows', () => {
  const row = { sink: '', subtask: undefined, text: 'a row', tentative: false, message: undefined };
  const said = { ...row, text: 'Source: files: a warning', message: 'warn' as const };
  const draw = (...rows: (typeof row | typeof said)[]) =>
    outputView(
      {
        output: { rows, dropped: 0, total: rows.length, messages: 0 },
        row: undefined,
        isFrozen: false,
        missed: 0,
        filter: '',
      },
      40,
      rows.length,
      look,
    );
  const [, warning, below] = draw(row, said, row);
  expect(below).toBe(draw(row)[0]);
  expect(warning?.replace(/\x1b\[\d*m/g, '').trim()).toBe('Source: files: a warning');
});

const texts = (rows: readonly Row[]): string[] =>
  rows.map(({ spans }) =>
    spans
      .map(({ text }) => text)
      .join('')
      .trim(),
  );

test('a problem has a caret where its column is known, and none where it is not', () => {
  const [cell] = notebook().cells.filter(({ lines }) => lines.length > 1);
  if (cell === undefined) throw new Error('no cell');
  const at = (column: number | undefined) => {
    const problem = {
      severity: 'error' as const,
      message: 'broken',
      file: 'a.ts',
      line: cell.firstLine,
      column,
      text: undefined,
    };
    const shown = { ...cell, run: { status: 'idle' as const }, diagnostics: [problem] };
    return texts(cellBody(shown, false, 60, UNICODE));
  };
  expect(at(1).some((text) => text.includes(UNICODE.caret))).toBe(true);
  expect(at(undefined)).toContain('broken');
  expect(at(undefined).some((text) => text.includes(UNICODE.caret))).toBe(false);
});

const slots = (...jobs: readonly JobModel[]): string =>
  slotsView({ cluster: cluster(jobs, [taskManager(1, 4, 0)]), scroll: 0 }, 58, 20, look).join('\n');

test('of several jobs the slots carry the names', () => {
  const all = slots(flightsJob(1), { ...parallelJob(), id: 'other', name: 'another one' });
  expect(all).toContain(flightsJob(1).name);
  expect(all).toContain('another one');
  expect(all).not.toContain('default');
});

test('which process a TaskManager is, can be seen in half a screen', () => {
  expect(slots(flightsJob(1))).toMatch(/taskmanager-1.*pid 4711/);
});
