import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../cli/ui/commands.ts';
import { KEYS } from '../../cli/ui/keys.ts';
import { layoutOf, type PaneId } from '../../cli/ui/layout.ts';
import { onKey, onMouse, onPaste } from '../../cli/ui/state/reducer.ts';
import { type Context, shownOutput } from '../../cli/ui/state/selection.ts';
import { focusOf, initialUi, type UiState } from '../../cli/ui/state/ui-state.ts';
import type { ScreenModel } from '../../cli/ui/store.ts';
import { UNICODE } from '../../cli/ui/text/glyphs.ts';
import { notebook, output, outputs } from './fixture-notebook.ts';
import { cluster, flightsJob, manyJobs, NOW } from './fixtures.ts';

const MODEL: ScreenModel = {
  notebook: notebook(),
  cluster: cluster([flightsJob()]),
  outputs: outputs(40),
  log: undefined,
  notice: undefined,
  isEmbedded: true,
  isReadOnly: false,
};

/** A screen that keys are pressed on. */
class Pressed {
  ui: UiState;
  model: ScreenModel;
  nowMs = NOW;
  readonly out: Outcome[number][] = [];

  constructor(model: Partial<ScreenModel> = {}, columns = 200, rows = 60) {
    this.model = { ...MODEL, ...model };
    this.ui = initialUi(columns, rows, true);
  }

  get context(): Context {
    return { ui: this.ui, model: this.model, nowMs: this.nowMs, glyphs: UNICODE };
  }

  press(...keys: readonly string[]): this {
    for (const key of keys) this.#take(onKey(this.context, key));
    return this;
  }

  type(text: string): this {
    return this.press(...[...text].map((character) => (character === ' ' ? 'space' : character)));
  }

  paste(text: string): this {
    this.#take(onPaste(this.context, text));
    return this;
  }

  click(x: number, y: number): this {
    this.#take(onMouse(this.context, { kind: 'press', button: 0, x, y }));
    return this;
  }

  wheel(kind: 'wheel-up' | 'wheel-down', x: number, y: number): this {
    this.#take(onMouse(this.context, { kind, button: 0, x, y }));
    return this;
  }

  /** The middle of what a pane shows now. */
  middleOf(pane: PaneId): readonly [number, number] {
    const rect = layoutOf(this.ui).areas.find(({ active }) => active === pane)?.rect;
    if (rect === undefined) throw new Error(`${pane} is not shown`);
    return [rect.x + (rect.width >> 1), rect.y + (rect.height >> 1)];
  }

  #take({ ui, out }: { readonly ui: UiState; readonly out: Outcome }): void {
    this.ui = ui;
    this.out.push(...out);
  }
}

describe('running', () => {
  test.each(['ctrl+j', 'f5', 'enter'])(
    '%s runs the selected cell, by default the first that can run',
    (key) => {
      expect(new Pressed().press(key).out).toEqual([{ kind: 'run-cell', cell: 2 }]);
    },
  );

  test('ctrl+j runs it from any pane, enter only in the cells', () => {
    expect(new Pressed().press('tab', 'ctrl+j').out).toEqual([{ kind: 'run-cell', cell: 2 }]);
    expect(new Pressed().press('tab', 'enter').out).toEqual([]);
  });

  test('text cells do not run', () => {
    const pressed = new Pressed().press('g', 'ctrl+j');
    expect(pressed.out).toEqual([]);
    expect(pressed.ui.notice?.text).toBe('not possible here and now');
  });

  test('the editor opens at the selected cell, or at the operator of the selected vertex', () => {
    const line = MODEL.notebook?.cells[2]?.firstLine;
    expect(new Pressed().press('e').out).toEqual([
      { kind: 'open-editor', path: 'flights.ts', line },
    ]);
    const job = flightsJob();
    const vertices = job.vertices.map((vertex) => ({
      ...vertex,
      operators: vertex.operators.map((operator) => ({ ...operator, line: 99 })),
    }));
    const model = { cluster: cluster([{ ...job, vertices }]) };
    expect(new Pressed(model).press('2', 'j', 'e').out).toEqual([
      { kind: 'open-editor', path: 'flights.ts', line: 99 },
    ]);
  });

  test('a job is cancelled only after a yes, and enter is none', () => {
    const { id } = flightsJob();
    expect(new Pressed().press('x', 'enter').out).toEqual([]);
    expect(new Pressed().press('x', 'escape').out).toEqual([]);
    expect(new Pressed().press('x', 'y').out).toEqual([{ kind: 'cancel-job', jobId: id }]);
  });

  test('on a cluster that others use, the yes is typed', () => {
    const { id, name } = flightsJob();
    const word = /^[!-~]{1,24}$/.test(name) ? name : id.slice(0, 8);
    for (const [key, kind] of [
      ['x', 'cancel-job'],
      ['s', 'savepoint'],
      ['S', 'stop-job'],
    ] as const) {
      const pressed = new Pressed({ isEmbedded: false }).press(key, 'y', 'enter');
      expect(pressed.out).toEqual([]);
      expect(pressed.ui.notice?.text).toBe(`type ${word}, or esc for no`);
      pressed.press('backspace').type(word).press('enter');
      expect(pressed.out).toEqual([{ kind, jobId: id }]);
    }
  });

  test('a parallelism is a number that every vertex can have', () => {
    const { id } = flightsJob();
    const pressed = new Pressed().press('p').type('129').press('enter');
    expect(pressed.ui.notice?.text).toBe('a number from 1 to 128, or esc');
    pressed.press('backspace', 'enter');
    expect(pressed.out).toMatchObject([{ kind: 'rescale', jobId: id, parallelism: 12 }]);
  });

  test('what cannot be done says why', () => {
    const why = 'the DefaultScheduler does not';
    const job = { ...flightsJob(), cannotRescale: why };
    expect(new Pressed({ cluster: cluster([job]) }).press('p').ui.notice?.text).toBe(why);
    const looked = new Pressed({ isReadOnly: true }).press('x');
    expect(looked.ui.dialog).toBeUndefined();
    expect(looked.ui.notice?.text).toContain('read-only');
    const ended = new Pressed({ cluster: cluster([{ ...flightsJob(), state: 'FINISHED' }]) });
    expect(ended.press('S').ui.notice?.text).toMatch(/ has ended$/);
  });

  test('checkpoints and cancelling are for running jobs', () => {
    const ended = new Pressed({ cluster: cluster([{ ...flightsJob(), state: 'FINISHED' }]) });
    ended.press('x', 'c');
    expect(ended.ui.dialog).toBeUndefined();
    expect(ended.out).toEqual([]);
    const jobId = flightsJob().id;
    expect(new Pressed().press('c').out).toEqual([{ kind: 'trigger-checkpoint', jobId }]);
  });
});

