import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Command } from '../../cli/ui/commands.ts';
import { openScreen, type Screen } from '../../cli/ui/screen.tsx';
import { createScreenStore } from '../../cli/ui/store.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { turns, until } from '../harness/until.ts';
import { Emulator } from './emulator.ts';
import { notebook, output, outputs } from './fixture-notebook.ts';
import { cluster, flightsJob, NOW } from './fixtures.ts';

vi.stubEnv('TZ', 'UTC');

class FakeTerminal extends EventEmitter {
  columns: number;
  rows: number;
  written = '';

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    this.written += text;
    return true;
  }
}

class FakeInput extends EventEmitter {
  isRaw = false;

  pause(): void {}
  resume(): void {}
  setRawMode(isRaw: boolean): void {
    this.isRaw = isRaw;
  }
}

class FakeProcess extends EventEmitter {
  readonly pid = 4711;
  readonly kills: string[] = [];

  kill(_: number, signal: string): void {
    this.kills.push(signal);
  }
}

/** A whole screen on streams of its own and a clock that stands still. */
class Opened {
  readonly clock = new FakeClock(NOW);
  readonly store = createScreenStore(true);
  readonly stdin = new FakeInput();
  readonly stdout: FakeTerminal;
  readonly process = new FakeProcess();
  readonly commands: Command[] = [];
  readonly screen: Screen;
  #emulator: Emulator;
  #shown = 0;
  editor: PromiseWithResolvers<void> | undefined;

  constructor(columns = 200, rows = 60, env = {}) {
    this.stdout = new FakeTerminal(columns, rows);
    this.#emulator = new Emulator(columns, rows);
    this.screen = openScreen({
      store: this.store,
      dispatch: (command) => {
        this.commands.push(command);
        if (command.kind !== 'open-editor') return undefined;
        this.editor = Promise.withResolvers<void>();
        return this.editor.promise;
      },
      stdin: this.stdin,
      stdout: this.stdout,
      clock: this.clock,
      process: this.process,
      env: { TERM: 'xterm-256color', COLORTERM: 'truecolor', COLORFGBG: '15;0', ...env },
    });
    opened.push(this);
  }

  /** Lets React, Ink and the clock get on. */
  async settle(ms = 50): Promise<void> {
    await turns(5);
    this.clock.advance(ms);
    await turns(5);
    this.clock.advance(20);
  }

  async keys(...texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      this.stdin.emit('data', Buffer.from(text));
      await this.settle();
    }
  }

  async text(): Promise<string> {
    await this.settle();
    await this.#emulator.write(this.stdout.written.slice(this.#shown));
    this.#shown = this.stdout.written.length;
    return this.#emulator.text();
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.text();
    this.stdout.columns = columns;
    this.stdout.rows = rows;
    this.#emulator.resize(columns, rows);
    this.stdout.emit('resize');
    await this.settle();
  }

  show(beat = 0): void {
    this.store.update({
      notebook: notebook(),
      cluster: cluster([flightsJob(beat)]),
      outputs: outputs(1_200 + beat),
    });
  }

  modes(): string {
    const on = new Set<string>();
    for (const [, mode = '', state] of this.stdout.written.matchAll(/\x1b\[\?(\d+)([hl])/g)) {
      if (state === 'h') on.add(mode);
      else on.delete(mode);
    }
    return [...on].join(' ');
  }
}

const opened: Opened[] = [];

afterEach(() => {
  for (const one of opened.splice(0)) one.screen.close();
});

describe('the first frame', () => {
  test('waits for nothing and says that it is connecting', async () => {
    const screen = new Opened();
    const text = await screen.text();
    expect(text).toContain('sluice');
    expect(text).toContain('connecting…');
    expect(text).toContain('reading the notebook');
  });

  test('shows the data as soon as there is some', async () => {
    const screen = new Opened();
    await screen.settle();
    screen.show();
    const text = await screen.text();
    expect(text).toContain('average delay per airport');
    expect(text).toContain('◆ 4/4');
    expect(text).toContain('taskmanager-1');
    expect(text).toContain('p50 24 ms');
  });

  test('in a tiny terminal is one line', async () => {
    const screen = new Opened(40, 10);
    screen.show();
    expect((await screen.text()).trim()).toBe('sluice ● worst airports 10/10 1200 rows');
  });
});

