// Lines of text: a record ends with `\n` or `\r\n`; the last one may lack it.

import { expectSlices } from '../../core/own-string.ts';
import { NO_TIME } from '../../core/time.ts';
import type { SplitOutput } from '../source.ts';
import { MalformedRecords, type RecordOrigin } from './malformed-record.ts';
import type { DecoderStart, RecordDecoder } from './record-decoder.ts';
import type { RecordWindow } from './record-window.ts';

const LF = 0x0a;
const CR = 0x0d;

export class LinesDecoder implements RecordDecoder {
  readonly header = null;
  line: number;
  readonly #malformed: MalformedRecords;

  constructor(origin: RecordOrigin, start: DecoderStart) {
    this.line = start.line;
    this.#malformed = new MalformedRecords(origin);
    // Lines are there to be cut.
    expectSlices();
  }

  decode(window: RecordWindow, output: SplitOutput<unknown>, max: number): number {
    const { bytes, stop } = window;
    let count = 0;
    while (count < max && window.at < stop) {
      const start = window.at;
      const lineEnd = bytes.indexOf(LF, start);
      const end = lineEnd === -1 ? bytes.length : lineEnd;
      this.#malformed.checkLength(this.line, end - start);
      if (lineEnd === -1 && !window.isFinal) break;
      output.emit(bytes.utf8Slice(start, textEnd(bytes, start, lineEnd)), NO_TIME);
      window.at = lineEnd === -1 ? end : lineEnd + 1;
      this.line++;
      count++;
    }
    return count;
  }
}

/** Where the text of a line ends that ends at `lineEnd`, or at the end of the file (-1). */
export function textEnd(bytes: Uint8Array, start: number, lineEnd: number): number {
  if (lineEnd === -1) return bytes.length;
  return lineEnd > start && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
}
