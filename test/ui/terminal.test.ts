import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Terminal } from '../../cli/ui/terminal/terminal.ts';
import { FakeClock } from '../harness/fake-clock.ts';

class FakeProcess extends EventEmitter {
  readonly pid = 4711;
  readonly kills: [number, string][] = [];

  kill(pid: number, signal: string): void {
    this.kills.push([pid, signal]);
  }
}

class Fixture {
  readonly clock = new FakeClock();
  readonly process = new FakeProcess();
  readonly raw: boolean[] = [];
  readonly said: string[] = [];
  onSuspended: () => void = () => undefined;
  written = '';
  readonly terminal = new Terminal({
    stdin: { setRawMode: (isRaw) => void this.raw.push(isRaw) },
    stdout: Object.assign(new EventEmitter(), {
      write: (text: string) => {
        this.written += text;
        return true;
      },
    }),
    clock: this.clock,
    process: this.process,
    mouse: true,
    onEnd: (signal) => void this.said.push(`end ${signal}`),
    onInterrupt: () => void this.said.push('interrupt'),
    onSuspend: () => {
      this.said.push('suspend');
      this.onSuspended();
    },
    onResume: () => void this.said.push('resume'),
  });

  /** Private modes that are on after everything written so far. */
  get modes(): readonly string[] {
    const on = new Set<string>();
    for (const [, mode = '', state] of this.written.matchAll(/\x1b\[\?(\d+)([hl])/g)) {
      if (state === 'h') on.add(mode);
      else on.delete(mode);
    }
    return [...on].sort((a, b) => Number(a) - Number(b));
  }
}

const HELD = ['1000', '1002', '1004', '1006', '1049', '2004'];

function opened(): Fixture {
  const fixture = new Fixture();
  fixture.terminal.open();
  expect(fixture.modes).toEqual(HELD);
  expect(fixture.raw).toEqual([true]);
  return fixture;
}

function expectGivenBack(fixture: Fixture): void {
  // The cursor is on; nothing else is.
  expect(fixture.modes).toEqual(['25']);
  expect(fixture.raw.at(-1)).toBe(false);
}

describe('the terminal is given back', () => {
  test.each(['exit', 'uncaughtExceptionMonitor', 'SIGTERM', 'SIGHUP'])('on %s', (event) => {
    const fixture = opened();
    fixture.process.emit(event);
    expectGivenBack(fixture);
  });

  test.each(['SIGTERM', 'SIGHUP'])('on %s only when nobody writes to it any more', (event) => {
    const fixture = opened();
    const { length } = fixture.written;
    fixture.onSuspended = () => expect(fixture.written).toHaveLength(length);
    fixture.process.emit(event);
    expect(fixture.said).toContain('suspend');
    expect(fixture.written.length).toBeGreaterThan(length);
  });

  test('on the second SIGINT within two seconds; the first interrupts', () => {
    const fixture = opened();
    fixture.process.emit('SIGINT');
    expect(fixture.said).toEqual(['interrupt']);
    fixture.clock.advance(3_000);
    fixture.process.emit('SIGINT');
    expect(fixture.said).toEqual(['interrupt', 'interrupt']);
    fixture.process.emit('SIGINT');
    expectGivenBack(fixture);
    fixture.clock.advance(0);
    expect(fixture.said.at(-1)).toBe('end SIGINT');
  });

  test('once, however many reasons there are', () => {
    const fixture = opened();
    fixture.process.emit('SIGTERM');
    const { length } = fixture.written;
    fixture.process.emit('exit');
    fixture.terminal.close();
    expect(fixture.written).toHaveLength(length);
  });

  test('when it is closed, and nothing listens any more', () => {
    const fixture = opened();
    fixture.terminal.close();
    expectGivenBack(fixture);
    expect(fixture.process.eventNames()).toEqual([]);
  });
});

describe('a stop', () => {
  test('gives the terminal back, stops for real, and takes it again when continued', () => {
    const fixture = opened();
    fixture.terminal.stop();
    expect(fixture.process.kills).toEqual([[0, 'SIGTSTP']]);
    fixture.process.emit('SIGTSTP');
    expectGivenBack(fixture);
    expect(fixture.process.kills).toEqual([
      [0, 'SIGTSTP'],
      [4711, 'SIGTSTP'],
    ]);
    // The default action stops it; with our listener there it would be called instead.
    expect(fixture.process.listenerCount('SIGTSTP')).toBe(0);
    fixture.process.emit('SIGCONT');
    expect(fixture.said).toEqual(['suspend', 'resume']);
    expect(fixture.modes).toEqual(HELD);
    expect(fixture.process.listenerCount('SIGTSTP')).toBe(1);
  });

  test('that nobody carries out, without a shell above, ends by itself', () => {
    const fixture = opened();
    fixture.process.emit('SIGTSTP');
    fixture.clock.advance(200);
    expect(fixture.said).toEqual(['suspend', 'resume']);
    expect(fixture.modes).toEqual(HELD);
  });

  test("or an interrupt while an editor has the terminal is the editor's business", () => {
    const fixture = opened();
    fixture.terminal.lend();
    expectGivenBack(fixture);
    fixture.process.emit('SIGTSTP');
    fixture.process.emit('SIGCONT');
    fixture.process.emit('SIGINT');
    fixture.process.emit('SIGINT');
    expectGivenBack(fixture);
    expect(fixture.said).toEqual([]);
    fixture.terminal.takeBack();
    expect(fixture.modes).toEqual(HELD);
  });
});

test('the mouse can be left to the terminal, and stays so after a stop', () => {
  const fixture = opened();
  fixture.terminal.setMouse(false);
  expect(fixture.modes).toEqual(['1004', '1049', '2004']);
  fixture.process.emit('SIGTSTP');
  fixture.process.emit('SIGCONT');
  expect(fixture.modes).toEqual(['1004', '1049', '2004']);
});