describe('rescaling', () => {
  const widest = Math.max(...flightsJob().vertices.map(({ parallelism }) => parallelism));

  test('gives all vertices of the greatest parallelism another one', () => {
    const pressed = new Pressed()
      .press(':')
      .type(`rescale ${widest + 1}`)
      .press('enter');
    const wide = flightsJob().vertices.filter(({ parallelism }) => parallelism === widest);
    const parallelisms = Object.fromEntries(wide.map(({ id }) => [id, widest + 1]));
    expect(pressed.out).toMatchObject([
      { kind: 'rescale', jobId: flightsJob().id, parallelism: widest + 1, parallelisms },
    ]);
  });

  test('is for the selected vertex of the plan, and take along what is joined one to one', () => {
    const [first, second] = flightsJob().vertices;
    const edges = [
      {
        source: first?.id ?? '',
        target: second?.id ?? '',
        shipStrategy: 'FORWARD',
        notChained: undefined,
      },
    ];
    const pressed = new Pressed({ cluster: cluster([{ ...flightsJob(), edges }]) });
    const parallelism = (first?.parallelism ?? 0) + 1;
    pressed.press('2', 'j', 'p').type(`${parallelism}`).press('enter');
    expect(pressed.out).toMatchObject([
      {
        kind: 'rescale',
        what: first?.name,
        jobId: flightsJob().id,
        parallelisms: { [first?.id ?? '']: parallelism, [second?.id ?? '']: parallelism },
      },
    ]);
  });

  test('asks nothing where nothing would change', () => {
    for (const line of [`rescale ${widest}`, 'rescale 0', 'rescale x']) {
      const pressed = new Pressed().press(':').type(line).press('enter');
      expect([line, pressed.ui.dialog, pressed.out]).toEqual([line, undefined, []]);
    }
  });
});

describe('leaving', () => {
  test('asks first where it ends a running job', () => {
    const pressed = new Pressed().press('q');
    expect(pressed.ui.dialog).toMatchObject({ kind: 'confirm' });
    expect(pressed.out).toEqual([]);
    expect(pressed.press('y').out).toEqual([{ kind: 'quit' }]);
  });

  test('asks nothing where the cluster goes on, or nothing runs', () => {
    expect(new Pressed({ isEmbedded: false }).press('q').out).toEqual([{ kind: 'quit' }]);
    expect(new Pressed({ cluster: undefined }).press('q').out).toEqual([{ kind: 'quit' }]);
  });

  test('ctrl+c interrupts, twice within two seconds quits', () => {
    const pressed = new Pressed().press('ctrl+c');
    expect(pressed.out).toEqual([{ kind: 'interrupt' }]);
    pressed.nowMs += 3_000;
    pressed.press('ctrl+c');
    pressed.nowMs += 1_000;
    expect(pressed.press('ctrl+c').out.at(-1)).toEqual({ kind: 'quit' });
  });

  test('esc goes one step back at a time', () => {
    const pressed = new Pressed().press('J', 'enter', 'j', 'z');
    expect(pressed.ui).toMatchObject({ page: 'job', isZoomed: true, vertex: 'flights' });
    expect(pressed.press('escape').ui.vertex).toBeUndefined();
    expect(pressed.press('escape').ui.isZoomed).toBe(false);
    expect(pressed.press('escape').ui.page).toBe('jobs');
    expect(pressed.press('escape').ui.page).toBe('notebook');
    expect(pressed.press('escape').ui.page).toBe('notebook');
  });
});

