// The sending end of a channel that takes as many batches as it was granted, and keeps them.

import type { Barrier } from '../../engine/core/barrier.ts';
import { OutputChannel } from '../../engine/network/channel.ts';
import type { RecordBatch } from '../../engine/network/record-batch.ts';

export class CreditChannel extends OutputChannel {
  readonly sent: RecordBatch[] = [];
  readonly announced: Barrier[] = [];
  credit = Number.POSITIVE_INFINITY;
  isClosed = false;
  readonly queued = 0;
  readonly capacity = 0;
  readonly bytes = 0;

  override setRecordRules(): void {
    // It looks at no record.
  }

  override announce(barrier: Barrier): void {
    this.announced.push(barrier);
  }

  override close(): void {
    this.isClosed = true;
  }

  protected override canSend(): boolean {
    return this.credit > 0;
  }

  protected override send(batch: RecordBatch): void {
    this.credit--;
    this.sent.push(batch);
  }
}
