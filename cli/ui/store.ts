// What the screen shows, and the only way into it: whoever knows something new hands in the slices that
// changed. Slices are immutable and compared by identity, so that a pane whose slice is the same is not
// drawn again. It starts empty; the first frame waits for nothing.

import type { ClusterModel, LogModel } from '../model/cluster-model.ts';
import type { NotebookModel, OutputModel } from '../model/notebook-model.ts';

export interface Notice {
  readonly text: string;
  readonly severity: 'info' | 'warning' | 'error';
  /** It is shown for a few seconds from then on. */
  readonly atMs: number;
}

export interface ScreenModel {
  readonly notebook: NotebookModel | undefined;
  readonly cluster: ClusterModel | undefined;
  /** By job. */
  readonly outputs: Readonly<Record<string, OutputModel>>;
  /** That is shown now; undefined before it was read. */
  readonly log: LogModel | undefined;
  readonly notice: Notice | undefined;
  /** The cluster ends with this process, and its jobs with it. */
  readonly isEmbedded: boolean;
  /** Its context says that nothing is changed there. */
  readonly isReadOnly: boolean;
}

export class Store<T extends object> {
  readonly #listeners = new Set<() => void>();
  #value: T;
  #version = 0;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  /** Counts the updates. */
  get version(): number {
    return this.#version;
  }

  /** The slices that changed; listeners are called before it returns. */
  update(slices: Partial<T>): void {
    this.set({ ...this.#value, ...slices });
  }

  set(value: T): void {
    if (value === this.#value) return;
    this.#value = value;
    this.#version++;
    for (const listener of this.#listeners) listener();
  }

  /** Returns what ends it. Bound: React keeps it as a function. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
}

export type ScreenStore = Store<ScreenModel>;

export function createScreenStore(isEmbedded: boolean): ScreenStore {
  return new Store<ScreenModel>({
    notebook: undefined,
    cluster: undefined,
    outputs: {},
    log: undefined,
    notice: undefined,
    isEmbedded,
    isReadOnly: false,
  });
}
