// Stands between the terminal's input and Ink. Ink drops mouse reports, focus reports and function keys; here
// they become events, replies to our queries too, and everything else goes on to Ink byte for byte, pasted
// text above all. A sequence cut in two by the transport is waited for, briefly: a lone ESC is a key.

import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Clock, Timer } from '../../../engine/core/clock.ts';

export interface MouseEvent {
  readonly kind: 'press' | 'release' | 'drag' | 'wheel-up' | 'wheel-down';
  readonly button: number;
  /** From 0. */
  readonly x: number;
  readonly y: number;
}

interface TeeEvents {
  mouse: [MouseEvent];
  focus: [boolean];
  /** `f1` … `f12`. */
  function: [string];
  /** Body of an OSC reply, without introducer and terminator: `11;rgb:1e1e/…`. */
  reply: [string];
}

/** The part of a TTY stream that is used. */
export interface TerminalInput extends NodeJS.EventEmitter {
  pause(): unknown;
  resume(): unknown;
}

const PENDING_MS = 10;
/** A reply may be long; nothing else that is incomplete may. */
const PENDING_MAX = 4_096;
const PASTE_BEGIN = '\x1b[200~';
const PASTE_END = '\x1b[201~';

const MOUSE = /^\x1b\[<(\d{1,6});(\d{1,6});(\d{1,6})([Mm])/;
const FOCUS = /^\x1b\[([IO])/;
const FUNCTION = /^\x1b(?:O([PQRS])|\[\[([A-E])|\[(\d\d)~|\[1;\d{1,2}([PQRS])|\[(\d\d);\d{1,2}~)/;
const OSC = /^\x1b\]([^\x07\x1b]*)(?:\x07|\x1b\\)/;
const DEVICE = /^\x1b\[\?[\d;]*c/;
/** What may still become one of the above. */
const UNFINISHED = /^\x1b(?:\[(?:<[\d;]*|\[|\?[\d;]*|\d{1,3}(?:;\d*)?)?|O|\][^\x07\x1b]*\x1b?)?$/;

const SS3_KEYS = 'PQRS';
const CSI_KEYS: Readonly<Record<string, number>> = {
  '11': 1,
  '12': 2,
  '13': 3,
  '14': 4,
  '15': 5,
  '17': 6,
  '18': 7,
  '19': 8,
  '20': 9,
  '21': 10,
  '23': 11,
  '24': 12,
};

export class StdinTee extends Readable {
  readonly isTTY = true;
  readonly events = new EventEmitter<TeeEvents>();
  readonly #input: TerminalInput;
  readonly #clock: Clock;
  readonly #decoder = new StringDecoder('utf8');
  readonly #onData = (chunk: Buffer | string): void => this.#receive(chunk);
  #pending = '';
  /** Text for Ink, and events, in the order of the input. */
  readonly #queue: (string | (() => void))[] = [];
  #isWaiting = false;
  #isPasting = false;
  #timer: Timer | undefined;

  constructor(input: TerminalInput, clock: Clock) {
    super({ encoding: 'utf8' });
    this.#input = input;
    this.#clock = clock;
  }

  start(): void {
    this.#input.on('data', this.#onData);
    this.#input.resume();
  }

  /** The input is left to another reader; what is half read goes on to Ink. */
  stop(): void {
    this.#input.off('data', this.#onData);
    this.#input.pause();
    this.#flush();
  }

  // Ink asks for these; raw mode is terminal.ts's.
  setRawMode(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {
    // What arrives is pushed.
  }

  #receive(chunk: Buffer | string): void {
    this.#timer?.[Symbol.dispose]();
    const text = typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
    let rest = this.#pending + text;
    this.#pending = '';
    while (rest !== '') {
      const step = this.#isPasting ? this.#pasted(rest) : this.#typed(rest);
      if (step === undefined) break;
      this.#queue.push(step.result);
      rest = rest.slice(step.used);
    }
    this.#drain();
    this.#pending = rest;
    if (rest !== '') this.#timer = this.#clock.after(PENDING_MS, () => this.#flush());
  }

  #flush(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#pending !== '') this.#queue.push(this.#pending);
    this.#pending = '';
    this.#drain();
  }

  /** In the order of the input: Ink reads in a later turn, so an event waits until it has. */
  #drain(): void {
    if (this.#isWaiting) return;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (typeof next !== 'string') {
        next();
        continue;
      }
      let text = next;
      while (typeof this.#queue[0] === 'string') text += this.#queue.shift();
      if (text !== '') this.push(text);
      if (this.#queue.length === 0) return;
      this.#isWaiting = true;
      this.#clock.soon(() => {
        this.#isWaiting = false;
        this.#drain();
      });
      return;
    }
  }

  #pasted(text: string): Step | undefined {
    const end = text.indexOf(PASTE_END);
    if (end >= 0) {
      this.#isPasting = false;
      return pass(text.slice(0, end + PASTE_END.length));
    }
    // The end marker may be cut: the ESC that could begin it waits.
    const begin = text.lastIndexOf('\x1b');
    const isCut = begin >= 0 && PASTE_END.startsWith(text.slice(begin));
    if (!isCut) return pass(text);
    return begin === 0 ? undefined : pass(text.slice(0, begin));
  }

  #typed(text: string): Step | undefined {
    const begin = text.indexOf('\x1b');
    if (begin < 0) return pass(text);
    if (begin > 0) return pass(text.slice(0, begin));
    if (text.startsWith(PASTE_BEGIN)) {
      this.#isPasting = true;
      return pass(PASTE_BEGIN);
    }
    const event = this.#event(text);
    if (event !== undefined) return event;
    if (text.length <= PENDING_MAX && UNFINISHED.test(text)) return undefined;
    return pass('\x1b');
  }

  /** The event that the text begins with. */
  #event(text: string): Step | undefined {
    const { events } = this;
    const mouse = MOUSE.exec(text);
    if (mouse !== null) {
      return { used: mouse[0].length, result: () => events.emit('mouse', mouseEvent(mouse)) };
    }
    const focus = FOCUS.exec(text);
    if (focus !== null) {
      return { used: focus[0].length, result: () => events.emit('focus', focus[1] === 'I') };
    }
    const key = FUNCTION.exec(text);
    const number = key === null ? undefined : functionKey(key);
    if (key !== null && number !== undefined) {
      return { used: key[0].length, result: () => events.emit('function', `f${number}`) };
    }
    const osc = OSC.exec(text);
    if (osc !== null) {
      return { used: osc[0].length, result: () => events.emit('reply', osc[1] ?? '') };
    }
    const device = DEVICE.exec(text);
    return device === null ? undefined : { used: device[0].length, result: '' };
  }
}

interface Step {
  readonly used: number;
  /** Text that goes on to Ink, or what emits the event. */
  readonly result: string | (() => void);
}

function pass(text: string): Step {
  return { used: text.length, result: text };
}

function functionKey([, ss3, linux, csi, modified, modifiedCsi]: RegExpExecArray):
  | number
  | undefined {
  const letter = ss3 ?? modified;
  if (letter !== undefined) return SS3_KEYS.indexOf(letter) + 1;
  if (linux !== undefined) return linux.charCodeAt(0) - 64;
  return CSI_KEYS[csi ?? modifiedCsi ?? ''];
}

function mouseEvent([, code, column, line, end]: RegExpExecArray): MouseEvent {
  const bits = Number(code);
  const place = { button: bits & 3, x: Number(column) - 1, y: Number(line) - 1 };
  if ((bits & 64) !== 0) return { kind: (bits & 1) === 0 ? 'wheel-up' : 'wheel-down', ...place };
  if ((bits & 32) !== 0) return { kind: 'drag', ...place };
  return { kind: end === 'm' ? 'release' : 'press', ...place };
}
