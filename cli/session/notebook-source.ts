// The notebook on disk, and the files that its cells import: read when they change, whoever changed them and
// however (in place, by renaming another over it). Folders are watched, so that a file may go and come again.

import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Clock, Timer } from '../../engine/core/clock.ts';

export interface NotebookSourceEvents {
  /** The notebook reads so now. */
  onText(text: string): void;
  /** It cannot be read. */
  onUnreadable(message: string): void;
  /** A file that the notebook imports may have changed. */
  onImport(): void;
}

/**
 * Editors empty a file before they write it, or take it away before they put another in its place; and the
 * watcher tells nothing of changes right after one. So nothing empty or missing is believed at first, and
 * after each change there is a second look.
 */
const SETTLE_MS = 80;
const SETTLE_LOOKS = 5;

export class NotebookSource {
  readonly path: string;
  readonly #clock: Clock;
  readonly #events: NotebookSourceEvents;
  readonly #watched = new Set<string>();
  #watcher: FSWatcher | undefined;
  #text: string | undefined;
  #settling: Timer | undefined;
  #isImportFresh = false;

  /** @param path Absolute. */
  constructor(path: string, clock: Clock, events: NotebookSourceEvents) {
    this.path = path;
    this.#clock = clock;
    this.#events = events;
  }

  /** Reads it now, and again whenever it changes. */
  open(): void {
    this.#look(0);
    this.#watcher = watch([], {
      ignoreInitial: true,
      depth: 0,
      atomic: false,
      ignored: (path) => !this.#watched.has(path),
    });
    this.#watcher.on('all', (_, path) => {
      if (path === this.path) this.#look(SETTLE_LOOKS);
      else this.#onImport();
      this.#settle(SETTLE_LOOKS);
    });
    // What was saved before the watcher had begun, it does not tell.
    this.#watcher.on('ready', () => this.#look(SETTLE_LOOKS));
    // Nothing can be watched here: what is asked for still runs.
    this.#watcher.on('error', (error) =>
      this.#events.onUnreadable(`not watched: ${String(error)}`),
    );
    this.watch([this.path]);
  }

  /** These files too, absolute, from now on. */
  watch(files: readonly string[]): void {
    const fresh = files.filter((file) => !this.#watched.has(file));
    if (fresh.length === 0) return;
    for (const file of fresh) this.#watched.add(file).add(dirname(file));
    this.#watcher?.add([...new Set(fresh.map((file) => dirname(file)))]);
  }

  async close(): Promise<void> {
    this.#settling?.[Symbol.dispose]();
    await this.#watcher?.close();
  }

  #onImport(): void {
    this.#isImportFresh = true;
    this.#events.onImport();
  }

  #settle(looks: number): void {
    this.#settling?.[Symbol.dispose]();
    this.#settling = this.#clock.after(SETTLE_MS, () => {
      if (this.#isImportFresh) this.#events.onImport();
      this.#isImportFresh = false;
      this.#look(looks - 1);
    });
  }

  /** @param looks Further ones before an empty or missing file is believed. */
  #look(looks: number): void {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if (looks > 0) return this.#settle(looks);
      this.#text = undefined;
      return this.#events.onUnreadable((error as Error).message);
    }
    if (text === this.#text) return;
    if (text === '' && this.#text !== undefined && looks > 0) return this.#settle(looks);
    this.#text = text;
    this.#events.onText(text);
  }
}
