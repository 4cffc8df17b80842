import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { askBackground, backgroundFromReply } from '../../cli/ui/terminal/background.ts';
import { StdinTee } from '../../cli/ui/terminal/stdin-tee.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { turn } from '../harness/until.ts';

class FakeInput extends EventEmitter {
  pause(): void {}
  resume(): void {}
}

class Fixture {
  readonly clock = new FakeClock();
  readonly input = new FakeInput();
  readonly tee = new StdinTee(this.input, this.clock);
  readonly events: unknown[] = [];

  constructor() {
    this.tee.start();
    for (const name of ['mouse', 'focus', 'function', 'reply'] as const) {
      this.tee.events.on(name, (value: unknown) => void this.events.push([name, value]));
    }
  }

  send(...chunks: readonly (string | Buffer)[]): void {
    for (const chunk of chunks) {
      this.input.emit('data', chunk);
      // Text and events take turns: as many as there may be.
      for (let i = 0; i < 10; i++) this.clock.advance(0);
    }
  }

  /** What has gone on to Ink so far. */
  passed(): string {
    return String(this.tee.read() ?? '');
  }
}

describe('events', () => {
  test('mouse, focus and function keys do not reach Ink', () => {
    const fixture = new Fixture();
    fixture.send('a\x1b[<0;5;3Mb\x1b[<0;5;3m\x1b[I\x1b[Oc\x1b[15~\x1bOPd\x1b[[Ee');
    expect(fixture.passed()).toBe('abcde');
    expect(fixture.events).toEqual([
      ['mouse', { kind: 'press', button: 0, x: 4, y: 2 }],
      ['mouse', { kind: 'release', button: 0, x: 4, y: 2 }],
      ['focus', true],
      ['focus', false],
      ['function', 'f5'],
      ['function', 'f1'],
      ['function', 'f5'],
    ]);
  });

  test('come after the text before them and before the text behind', async () => {
    const fixture = new Fixture();
    const order: string[] = [];
    fixture.tee.on('data', (text: string) => void order.push(text));
    fixture.tee.events.on('function', (name) => void order.push(name));
    fixture.input.emit('data', 'a\x1bOPb');
    await turn();
    expect(order).toEqual(['a']);
    fixture.clock.advance(0);
    await turn();
    expect(order).toEqual(['a', 'f1', 'b']);
  });

  test('the wheel and a drag are told from a press', () => {
    const fixture = new Fixture();
    fixture.send('\x1b[<64;1;1M\x1b[<65;1;1M\x1b[<32;1;1M');
    expect(fixture.events.map((event) => JSON.stringify(event))).toEqual([
      expect.stringContaining('wheel-up'),
      expect.stringContaining('wheel-down'),
      expect.stringContaining('drag'),
    ]);
  });

  test('every other key passes unchanged', () => {
    const keys = '\x1b[A\x1b[1;5C\x1bOA\x1b[5~\x1b[3~\x1b[Z\x1bx\r\n\x7f\x03ü日😀';
    const fixture = new Fixture();
    fixture.send(keys);
    expect(fixture.passed()).toBe(keys);
    expect(fixture.events).toEqual([]);
  });

  test('are the same however the bytes are cut', () => {
    const stream = 'x\x1b[<0;12;34M日\x1b[Iy\x1b[200~p\x1b[<0;1;1M\x1b[201~\x1b[15~z\x1b[A';
    const bytes = Buffer.from(stream);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const fixture = new Fixture();
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        places.slice(1).forEach((end, i) => void fixture.send(bytes.subarray(places[i], end)));
        expect(fixture.passed()).toBe('x日y\x1b[200~p\x1b[<0;1;1M\x1b[201~z\x1b[A');
        expect(fixture.events.map((event) => (event as [string])[0])).toEqual([
          'mouse',
          'focus',
          'function',
        ]);
      }),
    );
  });

  test('what is pasted is never an event', () => {
    const fixture = new Fixture();
    fixture.send('\x1b[200~\x1b[<0;1;1M\x1b[15~', '\x1b[I\x1b[20', '1~');
    expect(fixture.events).toEqual([]);
    expect(fixture.passed()).toBe('\x1b[200~\x1b[<0;1;1M\x1b[15~\x1b[I\x1b[201~');
  });
});

describe('an escape', () => {
  test('alone is a key, after a short wait', () => {
    const fixture = new Fixture();
    fixture.send('\x1b');
    expect(fixture.passed()).toBe('');
    fixture.clock.advance(10);
    expect(fixture.passed()).toBe('\x1b');
  });

  test('followed by another key is not held back', () => {
    const fixture = new Fixture();
    fixture.send('\x1bq');
    expect(fixture.passed()).toBe('\x1bq');
  });

  test('that never becomes a sequence goes on as it is', () => {
    const fixture = new Fixture();
    fixture.send('\x1b[<12;');
    fixture.clock.advance(10);
    expect(fixture.passed()).toBe('\x1b[<12;');
  });
});

describe('the background', () => {
  test('is read from the answer', () => {
    expect(backgroundFromReply('11;rgb:1e1e/1e1e/2e2e')).toBe('dark');
    expect(backgroundFromReply('11;rgb:fd/f6/e3')).toBe('light');
    expect(backgroundFromReply('11;rgb:f/f/f')).toBe('light');
    expect(backgroundFromReply('10;rgb:ffff/ffff/ffff')).toBeUndefined();
    expect(backgroundFromReply('11;?')).toBeUndefined();
  });

  test('is asked for without holding back a key, and its answer is no input', () => {
    const fixture = new Fixture();
    const written: string[] = [];
    const answers: string[] = [];
    askBackground(
      fixture.tee,
      fixture.clock,
      (text) => void written.push(text),
      (answer) => void answers.push(answer),
    );
    expect(written).toEqual(['\x1b]11;?\x1b\\']);
    fixture.send('ab\x1b]11;rgb:ffff/ff', 'ff/ffff\x1b\\cd');
    expect(fixture.passed()).toBe('abcd');
    expect(answers).toEqual(['light']);
  });

  test('an answer that comes too late changes nothing, and is no input either', () => {
    const fixture = new Fixture();
    const answers: string[] = [];
    askBackground(
      fixture.tee,
      fixture.clock,
      () => {},
      (answer) => void answers.push(answer),
    );
    fixture.clock.advance(600);
    fixture.send('\x1b]11;rgb:ffff/ffff/ffff\x07x');
    expect(answers).toEqual([]);
    expect(fixture.passed()).toBe('x');
  });
});