describe('what it costs', () => {
  test('changing data makes no Ink commit, and frames are small', async () => {
    const screen = new Opened();
    screen.show();
    await screen.settle(1_000);
    const before = screen.screen.counters;
    for (let beat = 1; beat <= 50; beat++) {
      screen.show(beat);
      await screen.settle(100);
    }
    const after = screen.screen.counters;
    expect(after.commits).toBe(before.commits);
    expect(after.frames - before.frames).toBeGreaterThanOrEqual(50);
    const perFrame = (after.bytes - before.bytes) / (after.frames - before.frames);
    expect(perFrame).toBeLessThan(2_500);
  });

  test('a change of the selection makes no Ink commit either', async () => {
    const screen = new Opened();
    screen.show();
    await screen.settle();
    const { commits } = screen.screen.counters;
    await screen.keys('j', 'k', 'G', 'g');
    expect(screen.screen.counters.commits).toBe(commits);
    expect(screen.screen.counters.frames).toBeGreaterThan(3);
  });

  test('a frame of a full screen takes well under the budget of CPU time', async () => {
    const screen = new Opened();
    screen.show();
    await screen.settle(1_000);
    const spent = async (from: number, beats: number): Promise<number> => {
      const models = Array.from({ length: beats }, (_, i) => cluster([flightsJob(from + i)]));
      let micros = 0;
      for (const model of models) {
        await turns(2);
        const start = process.cpuUsage();
        screen.store.update({ cluster: model });
        screen.clock.advance(100);
        const { user, system } = process.cpuUsage(start);
        micros += user + system;
      }
      return micros / beats / 1_000;
    };
    await spent(1, 60);
    // 2 ms is the budget at the median; the mean under load is given twice that.
    expect(await spent(100, 100)).toBeLessThan(4);
  });

  test('nothing is written while nothing changes, but once a second the clock', async () => {
    const screen = new Opened();
    screen.show();
    await screen.settle(1_000);
    const { length } = screen.stdout.written;
    await screen.settle(900);
    expect(screen.stdout.written.length - length).toBeLessThan(200);
  });
});

describe('keys', () => {
  test('reach the session as commands', async () => {
    const screen = new Opened();
    screen.show();
    await screen.settle();
    await screen.keys('\n', '\x1b[15~', '\r');
    expect(screen.commands).toEqual([
      { kind: 'run-cell', cell: 2 },
      { kind: 'run-cell', cell: 2 },
      { kind: 'run-cell', cell: 2 },
    ]);
  });

  test('typed at once are as many keys', async () => {
    const screen = new Opened();
    screen.show();
    await screen.settle();
    await screen.keys(':run 3\r');
    expect(screen.commands).toEqual([{ kind: 'run-cell', cell: 2 }]);
  });

  test('in a dialog go to the dialog, which lies over the panes', async () => {
    const screen = new Opened();
    screen.show();
    await screen.settle();
    await screen.keys('?', 'checkp');
    const text = await screen.text();
    expect(text).toContain('what can be done');
    expect(text).toContain('trigger a checkpoint of the job that is shown');
    const { commits } = screen.screen.counters;
    await screen.keys('\x1b');
    // Ink waits a moment of real time for what may follow an ESC.
    await until(() => screen.screen.counters.commits > commits, 'the dialog to close');
    expect(await screen.text()).not.toContain('what can be done');
  });

  test('a mouse click focuses the pane below it', async () => {
    const screen = new Opened();
    screen.show();
    await screen.settle();
    await screen.keys('\x1b[<0;20;50M');
    expect(await screen.text()).toMatch(/▌.*worst|▌.*late/);
  });

  test('a copied row goes to the clipboard of the terminal', async () => {
    const screen = new Opened();
    screen.show();
    await screen.settle();
    await screen.keys('5', 'y');
    const row = output(1_200).rows.at(-1)?.text ?? '';
    expect(screen.stdout.written).toContain(`\x1b]52;c;${Buffer.from(row).toString('base64')}\x07`);
  });
});

