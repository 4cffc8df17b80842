// A source as users write one: splits that are known when the job is built, and a reader for each. What a
// reader says of its position is in every checkpoint, so that reading goes on where it stood.

export interface Source<out T, Split = unknown, Position = unknown> {
  /** What the plan shows. */
  readonly name?: string;
  /**
   * Pieces of the input, dealt out over the subtasks: any values that JSON can hold. With fewer splits than
   * subtasks some subtasks have nothing to do.
   */
  readonly splits: readonly Split[];
  /** `position` is undefined when the split is new; else what its reader said at the checkpoint. */
  createReader(split: Split, position: Position | undefined): SplitReader<T, Position>;
}

export interface SplitReader<out T, out Position = unknown> {
  /** The next record, or undefined at the end of the split. Called for each record, and must not wait. */
  next(): T | undefined;
  /** What a new reader needs to go on behind the last record. Any value that state can hold. */
  position(): Position;
  /** Also after a failure. */
  close?(): void;
}
