// A record that cannot be read: where it stands, what is wrong with it, and whether it fails the job or is
// left out and counted.

import type { Logger } from '../../core/logger.ts';

/** What happens to a record that cannot be read: it fails the job, or is left out and counted. */
export type OnMalformed = 'fail' | 'skip';

export class MalformedRecord extends Error {
  override readonly name = 'MalformedRecord';
}

/** Where the records come from. */
export interface RecordOrigin {
  /** As the program wrote it. */
  readonly file: string;
  /** Position at which the counting of lines began: 0, unless the file is read in parts. */
  readonly firstByte: number;
  /** Of one record (pipeline.max-record-size). */
  readonly recordBytesMax: number;
  readonly log: Logger;
  countSkipped(records: number): void;
}

export interface Problem {
  /** From 1. */
  readonly line: number;
  readonly column?: string;
  /** What is wrong, e.g. `"x" is not an int`. */
  readonly what: string;
  readonly record: string;
}

const RECORD_SHOWN_MAX = 200;

export class MalformedRecords {
  readonly #origin: RecordOrigin;
  readonly #policy: OnMalformed;
  #hasLogged = false;

  constructor(origin: RecordOrigin, policy: OnMalformed = 'fail') {
    this.#origin = origin;
    this.#policy = policy;
  }

  /** @throws MalformedRecord unless such records are skipped. */
  refuse(problem: Problem): void {
    const text = this.describe(problem);
    if (this.#policy === 'fail') {
      throw new MalformedRecord(`${text}\n  onMalformed: 'skip' leaves such records out.`);
    }
    this.#origin.countSkipped(1);
    if (this.#hasLogged) return;
    this.#hasLogged = true;
    this.#origin.log.log('warn', `skipped: ${text}\n  further ones are only counted`);
  }

  describe({ line, column, what, record }: Problem): string {
    const at = column === undefined ? '' : `, column ${column}`;
    return `${this.#place(line)}${at}: ${what}\n  ${shorten(record)}`;
  }

  /** @throws MalformedRecord when the record is longer than one may be. */
  checkLength(line: number, bytes: number): void {
    const { recordBytesMax } = this.#origin;
    if (bytes <= recordBytesMax) return;
    throw new MalformedRecord(
      `${this.#place(line)}: a record of more than ${recordBytesMax} bytes. Where its end is missing, a quote ` +
        'may be unclosed, or the format another one; pipeline.max-record-size allows longer ones.',
    );
  }

  #place(line: number): string {
    const { file, firstByte } = this.#origin;
    return `${file}, line ${line}${firstByte === 0 ? '' : ` counted from byte ${firstByte}`}`;
  }
}

const shorten = (text: string): string =>
  text.length > RECORD_SHOWN_MAX ? `${text.slice(0, RECORD_SHOWN_MAX)}…` : text;