describe('a resize', () => {
  test('draws everything in the new size, data going on', async () => {
    const screen = new Opened(200, 60);
    screen.show();
    await screen.resize(100, 30);
    const half = await screen.text();
    expect(half.split('\n')).toHaveLength(30);
    expect(half).toContain('2 plan │ 3 slots');
    await screen.resize(80, 24);
    screen.show(5);
    expect(await screen.text()).toContain('1 cells │ 2 plan');
  });

  test('in a storm is carried out once', async () => {
    const screen = new Opened(200, 60);
    await screen.settle();
    const { commits } = screen.screen.counters;
    for (let i = 0; i < 100; i++) {
      screen.stdout.columns = 100 + i;
      screen.stdout.emit('resize');
    }
    await screen.settle();
    expect(screen.screen.counters.commits - commits).toBeLessThanOrEqual(3);
  });
});

describe('an editor', () => {
  test('has the terminal to itself until it ends', async () => {
    const screen = new Opened();
    screen.show();
    await screen.settle();
    await screen.keys('e');
    expect(screen.modes()).toBe('25');
    expect(screen.stdin.isRaw).toBe(false);
    const { length } = screen.stdout.written;
    screen.show(1);
    await screen.keys('c');
    expect(screen.stdout.written).toHaveLength(length);
    expect(screen.commands).toHaveLength(1);
    screen.editor?.resolve();
    expect(await screen.text()).toContain('average delay per airport');
    expect(screen.modes().split(' ')).toContain('1049');
    expect(screen.stdin.isRaw).toBe(true);
  });
});

describe('the end', () => {
  test('by quitting gives the terminal back and tells the session', async () => {
    const screen = new Opened();
    await screen.settle();
    await screen.keys('q');
    expect(await screen.screen.done).toEqual({ reason: 'quit' });
    expect(screen.commands).toEqual([{ kind: 'quit' }]);
    expect(screen.modes()).toBe('25');
    expect(screen.stdin.isRaw).toBe(false);
    expect(screen.clock.timers).toBe(0);
    expect(screen.process.eventNames()).toEqual([]);
  });

  test.each(['SIGTERM', 'SIGHUP'] as const)(
    'by %s gives the terminal back first',
    async (signal) => {
      const screen = new Opened();
      await screen.settle();
      screen.process.emit(signal);
      expect(screen.modes()).toBe('25');
      await screen.settle();
      expect(await screen.screen.done).toEqual({ reason: 'signal', signal });
    },
  );

  test('comes when the terminal is gone', async () => {
    const screen = new Opened();
    await screen.settle();
    screen.stdout.emit('error', new Error('write EIO'));
    expect(await screen.screen.done).toEqual({ reason: 'signal', signal: 'SIGHUP' });
  });
});

describe('colours', () => {
  test('change when the terminal answers that its background is light', async () => {
    const screen = new Opened(100, 30, { COLORFGBG: undefined });
    await screen.settle();
    const dark = screen.stdout.written.length;
    await screen.keys('\x1b]11;rgb:ffff/ffff/ffff\x1b\\');
    expect(screen.stdout.written.slice(dark)).toContain('38;2;10;95;194');
  });

  test('are none with NO_COLOR', async () => {
    const screen = new Opened(200, 60, { NO_COLOR: '1', COLORTERM: undefined });
    screen.show();
    await screen.settle();
    expect(screen.stdout.written).not.toMatch(/\x1b\[[\d;]*(?:[34]8;|3[0-7]|4[0-7]|9[0-7])[\d;]*m/);
    expect(await screen.text()).toContain('●');
  });
});
