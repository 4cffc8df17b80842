// Where records are not serialised, or only in part, what could not be is refused all the same, as far as the first
// of them show it: neither where tasks are placed nor what is read decides what a program may do.

import { findUnsupported } from '../core/unsupported-value.ts';
import type { RecordRules } from './channel.ts';
import { refusedRecord } from './frame-codec.ts';
import type { RecordBatch } from './record-batch.ts';

/** All records of the first batch are looked at, then one of each batch. */
const BATCHES_CHECKED = 8;

export class FirstRecords {
  readonly #rules: RecordRules;
  #batches = 0;

  /** `rules`: how a record is named. */
  constructor(rules: RecordRules) {
    this.#rules = rules;
  }

  get areChecked(): boolean {
    return this.#batches >= BATCHES_CHECKED;
  }

  /** @throws SluiceError `record`, naming it. */
  check({ values, count }: RecordBatch): void {
    if (this.areChecked) return;
    const checked = this.#batches++ === 0 ? count : Math.min(1, count);
    for (let i = 0; i < checked; i++) {
      const problem = findUnsupported(values[i]);
      if (problem !== undefined) throw refusedRecord(values[i], problem, this.#rules);
    }
  }
}
