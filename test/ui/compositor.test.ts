import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Compositor } from '../../cli/ui/terminal/compositor.ts';
import type { ColorDepth } from '../../cli/ui/terminal/styles.ts';
import type { Rect } from '../../cli/ui/text/grid.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { Emulator } from './emulator.ts';

class Fixture {
  readonly clock = new FakeClock();
  readonly written: string[] = [];
  readonly compositor: Compositor;
  accepts = true;

  constructor(width: number, height: number, depth: ColorDepth = 'true') {
    const write = (text: string): boolean => {
      this.written.push(text);
      return this.accepts;
    };
    this.compositor = new Compositor({ width, height, depth, clock: this.clock, write });
  }

  /** All frames that are due. */
  settle(): void {
    this.clock.advance(20);
  }

  pane(id: string, rect: Rect, rows: readonly string[], input: unknown = rows): void {
    this.compositor.setPane(id, { rect, inputs: () => [input], draw: () => rows });
  }
}

/** Rows of styled text as views and Ink make them, wide characters, marks and emoji included. */
const anyRow = fc
  .array(
    fc.tuple(
      fc.constantFrom('', '\x1b[1m', '\x1b[38;2;1;2;3m', '\x1b[48;5;9m', '\x1b[4;31m', '\x1b[0m'),
      fc.constantFrom('a', 'bc ', '   ', '日', '本語', 'e\u0301', '│', '◆', '👍', '\x07'),
    ),
    { maxLength: 8 },
  )
  .map((parts) => `${parts.flat().join('')}\x1b[0m`);

const WIDTH = 16;
const HEIGHT = 5;
const anyRect = fc
  .tuple(
    fc.nat(WIDTH - 1),
    fc.nat(HEIGHT - 1),
    fc.integer({ min: 1, max: WIDTH }),
    fc.integer({ min: 1, max: HEIGHT }),
  )
  .map(([x, y, width, height]) => ({
    x,
    y,
    width: Math.min(width, WIDTH - x),
    height: Math.min(height, HEIGHT - y),
  }));
const anyRows = fc.array(anyRow, { minLength: HEIGHT, maxLength: HEIGHT });
const anyStep = fc.oneof(
  fc.record({ kind: fc.constant('layer' as const), rows: anyRows }),
  fc.record({
    kind: fc.constant('pane' as const),
    id: fc.constantFrom('a', 'b'),
    rect: anyRect,
    rows: anyRows,
  }),
  fc.record({ kind: fc.constant('mask' as const), rect: anyRect }),
  fc.record({ kind: fc.constantFrom('remove pane' as const, 'remove mask' as const) }),
);

describe('what the terminal shows', () => {
  test('after any changes is the same as when everything is drawn anew', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 8 }), async (steps) => {
        const fixture = new Fixture(WIDTH, HEIGHT);
        const step = apply(fixture);
        const live = new Emulator(WIDTH, HEIGHT);
        for (const one of steps) {
          step(one);
          fixture.settle();
        }
        await live.write(fixture.written.splice(0).join(''));
        fixture.compositor.repaint();
        fixture.settle();
        const fresh = new Emulator(WIDTH, HEIGHT);
        await fresh.write(fixture.written.join(''));
        expect(live.cells()).toEqual(fresh.cells());
      }),
      { numRuns: 300 },
    );
  });

  test('is what the panes drew, over the layer, below the masks', async () => {
    const fixture = new Fixture(10, 3);
    fixture.compositor.setLayer('..........\n..........\n..........');
    fixture.pane('a', { x: 1, y: 0, width: 6, height: 2 }, ['aaaaaaaa', '日本日本']);
    fixture.compositor.setMask('dialog', { x: 4, y: 1, width: 3, height: 2 });
    fixture.settle();
    const emulator = new Emulator(10, 3);
    await emulator.write(fixture.written.join(''));
    // The mask covers one half of 本: the other is blank.
    expect(emulator.rows()).toEqual(['.aaaaaa...', '.日 ......', '..........']);
  });

  test('is the layer where a pane begins with see-through cells', async () => {
    const fixture = new Fixture(10, 1);
    fixture.compositor.setLayer('----------');
    fixture.pane('a', { x: 2, y: 0, width: 6, height: 1 }, ['\uffff\uffff\uffffabc']);
    fixture.settle();
    const emulator = new Emulator(10, 1);
    await emulator.write(fixture.written.join(''));
    expect(emulator.text()).toBe('-----abc--');
  });

  test('holds no sequence but styles, places and modes, whatever a row holds', () => {
    const fixture = new Fixture(40, 1);
    fixture.pane('a', { x: 0, y: 0, width: 40, height: 1 }, [
      '\x1b[2Jx\x1b]0;t\x07\x1b[1mb\x1b[0m\u009b31m\r\n\x1b[5;5H\ud800',
    ]);
    fixture.settle();
    const frame = fixture.written.join('');
    const known = /\x1b\[(?:\?(?:2026|25)[hl]|[\d;]*m|\d+;\d+H|2J|\d+D)/g;
    expect(frame.replace(known, '')).not.toMatch(/\p{Cc}|\p{Cs}/u);
    expect(frame.match(/\x1b\[2J/g)).toHaveLength(1);
  });
});

