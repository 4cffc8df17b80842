// Newline-delimited JSON: each line a value of its own.

import { NO_TIME } from '../../core/time.ts';
import type { SplitOutput } from '../source.ts';
import { textEnd } from './lines-decoder.ts';
import { MalformedRecords, type OnMalformed, type RecordOrigin } from './malformed-record.ts';
import type { DecoderStart, RecordDecoder } from './record-decoder.ts';
import type { RecordWindow } from './record-window.ts';

const LF = 0x0a;
const BLANK = /^\s*$/;

export class NdjsonDecoder implements RecordDecoder {
  readonly header = null;
  line: number;
  readonly #malformed: MalformedRecords;
  #text = '';

  constructor(origin: RecordOrigin, start: DecoderStart, policy: OnMalformed | undefined) {
    this.line = start.line;
    this.#malformed = new MalformedRecords(origin, policy);
  }

  decode(window: RecordWindow, output: SplitOutput<unknown>, max: number): number {
    let count = 0;
    while (count < max && this.#take(window)) {
      const value = this.#parse();
      if (value !== undefined) output.emit(value, NO_TIME);
      this.line++;
      count++;
    }
    return count;
  }

  /** The next whole line becomes `#text`. */
  #take(window: RecordWindow): boolean {
    const { bytes, at } = window;
    if (at >= window.stop) return false;
    const lineEnd = bytes.indexOf(LF, at);
    const end = lineEnd === -1 ? bytes.length : lineEnd;
    this.#malformed.checkLength(this.line, end - at);
    if (lineEnd === -1 && !window.isFinal) return false;
    this.#text = bytes.utf8Slice(at, textEnd(bytes, at, lineEnd));
    window.at = lineEnd === -1 ? end : lineEnd + 1;
    return true;
  }

  /** Undefined, which JSON cannot say, for a line that is blank or left out. */
  #parse(): unknown {
    try {
      return JSON.parse(this.#text);
    } catch (error) {
      if (!BLANK.test(this.#text)) this.#refuse(error as SyntaxError);
      return undefined;
    }
  }

  #refuse({ message }: SyntaxError): void {
    const column = columnOf(message, this.#text);
    this.#malformed.refuse({
      line: this.line,
      ...(column === undefined ? {} : { column }),
      what: `not JSON: ${message.replace(/ (in|after) JSON at position.*| is not valid JSON$/s, '')}`,
      record: this.#text,
    });
  }
}

/** The character at which the text stops being JSON, as far as the parser says. */
function columnOf(message: string, text: string): string | undefined {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return String(Number(position) + 1);
  return message.startsWith('Unexpected end') ? String(text.length + 1) : undefined;
}
