// State that belongs to a subtask, not to a key: source positions, pending commits, buffered rows. Each is
// a list; on rescale `split` lists are dealt out over the new subtasks and `union` lists given whole to each.

export interface OperatorStateStore {
  /** Values restored under this name, in a list that the operator may change; empty at a first start. */
  list<T>(name: string, redistribution: 'split' | 'union' | 'broadcast'): OperatorList<T>;
}

export interface OperatorList<T> {
  get(): readonly T[];
  update(values: readonly T[]): void;
}
