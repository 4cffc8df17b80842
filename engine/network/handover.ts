// The short way between two chains of one thread: while it stands open, what the sender emits runs the receiver's
// chain at once, as if both were one, without a batch, and so without a record that has to exist. The sender's
// task opens it for a turn; the receiver lets that happen only when it could take the record itself: nothing
// waits in front of it, no barrier holds it, and its own outputs have credit. When that ends in the middle of a
// turn, the receiver shuts it, and the rest goes by way of batches. So order, credit and barriers are those of
// the channel.

import type { LatencyMarker } from './record-batch.ts';

/** Code that feeds `value` at `time`, and what its other names stand for. */
export interface HandingCode {
  readonly text: string;
  readonly scope: Readonly<Record<string, unknown>>;
}

/** What a receiving task offers for one of its channels. */
export interface HandoverReceiver {
  /** The sender's turn begins. True: the receiver's has begun too, and it takes what is handed over. */
  begin(handover: Handover): boolean;
  /** Ends the receiver's turn. Returns how many records it was handed. */
  end(): number;
  hasCredit(): boolean;
  /** The receiver's own code for the edge; never throws: it fails its task. */
  readonly hand: (value: unknown, timeMs: number) => void;
  /** What `hand` does, for a sender that writes it into its own code. */
  readonly code: HandingCode;
  watermark(watermark: number): void;
  marker(marker: LatencyMarker): void;
}

export class Handover {
  /** Read by generated code before each record. */
  isOpen = false;
  hand: HandoverReceiver['hand'] = () => undefined;
  #receiver: HandoverReceiver | undefined;
  #hasBegun = false;

  /** Of the receiver; undefined while there is none. */
  get code(): HandingCode | undefined {
    return this.#receiver?.code;
  }

  /** From now on it may be opened. */
  offer(receiver: HandoverReceiver): void {
    this.#receiver = receiver;
    this.hand = receiver.hand;
  }

  /** At the beginning of the sender's turn, with nothing on the way to the receiver. */
  begin(): void {
    this.#hasBegun = this.#receiver?.begin(this) === true;
    this.isOpen = this.#hasBegun;
  }

  /** At the end of the turn. Returns how many records were handed over in it. */
  end(): number {
    this.isOpen = false;
    if (!this.#hasBegun) return 0;
    this.#hasBegun = false;
    return this.#receiver?.end() ?? 0;
  }

  /** Only while it is open. */
  hasCredit(): boolean {
    return this.#receiver?.hasCredit() ?? false;
  }

  /** Only while it is open. */
  watermark(watermark: number): void {
    this.#receiver?.watermark(watermark);
  }

  /** Only while it is open. */
  marker(marker: LatencyMarker): void {
    this.#receiver?.marker(marker);
  }
}
