// Where a JournaledHaStore keeps its log: a seam with a memory and a directory behind it. All of it that must be
// right is `append`: of several that write the same number, one succeeds.

export interface NumberedEntry {
  /** From 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

export interface HaBackend {
  /** The entry with the greatest number; undefined while there is none. */
  latest(): Promise<NumberedEntry | undefined>;
  /** The number of the latest entry; 0 while there is none. */
  latestNumber(): Promise<number>;
  /**
   * Writes the entry after the one that the caller has read, durable when it resolves. False when somebody else
   * has. Rejects when it was not written. Entries that are far behind may be removed by it.
   */
  append(entry: NumberedEntry): Promise<boolean>;
  /** A hint, which may be lost or overwritten by a leader that was deposed. */
  readLease(): Promise<Uint8Array | undefined>;
  writeLease(bytes: Uint8Array): Promise<void>;
  /** Durable when it resolves. */
  writeFile(name: string, bytes: Uint8Array): Promise<void>;
  readFile(name: string): Promise<Uint8Array>;
  removeFile(name: string): Promise<void>;
}
