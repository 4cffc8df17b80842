// The two ends of a channel between subtasks, whatever carries it: a queue inside one slot, a ring of
// shared memory inside one process, a socket between processes. Credit-based: a writer without credit is
// asked for nothing more; what one element emits all the same waits in an overdraft, counted and bounded. A
// barrier that may overtake is also announced beside the batches, at once: the receiver then reads ahead to it.

import type { Barrier } from '../core/barrier.ts';
import { SluiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Handover } from './handover.ts';
import type { RecordBatch } from './record-batch.ts';

/** Of the records of a channel. */
export interface RecordRules {
  /** A longer record fails its task, where records are serialised. */
  readonly bytesMax: number;
  /** Their key, where they are dealt out by one: an error names it. */
  readonly keyOf?: ((record: unknown) => unknown) | undefined;
  /** Of its fields no others are read; where records are serialised, those stay behind. Undefined: all are. */
  readonly fields?: readonly string[] | undefined;
}

export interface InputChannel {
  /** The next batch, or undefined when none has arrived. Frees credit for the sender. */
  poll(): RecordBatch | undefined;
  /** Batches (or frames) that have arrived and wait, and how many may: the buffer usage. */
  readonly queued: number;
  readonly capacity: number;
  /** Bytes received so far; 0 for a channel that serialises nothing. */
  readonly bytes: number;
  /** The latest barrier that was announced: it is on its way, or has arrived. */
  readonly announced: Barrier | undefined;
  /** So many batches were read ahead and are not processed: the sender has so much less credit. */
  setDebt(batches: number): void;
  close(): void;
}

/** The sending end. Subclasses say how a batch leaves when there is credit. */
export abstract class OutputChannel {
  readonly #overdraft: RecordBatch[] = [];
  #overdraftRecords = 0;
  #overdraftMax: number = limits.overdraftRecordsMax;

  /** To a chain of the same thread. */
  readonly handover: Handover | undefined = undefined;

  setOverdraftMax(records: number): void {
    this.#overdraftMax = records;
  }

  /** What may be sent, and how what may not be is named. */
  abstract setRecordRules(rules: RecordRules): void;

  /** Tells the receiver of a barrier that follows, past all that waits in front of it. */
  abstract announce(barrier: Barrier): void;

  /** Whether a batch would leave at once. */
  hasCredit(): boolean {
    return this.#overdraft.length === 0 && this.canSend();
  }

  /** Nothing is on its way, and there is a short one. */
  isReadyForHandover(): boolean {
    return false;
  }

  /** Takes the batch over. @throws SluiceError `overdraft` when too much waits without credit. */
  write(batch: RecordBatch): void {
    if (this.#overdraft.length === 0 && this.canSend()) return this.send(batch);
    this.#overdraftRecords += batch.count;
    if (this.#overdraftRecords > this.#overdraftMax) throw overdraftExceeded(this.#overdraftMax);
    this.#overdraft.push(batch);
  }

  /** Sends from the overdraft what credit allows. True when something left. */
  drain(): boolean {
    let sent = this.continueSending();
    while (this.#overdraft.length > 0 && this.canSend()) {
      const batch = this.#overdraft.shift() as RecordBatch;
      this.#overdraftRecords -= batch.count;
      this.send(batch);
      sent = true;
    }
    return sent;
  }

  /** Whether everything written has left this end. */
  isDrained(): boolean {
    return this.#overdraft.length === 0 && !this.isSending();
  }

  abstract readonly queued: number;
  abstract readonly capacity: number;
  /** Bytes sent so far; 0 for a channel that serialises nothing. */
  abstract readonly bytes: number;
  abstract close(): void;
  protected abstract canSend(): boolean;
  protected abstract send(batch: RecordBatch): void;
  /** The rest of a frame that did not fit. */
  protected continueSending(): boolean {
    return false;
  }
  protected isSending(): boolean {
    return false;
  }
}

function overdraftExceeded(max: number): SluiceError {
  return new SluiceError(
    'overdraft',
    `one element emitted more than ${max} records beyond what its outputs could take ` +
      '(taskmanager.network.max-overdraft-records); return an iterable or a generator from flatMap, ' +
      'which can be stopped between items',
  );
}