describe('pages', () => {
  test('a job is entered from the list and left again', () => {
    const { id } = flightsJob();
    const pressed = new Pressed().press('J', 'enter');
    expect(pressed.ui).toMatchObject({ page: 'job', jobId: id });
    expect(focusOf(pressed.ui)).toBe('plan');
    pressed.press('N');
    expect(pressed.out).toEqual([
      { kind: 'show-page', page: 'jobs' },
      { kind: 'enter-job', jobId: id },
      { kind: 'leave-job', jobId: id },
      { kind: 'show-page', page: 'notebook' },
    ]);
  });

  test('tab goes through all panes of the page and comes round', () => {
    const pressed = new Pressed();
    const seen = [0, 1, 2, 3, 4, 5].map(() => focusOf(pressed.press('tab').ui));
    expect(seen).toEqual(['plan', 'slots', 'checkpoints', 'output', 'exceptions', 'cells']);
    expect(focusOf(pressed.press('shift+tab').ui)).toBe('exceptions');
    expect(focusOf(pressed.press('2').ui)).toBe('plan');
  });
});

describe('moving', () => {
  test('the selected cell is kept in sight', () => {
    const { cells } = notebook();
    const many = Array.from({ length: 10 }, () => cells)
      .flat()
      .map((cell, index) => ({ ...cell, index }));
    const pressed = new Pressed({ notebook: { ...notebook(), cells: many } }, 100, 20);
    pressed.press('G');
    expect(pressed.ui.cell).toBe(39);
    expect(pressed.ui.scroll.cells).toBeGreaterThan(0);
    pressed.press('g');
    expect(pressed.ui).toMatchObject({ cell: 0, scroll: { cells: 0 } });
    pressed.press('k');
    expect(pressed.ui.cell).toBe(0);
  });

  test('in a thousand jobs the selection moves by rows and pages, within bounds', () => {
    const jobs = { ...cluster([]), jobs: manyJobs() };
    const pressed = new Pressed({ cluster: jobs }).press('J', 'j', 'j');
    expect(pressed.ui.job).toBe(jobs.jobs[2]?.id);
    pressed.press('G', 'down');
    expect(pressed.ui.job).toBe(jobs.jobs[999]?.id);
    pressed.press('pageup');
    expect(jobs.jobs.findIndex(({ id }) => id === pressed.ui.job)).toBeLessThan(999);
  });

  test('going up from the newest row stops following, going beyond it follows again', () => {
    const pressed = new Pressed().press('5', 'k');
    expect(pressed.ui.outputRow).toBe(39);
    pressed.press('k');
    expect(pressed.ui.outputRow).toBe(38);
    pressed.press('j', 'j');
    expect(pressed.ui.outputRow).toBeUndefined();
  });
});

describe('the output', () => {
  test('frozen, stays as it is while rows come', () => {
    const pressed = new Pressed().press('space');
    pressed.model = { ...pressed.model, outputs: outputs(400) };
    expect(shownOutput(pressed).total).toBe(40);
    expect(shownOutput(pressed.press('space')).total).toBe(400);
  });

  test('the selected row is copied, as it was printed', () => {
    const { rows } = output(40);
    expect(new Pressed().press('5', 'y').out).toEqual([{ kind: 'copy', text: rows[39]?.text }]);
    expect(new Pressed().press('5', 'k', 'k', 'y').out).toEqual([
      { kind: 'copy', text: rows[38]?.text },
    ]);
  });

  test('is filtered by a command from any pane', () => {
    expect(new Pressed().press(':').type('filter late').press('enter').ui.filters.output).toBe(
      'late',
    );
  });

  test('a filter narrows while it is typed; enter keeps it, esc clears it', () => {
    const pressed = new Pressed().press('5', '/').type('late');
    expect(pressed.ui.filters.output).toBe('late');
    pressed.press('enter');
    expect(pressed.ui).toMatchObject({ dialog: undefined, filters: { output: 'late' } });
    pressed.press('escape');
    expect(pressed.ui.filters.output).toBe('');
  });
});

