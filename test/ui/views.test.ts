import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { captionView, frameView } from '../../cli/ui/chrome/frame.ts';
import { helpView } from '../../cli/ui/chrome/help.ts';
import { layoutOf } from '../../cli/ui/layout.ts';
import { initialUi } from '../../cli/ui/state/ui-state.ts';
import { createLook, type Look } from '../../cli/ui/text/look.ts';
import { displayWidth } from '../../cli/ui/text/width.ts';
import { hostileText, type Models, poisoned } from './hostile.ts';
import { type Draw, SHOWN, shown, viewsOf } from './shown-views.ts';

// The clock in the header is local time.
vi.stubEnv('TZ', 'UTC');

const looks = [
  createLook('dark', 'unicode'),
  createLook('light', 'unicode'),
  createLook('mono', 'ascii'),
];
const anyLook = fc.constantFrom(...looks);
const anyWidth = fc.integer({ min: 1, max: 240 });
const anyHeight = fc.integer({ min: 1, max: 70 });

const SGR = /\x1b\[[\d;]*m/g;
const CONTROL = /\p{Cc}|\p{Cs}|\p{Default_Ignorable_Code_Point}/u;

function expectInside(rows: readonly string[], width: number, height: number): void {
  expect(rows).toHaveLength(height);
  for (const row of rows) {
    const text = row.replace(SGR, '');
    expect(text).not.toMatch(CONTROL);
    expect(displayWidth(text), text).toBeLessThanOrEqual(width);
  }
}

const drawFrame: Draw = (width, height, look) => {
  const ui = initialUi(width, height, true);
  return frameView(layoutOf(ui), 'notebook', 'cells', width, height, look);
};

const frames: Readonly<Record<string, Draw>> = {
  notebook: drawFrame,
  caption: (width, height, look) => [
    ...captionView([{ style: 'text', text: '日本 1.2k rows' }], width, look),
    ...Array.from({ length: height - 1 }, () => ''),
  ],
  help: (width, height, look) => helpView(width, height, look),
};

const drawn: Readonly<Record<string, Readonly<Record<string, Draw>>>> = { ...SHOWN, frames };

describe.each(Object.keys(drawn))('%s', (view) => {
  test.each(Object.keys(drawn[view] ?? {}))('%s fits every size', (name) => {
    const draw = drawn[view]?.[name];
    fc.assert(
      fc.property(anyWidth, anyHeight, anyLook, (width, height, look) => {
        expectInside(draw?.(width, height, look) ?? [], width, height);
      }),
      { numRuns: 60 },
    );
  });
});

test('no text from outside breaks out of its pane or reaches the terminal unescaped', () => {
  const anyModels = fc.array(hostileText, { minLength: 1, maxLength: 12 }).map(poisoned);
  fc.assert(
    fc.property(anyModels, anyWidth, anyHeight, anyLook, (models: Models, width, height, look) => {
      for (const draw of viewsOf(models)) expectInside(draw(width, height, look), width, height);
    }),
    { numRuns: 40 },
  );
});

describe('without colours', () => {
  const mono = createLook('mono', 'unicode');
  const picture = (draw: Draw, width: number, height: number, look: Look = mono): string =>
    `\n${draw(width, height, look)
      .map((row) => row.replace(SGR, '').trimEnd())
      .join('\n')}\n`;

  test('the flights job is a chain of boxes with its barriers on the way', () => {
    expect(picture(shown('plan', 'flights'), 78, 28)).toMatchSnapshot();
  });

  test('a diamond joins its wires at ports of their own', () => {
    expect(picture(shown('plan', 'diamond'), 110, 20)).toMatchSnapshot();
  });

  test('the same plan in ASCII', () => {
    const ascii = createLook('mono', 'ascii');
    expect(picture(shown('plan', 'diamond'), 110, 20, ascii)).toMatchSnapshot();
  });

  test('thirty vertices become chips where space is short', () => {
    expect(picture(shown('plan', 'wide'), 150, 16)).toMatchSnapshot();
  });

  test('slots hold the subtasks that share them', () => {
    expect(picture(shown('slots', 'flights'), 84, 8)).toMatchSnapshot();
  });

  test('lost and silent TaskManagers and the slots of other jobs are told apart', () => {
    expect(picture(shown('slots', 'lost'), 84, 12)).toMatchSnapshot();
  });

  test('subtasks without a slot are said first', () => {
    expect(picture(shown('slots', 'restarting'), 84, 9)).toMatchSnapshot();
  });

  test('256 slots of two sharing groups become chips', () => {
    expect(picture(shown('slots', 'crowded'), 84, 34)).toMatchSnapshot();
  });

  test('checkpoints show their acknowledgements and why one failed', () => {
    expect(picture(shown('checkpoints', 'flights'), 84, 9)).toMatchSnapshot();
  });

  test('an exception names task, line of the notebook and record', () => {
    expect(picture(shown('exceptions', 'failed'), 84, 5)).toMatchSnapshot();
  });

  test('rows that no checkpoint covers carry a dot', () => {
    expect(picture(shown('output', 'following'), 70, 10)).toMatchSnapshot();
  });

  test('cells carry what became of them, and a caret under what is wrong', () => {
    expect(picture(shown('cells', 'live'), 74, 40)).toMatchSnapshot();
  });

  test('where not all cells fit, those not selected are folded to what is wrong with them', () => {
    expect(picture(shown('cells', 'live'), 74, 20)).toMatchSnapshot();
  });

  test('the header drops the least important first', () => {
    for (const width of [120, 90, 60, 30]) {
      expect(picture(shown('header', 'live'), width, 1)).toMatchSnapshot(`${width} columns`);
    }
  });

  test('the frame around the panes joins at every corner', () => {
    const view = (columns: number, rows: number): string => picture(drawFrame, columns, rows);
    expect(view(140, 40)).toMatchSnapshot('full');
    expect(view(110, 20)).toMatchSnapshot('double');
    expect(view(70, 16)).toMatchSnapshot('single');
  });
});

test('nothing jumps when the figures of a plan change', () => {
  const look = createLook('mono', 'unicode');
  const borders = (beat: number): readonly string[] =>
    shown('beats', `plan ${beat}`)(90, 28, look).map((row) =>
      row.replace(SGR, '').replace(/[^│╭╮╰╯├┤┬┴─]/g, ' '),
    );
  expect(borders(3)).toEqual(borders(0));
});