function apply(fixture: Fixture): (step: StepOf<typeof anyStep>) => void {
  const { compositor } = fixture;
  return (step) => {
    switch (step.kind) {
      case 'layer':
        return compositor.setLayer(step.rows.join('\n'));
      case 'pane':
        return fixture.pane(step.id, step.rect, step.rows);
      case 'mask':
        return compositor.setMask('mask', step.rect);
      case 'remove pane':
        return compositor.removePane('a');
      case 'remove mask':
        return compositor.removeMask('mask');
    }
  };
}

type StepOf<T> = T extends fc.Arbitrary<infer S> ? S : never;

describe('frames', () => {
  test('an idle compositor paints at once, a busy one at most 120 times a second', () => {
    const fixture = new Fixture(10, 1);
    for (let i = 0; i < 1_000; i++) {
      fixture.compositor.setLayer(String(i));
      fixture.clock.advance(1);
    }
    expect(fixture.compositor.frames).toBeGreaterThan(100);
    expect(fixture.compositor.frames).toBeLessThanOrEqual(121);
    fixture.clock.advance(100);
    const before = fixture.compositor.frames;
    fixture.compositor.setLayer('now');
    fixture.clock.advance(0);
    expect(fixture.compositor.frames).toBe(before + 1);
  });

  test('are one write each, inside a synchronized update', () => {
    const fixture = new Fixture(10, 2);
    fixture.compositor.setLayer('ab\ncd');
    fixture.settle();
    expect(fixture.written).toHaveLength(1);
    expect(fixture.written[0]).toMatch(/^\x1b\[\?2026h.*\x1b\[\?2026l$/s);
  });

  test('without a change nothing is written', () => {
    const fixture = new Fixture(10, 2);
    fixture.compositor.setLayer('ab');
    fixture.settle();
    fixture.compositor.setLayer('ab');
    fixture.compositor.invalidate();
    fixture.settle();
    expect(fixture.written).toHaveLength(1);
  });

  test('a change of one cell costs about as many bytes', () => {
    const fixture = new Fixture(200, 60);
    const rows = Array.from({ length: 60 }, () => 'x'.repeat(200));
    fixture.compositor.setLayer(rows.join('\n'));
    fixture.settle();
    rows[30] = `${'x'.repeat(99)}y${'x'.repeat(100)}`;
    fixture.compositor.setLayer(rows.join('\n'));
    fixture.settle();
    expect(fixture.written[1]).toBe('\x1b[?2026h\x1b[31;100Hy\x1b[?25l\x1b[?2026l');
  });

  test('changes a few cells apart are one stretch, farther ones are two', () => {
    const changed = (row: string): string => {
      const fixture = new Fixture(20, 1);
      fixture.compositor.setLayer('x'.repeat(20));
      fixture.settle();
      fixture.compositor.setLayer(row);
      fixture.settle();
      return fixture.written[1] ?? '';
    };
    expect(changed('xyxxxyxxxxxxxxxxxxxx').match(/\x1b\[\d+;\d+H/g)).toHaveLength(1);
    expect(changed('xyxxxxxxxxyxxxxxxxxx').match(/\x1b\[\d+;\d+H/g)).toHaveLength(2);
  });

  test('a pane is drawn only when its inputs are others', () => {
    const fixture = new Fixture(10, 1);
    let drawn = 0;
    let input = {};
    fixture.compositor.setPane('a', {
      rect: { x: 0, y: 0, width: 10, height: 1 },
      inputs: () => [input],
      draw: () => [String(++drawn)],
    });
    for (let i = 0; i < 3; i++) {
      fixture.compositor.invalidate();
      fixture.settle();
    }
    expect(drawn).toBe(1);
    input = {};
    fixture.compositor.invalidate();
    fixture.settle();
    expect(drawn).toBe(2);
  });

  test('a terminal that does not keep up gets no further frame until it has drained', () => {
    const fixture = new Fixture(10, 1);
    fixture.accepts = false;
    fixture.compositor.setLayer('a');
    fixture.settle();
    fixture.compositor.setLayer('b');
    fixture.settle();
    expect(fixture.written).toHaveLength(1);
    fixture.compositor.drained();
    fixture.settle();
    expect(fixture.written).toHaveLength(2);
  });

  test('nothing is written between pause and resume, then everything', () => {
    const fixture = new Fixture(10, 1);
    fixture.compositor.setLayer('before');
    fixture.compositor.pause();
    fixture.settle();
    fixture.compositor.setLayer('after');
    fixture.settle();
    expect(fixture.written).toEqual([]);
    fixture.compositor.resume();
    fixture.settle();
    expect(fixture.written.join('')).toContain('after');
  });

  test('after a resize the old content is gone', async () => {
    const fixture = new Fixture(10, 2);
    fixture.compositor.setLayer('0123456789\nabc');
    fixture.settle();
    fixture.compositor.resize(6, 3);
    fixture.compositor.setLayer('new');
    fixture.settle();
    const emulator = new Emulator(10, 2);
    await emulator.write(fixture.written[0] ?? '');
    emulator.resize(6, 3);
    await emulator.write(fixture.written[1] ?? '');
    expect(emulator.text()).toBe('new\n\n');
  });

  test('the cursor stands where a dialog wants it, and is hidden without', async () => {
    const fixture = new Fixture(10, 3);
    fixture.compositor.setCursor({ x: 4, y: 2 });
    fixture.settle();
    const emulator = new Emulator(10, 3);
    await emulator.write(fixture.written.join(''));
    expect(emulator.cursor()).toEqual({ x: 4, y: 2 });
    expect(fixture.written.at(-1)).toContain('\x1b[?25h');
    fixture.compositor.setCursor(undefined);
    fixture.settle();
    expect(fixture.written.at(-1)).toContain('\x1b[?25l');
  });
});

describe('colours', () => {
  const frameAt = (depth: ColorDepth, row: string): string => {
    const fixture = new Fixture(10, 1, depth);
    fixture.compositor.setLayer(row);
    fixture.settle();
    return fixture.written.join('').replace(/^.*2J|\x1b\[\?.*$/g, '');
  };
  const red = '\x1b[38;2;236;118;128;1mr\x1b[0m';
  const grey = '\x1b[38;2;147;154;168mg\x1b[0m';

  test('leave as the terminal has them', () => {
    expect(frameAt('true', red)).toBe('\x1b[1;1H\x1b[1;38;2;236;118;128mr\x1b[m');
    expect(frameAt('256', red)).toBe('\x1b[1;1H\x1b[1;38;5;210mr\x1b[m');
    expect(frameAt('16', red)).toBe('\x1b[1;1H\x1b[1;31mr\x1b[m');
    expect(frameAt('mono', red)).toBe('\x1b[1;1H\x1b[1mr\x1b[m');
    expect(frameAt('16', grey)).toBe('\x1b[1;1H\x1b[90mg\x1b[m');
    expect(frameAt('mono', grey)).toBe('\x1b[1;1Hg\x1b[m');
  });

  test('of neighbouring cells change without a reset when only the colour differs', () => {
    expect(frameAt('256', '\x1b[31ma\x1b[32mb\x1b[39mc')).toBe(
      '\x1b[1;1H\x1b[38;5;1ma\x1b[38;5;2mb\x1b[mc'
        .replaceAll('38;5;1', '31')
        .replaceAll('38;5;2', '32'),
    );
  });
});
