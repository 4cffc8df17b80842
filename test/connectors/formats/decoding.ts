// Decodes bytes as a reader would that gets them in pieces and is restored from its position now and then.

import type { RecordOrigin } from '../../../engine/connectors/formats/malformed-record.ts';
import {
  createDecoder,
  FILE_START,
  type SourceFormat,
} from '../../../engine/connectors/formats/record-decoder.ts';
import { RecordWindow } from '../../../engine/connectors/formats/record-window.ts';
import { RecordingLogger } from '../../harness/recording-logger.ts';

export interface DecodingSettings {
  /** Bytes that come at once, over and over; all at once without. */
  readonly pieces?: readonly number[];
  /** Records between two restores; without, none. */
  readonly restoreEvery?: number | undefined;
  readonly recordBytesMax?: number;
}

export interface Decoding {
  readonly records: unknown[];
  readonly skipped: number;
  readonly log: readonly string[];
  /** Line behind the last record. */
  readonly line: number;
}

export function decode(
  format: SourceFormat,
  content: Buffer | string,
  { pieces = [], restoreEvery, recordBytesMax = 1_000_000 }: DecodingSettings = {},
): Decoding {
  const bytes = Buffer.from(content);
  const records: unknown[] = [];
  const log = new RecordingLogger();
  let skipped = 0;
  const origin: RecordOrigin = {
    file: 'data.txt',
    firstByte: 0,
    recordBytesMax,
    log,
    countSkipped: (count) => {
      skipped += count;
    },
  };
  const output = { emit: (value: unknown) => void records.push(value) };
  const max = restoreEvery ?? 7;
  let decoder = createDecoder(format, origin, FILE_START);
  let window = new RecordWindow();
  let piece = 0;
  while (!window.isDone) {
    const count = window.isAtRecord() ? decoder.decode(window, output, max) : 0;
    if (count === max && restoreEvery !== undefined) {
      const { position, isAligned } = window;
      window = new RecordWindow(position, undefined, isAligned);
      decoder = createDecoder(format, origin, decoder);
    } else if (count < max && !window.isFinal) {
      const size = pieces[piece++ % Math.max(1, pieces.length)] ?? bytes.length;
      const at = window.nextByte;
      // A copy that is spoiled later, as a reused buffer would be.
      window.append(Buffer.from(bytes.subarray(at, at + size)));
      window.isFinal = at + size >= bytes.length;
    }
  }
  return { records, skipped, log: log.lines, line: decoder.line };
}
