// Bytes by key on the disk of this machine, in the order of their keys: an LMDB environment of one state
// backend. Nothing is synced: it lives as long as its process, and what outlives a crash is swept by whoever
// opens the next one. State that must last is in checkpoints.

import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RootDatabase, Transaction } from 'lmdb';
import { assert } from '../../core/assert.ts';
import { MachineError, SluiceError } from '../../core/errors.ts';
import { sweepRemains } from '../../core/system-remains.ts';

/** Of a key, in bytes: what a page of LMDB takes. */
export const KEY_BYTES_MAX = 1_900;

export interface StoredEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** The store as it was, whatever is written meanwhile. */
export interface StoreView {
  /** By ascending key, `end` excluded. An entry is valid until the next is asked for. */
  range(start: Uint8Array, end: Uint8Array): Iterable<StoredEntry>;
  /** Valid until the next call. */
  get(key: Uint8Array): Uint8Array | undefined;
  close(): void;
}

export class LmdbStore {
  readonly #directory: string;
  readonly #database: RootDatabase<Buffer, Buffer>;
  readonly #views = new Set<Transaction>();
  #isClosed = false;

  /** `root`: below it directories of stores are made; '' for the system's temporary one. `name`: unique. */
  constructor(root: string, name: string) {
    const parent = root === '' ? tmpdir() : root;
    this.#directory = join(parent, `${PREFIX}${process.pid}-${name}`);
    const { open } = lmdb();
    this.#database = onDisk(this.#directory, () => {
      mkdirSync(parent, { recursive: true });
      sweepRemains(parent, PREFIX);
      // Nobody reads what another has left, under whatever name.
      rmSync(this.#directory, { recursive: true, force: true });
      return open<Buffer, Buffer>({ ...SETTINGS, path: this.#directory });
    });
  }

  /** Valid until the next call. */
  get(key: Uint8Array): Uint8Array | undefined {
    return this.#database.getBinaryFast(key as Buffer);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#database.putSync(key as Buffer, value as Buffer);
  }

  remove(key: Uint8Array): void {
    this.#database.removeSync(key as Buffer);
  }

  /** What `work` writes, in one transaction. @throws MachineError when the disk does not take it. */
  batch(work: () => void): void {
    onDisk(this.#directory, () => this.#database.transactionSync(work));
  }

  view(): StoreView {
    assert(!this.#isClosed, 'a view of a store that is closed');
    // biome-ignore lint/correctness/useHookAtTopLevel: the name is LMDB's, and no hook of React's.
    const transaction = this.#database.useReadTransaction();
    this.#views.add(transaction);
    return {
      range: (start, end) =>
        this.#database.getRange({ start: start as Buffer, end: end as Buffer, transaction }),
      get: (key) => {
        const [entry] = this.#database.getRange({ start: key as Buffer, limit: 1, transaction });
        return entry?.key.equals(key) ? entry.value : undefined;
      },
      close: () => {
        if (!this.#views.delete(transaction)) return;
        transaction.done();
        if (this.#isClosed && this.#views.size === 0) void this.#database.close();
      },
    };
  }

  /** Its files are gone; views can still be read. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Before anything is waited for: the thread may end. What is mapped stays until it is let go.
    rmSync(this.#directory, { recursive: true, force: true });
    if (this.#views.size === 0) await this.#database.close();
  }
}

const SETTINGS = {
  encoding: 'binary',
  keyEncoding: 'binary',
  noSync: true,
  noMemInit: true,
  overlappingSync: false,
  cache: false,
  maxReaders: 1_024,
} as const;

/** What the system says is told apart from what else `work` throws; LMDB's code is the bare number. */
function onDisk<T>(directory: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { code, syscall, message } = cause as NodeJS.ErrnoException;
    if (typeof code !== 'number' && syscall === undefined) throw cause;
    // Where a disk is full LMDB calls it an I/O error.
    const text = `keyed state cannot be written to ${directory}: ${message}; the job goes on from its last checkpoint when it can: free some space there, look after the disk, or keep state on another one (state.backend.lmdb.localdir)`;
    throw new MachineError('state-unwritable', text, { cause });
  }
}

/** Loaded when it is first needed: its binary need not work where nobody asks for this backend. */
function lmdb(): typeof import('lmdb') {
  try {
    return createRequire(import.meta.url)('lmdb') as typeof import('lmdb');
  } catch (cause) {
    throw new SluiceError(
      'no-lmdb',
      'state.backend.type is lmdb, whose package cannot be loaded here: install it (npm install lmdb), or use hashmap',
      { cause },
    );
  }
}

const PREFIX = 'sluice-state-';
