// The part of a file that is in memory and not yet read as records: decoders look at `bytes` from `at` on
// and move `at` behind each record they take. It knows where in the file it stands, so that a position is
// exact after any record, and whether a record may begin there at all: a byte order mark and the rest of
// a record that belongs to the split before are passed over.

/** Node's Buffer with the fast methods that its types leave out. */
export interface TextBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
}

const EMPTY = Buffer.alloc(0) as TextBuffer;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const LF = 0x0a;

export class RecordWindow {
  /** Nothing stands behind its last byte: what is missing has not been appended. */
  bytes: TextBuffer = EMPTY;
  /** Index in `bytes` of the next record. */
  at = 0;
  /** No bytes follow: the last record may lack its line end. */
  isFinal = false;
  /** Position in the file of `bytes[0]`. */
  #base: number;
  /** Records that begin at this position or later are not ours. */
  readonly #end: number;
  #begin: 'mark' | 'line' | 'record';
  #storage: Buffer = EMPTY;

  /** @param isAligned false: a record need not begin at `position`; the first that begins there or later is the first one. */
  constructor(position = 0, end = Number.POSITIVE_INFINITY, isAligned = true) {
    this.#end = end;
    this.#begin = position === 0 ? 'mark' : isAligned ? 'record' : 'line';
    // The line end before `position` says that a record begins at it.
    this.#base = this.#begin === 'line' ? position - 1 : position;
  }

  /** What a window must be made with to continue here. */
  get position(): number {
    return this.#base + this.at + (this.isAligned ? 0 : 1);
  }

  get isAligned(): boolean {
    return this.#begin !== 'line';
  }

  /** Position of the byte that `append` must be given next. */
  get nextByte(): number {
    return this.#base + this.bytes.length;
  }

  get unread(): number {
    return this.bytes.length - this.at;
  }

  /** Index before which a record must begin to be ours. */
  get stop(): number {
    return Math.min(this.bytes.length, this.#end - this.#base);
  }

  /** Every record of the split has been taken. */
  get isDone(): boolean {
    return this.position >= this.#end || (this.isFinal && this.unread === 0);
  }

  append(chunk: Buffer): void {
    const { unread } = this;
    if (unread === 0) {
      this.#base += this.bytes.length;
      this.#storage = chunk;
      this.bytes = chunk as TextBuffer;
      this.at = 0;
      return;
    }
    const used = this.bytes.length;
    const isOwn = this.#storage.length - used >= chunk.length;
    if (!isOwn) {
      // Twice what is needed, so that a long record is copied a few times and not once a chunk.
      this.#storage = Buffer.allocUnsafe(Math.max(unread + chunk.length, unread * 2));
      this.bytes.copy(this.#storage, 0, this.at, used);
      this.#base += this.at;
      this.at = 0;
    }
    const end = isOwn ? used : unread;
    chunk.copy(this.#storage, end);
    this.bytes = this.#storage.subarray(0, end + chunk.length) as TextBuffer;
  }

  /** Whether a record begins at `at`; false: more bytes must tell. */
  isAtRecord(): boolean {
    if (this.#begin === 'mark' && !this.#passMark()) return false;
    if (this.#begin === 'line' && !this.#passLine()) return false;
    this.#begin = 'record';
    return true;
  }

  #passMark(): boolean {
    const found = this.bytes.subarray(0, BYTE_ORDER_MARK.length);
    if (found.equals(BYTE_ORDER_MARK)) {
      this.at = BYTE_ORDER_MARK.length;
      return true;
    }
    return this.isFinal || !found.equals(BYTE_ORDER_MARK.subarray(0, found.length));
  }

  #passLine(): boolean {
    const lineEnd = this.bytes.indexOf(LF, this.at);
    this.at = lineEnd === -1 ? this.bytes.length : lineEnd + 1;
    return lineEnd !== -1 || this.isFinal;
  }
}