describe('the command line', () => {
  test('runs a cell by title or number', () => {
    expect(
      new Pressed().press(':').type('run average delay per airport').press('enter').out,
    ).toEqual([{ kind: 'run-cell', cell: 2 }]);
    expect(new Pressed().press(':').type('run 2').press('enter').out).toEqual([
      { kind: 'run-cell', cell: 1 },
    ]);
  });

  test('completes commands and what follows them', () => {
    const pressed = new Pressed().press(':').type('ca').press('tab');
    expect(pressed.ui.dialog).toMatchObject({ line: { text: 'cancel ' } });
    pressed.type('wo').press('tab', 'enter');
    expect(pressed.ui.dialog).toMatchObject({ kind: 'confirm' });
  });

  test('remembers its lines, latest first', () => {
    const pressed = new Pressed().press(':').type('help').press('enter', 'escape');
    pressed.press(':').type('zoom').press('enter', ':', 'up', 'up');
    expect(pressed.ui.dialog).toMatchObject({ line: { text: 'help' } });
    pressed.press('down', 'down');
    expect(pressed.ui.dialog).toMatchObject({ line: { text: '' } });
  });

  test('a wrong command names the nearest', () => {
    const pressed = new Pressed().press(':').type('canel').press('enter');
    expect(pressed.ui.notice?.text).toBe('no command "canel"; did you mean "cancel"?');
  });

  test('is edited like a line in a shell', () => {
    const pressed = new Pressed()
      .press(':')
      .type('run all now')
      .press('ctrl+w', 'ctrl+a', 'delete');
    expect(pressed.ui.dialog).toMatchObject({ line: { text: 'un all ', cursor: 0 } });
    pressed.press('end', 'backspace', 'ctrl+u');
    expect(pressed.ui.dialog).toMatchObject({ line: { text: '' } });
    expect(pressed.press('backspace').ui.dialog).toBeUndefined();
  });
});

describe('the palette', () => {
  test('is searched by words and carries out what is chosen', () => {
    const pressed = new Pressed().press('?').type('trigger check').press('enter');
    expect(pressed.out).toEqual([{ kind: 'trigger-checkpoint', jobId: flightsJob().id }]);
    expect(pressed.ui.dialog).toBeUndefined();
  });

  test('lists every action of the table', () => {
    for (const { about, action } of KEYS) {
      const pressed = new Pressed().press('?').paste(about);
      expect(pressed.ui.dialog, action).toMatchObject({ kind: 'palette' });
    }
  });
});

test('pasted text goes into a line, and presses no keys', () => {
  expect(new Pressed().paste('qqq\r').out).toEqual([]);
  expect(new Pressed().press('x').paste('y').out).toEqual([]);
  const pressed = new Pressed().press(':').paste('run\nall');
  expect(pressed.ui.dialog).toMatchObject({ line: { text: 'run all' } });
  expect(pressed.out).toEqual([]);
});

describe('the mouse', () => {
  test('focuses the pane and selects what it hits', () => {
    const pressed = new Pressed();
    pressed.click(...pressed.middleOf('output'));
    expect(focusOf(pressed.ui)).toBe('output');
    expect(pressed.ui.outputRow).toBeGreaterThan(0);
    pressed.click(10, 3);
    expect(focusOf(pressed.ui)).toBe('cells');
    expect(pressed.ui.cell).toBe(0);
  });

  test('on a tab shows its pane', () => {
    const pressed = new Pressed({}, 80, 24);
    const at = (title: string): number =>
      '╭ 1 cells │ 2 plan │ 3 slots │ 4 checkpoints │ 5 output │ 6 exceptions'.indexOf(title);
    expect(focusOf(pressed.click(at('slots'), 1).ui)).toBe('slots');
    expect(focusOf(pressed.click(at('exceptions'), 1).ui)).toBe('exceptions');
    expect(focusOf(pressed.click(at('1 cells'), 1).ui)).toBe('cells');
  });

  test('selects the vertex below it', () => {
    const pressed = new Pressed();
    const [x] = pressed.middleOf('plan');
    const hit = Array.from({ length: 30 }, (_, y) => pressed.click(x, y + 2).ui.vertex);
    expect(new Set(hit)).toContain('flights');
    expect(new Set(hit)).toContain('perAirport');
  });

  test('scrolls with the wheel what lies below it', () => {
    const pressed = new Pressed({}, 100, 20);
    pressed.wheel('wheel-down', 5, 5);
    expect(pressed.ui.scroll.cells).toBe(3);
    pressed.wheel('wheel-up', 5, 5).wheel('wheel-up', 5, 5);
    expect(pressed.ui.scroll.cells).toBe(0);
  });

  test('can be left to the terminal', () => {
    expect(new Pressed().press('m').out).toEqual([{ kind: 'mouse', isOn: false }]);
  });
});
