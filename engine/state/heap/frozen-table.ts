// A table as a snapshot sees it: rows that do not change any more, written key group by key group; all of them,
// or those that have changed since an earlier snapshot. All work is done in generators which yield what they
// have done in bytes, or as good as, so that their caller can stop in between and let elements pass.

import type { KeyGroupRange } from '../../core/key-groups.ts';
import type { ValueWriter } from '../../core/value-writer.ts';
import type { BlockWriter, SectionHead } from '../keyed-snapshot.ts';
import { keyOfMapKey } from '../map-key.ts';
import { CellSpans } from './cell-spans.ts';
import { EntryRuns, RUNS_FROM } from './entry-runs.ts';
import { findChanges } from './row-changes.ts';
import {
  type FrozenRows,
  keyIn,
  type Page,
  pageOf,
  placeOf,
  strideOf,
  Unstorable,
  valueIn,
} from './row-pages.ts';
import { pageRowsOf, RowsByGroup } from './rows-by-group.ts';

/** Rows written between two yields. */
const ROWS_PER_STEP = 256;

/** What the snapshot of a backend is made of. */
export interface FrozenState {
  /** Comes first. Yields its progress in bytes. */
  prepare(): Iterable<number>;
  writeGroup(keyGroup: number, block: BlockWriter): Iterable<number>;
  /** The snapshot is complete, or given up. */
  release(): void;
}

export interface RowWriting {
  readonly head: Pick<SectionHead, 'name' | 'kind' | 'timed' | 'holds'>;
  /** Tells the part of the value that is to be written; undefined: nothing. */
  readonly alive: (stored: unknown) => unknown;
  readonly writeValue: (values: ValueWriter, stored: unknown) => void;
}

export class FrozenTable implements FrozenState {
  readonly #rows: FrozenRows;
  readonly #writing: RowWriting;
  readonly #keyGroups: KeyGroupRange;
  readonly #release: () => void;
  /** Rows to be written, unless it is all cells. */
  #order: RowsByGroup;
  #spans: CellSpans | undefined;
  #gone: RowsByGroup | undefined;
  #isTyped = false;
  readonly #runs = new EntryRuns();

  constructor(
    rows: FrozenRows,
    writing: RowWriting,
    keyGroups: KeyGroupRange,
    release: () => void,
  ) {
    this.#rows = rows;
    this.#writing = writing;
    this.#keyGroups = keyGroups;
    this.#release = release;
    this.#order = new RowsByGroup(keyGroups);
  }

  release(): void {
    this.#release();
  }

  *prepare(): Iterable<number> {
    const { pages, since } = this.#rows;
    this.#isTyped = yield* this.#canWriteCells();
    if (since !== undefined) {
      const { changed, gone } = yield* findChanges(this.#rows, since, this.#keyGroups);
      this.#order = changed;
      this.#gone = gone;
    } else if (this.#isTyped) {
      this.#spans = new CellSpans(this.#rows, this.#keyGroups);
      yield* this.#spans.count();
    } else {
      yield* this.#order.sort(pages.map(pageRowsOf));
    }
  }

  *writeGroup(keyGroup: number, block: BlockWriter): Iterable<number> {
    const gone = this.#gone?.of(keyGroup) ?? [];
    const rows = this.#order.of(keyGroup);
    const count = this.#spans?.rowsOf(keyGroup) ?? rows.length;
    const { replaces } = this.#rows;
    if (count + gone.length === 0 && !replaces) return;
    const typed = this.#isTyped;
    const changes = this.#gone !== undefined;
    const columns = !typed && this.#writing.head.kind !== 'map' && rows.length >= RUNS_FROM;
    const head = { ...this.#writing.head, typed, separate: false, columns, changes };
    const values = block.section(head, count);
    const expired = yield* this.#expired(rows);
    if (changes) this.#writeGone(gone, expired, values);
    if (typed) yield* this.#writeCells(keyGroup, rows, values);
    else if (columns) yield* this.#writeRuns(rows, expired, block);
    else yield* this.#writeValues(rows, expired, block, values);
    block.endSection(count - expired.size, replaces || changes);
  }

  /** Keys, values and namespaces are all numbers. */
  *#canWriteCells(): Generator<number, boolean> {
    const { format, pages } = this.#rows;
    if (!format.hasNumberKeys || format.layout === undefined || this.#writing.head.timed)
      return false;
    for (const { namespaces } of format.hasNamespaces ? pages : []) {
      if (namespaces?.some((namespace) => typeof namespace !== 'number') === true) return false;
      yield namespaces?.length ?? 0;
    }
    return true;
  }

  /** Entries whose time is over, decided once. */
  *#expired(rows: Uint32Array): Generator<number, ReadonlySet<number>> {
    const expired = new Set<number>();
    if (!this.#writing.head.timed) return expired;
    for (const [i, row] of rows.entries()) {
      const stored = this.#stored(row);
      if (!(stored instanceof Unstorable) && this.#writing.alive(stored) === undefined)
        expired.add(row);
      if (i % ROWS_PER_STEP === 0) yield ROWS_PER_STEP;
    }
    return expired;
  }

  /** What has expired is gone as well: of what is written no element may come to life without the others. */
  #writeGone(gone: Iterable<number>, expired: ReadonlySet<number>, values: ValueWriter): void {
    const { since = [] } = this.#rows;
    const before = [...gone];
    values.out.varint(before.length + expired.size);
    for (const row of before) this.#writeId(pageOf(since, row), row, values);
    for (const row of expired) this.#writeId(pageOf(this.#rows.pages, row), row, values);
  }

  *#writeCells(keyGroup: number, rows: Uint32Array, { out }: ValueWriter): Iterable<number> {
    const { format } = this.#rows;
    const names = format.layout?.names ?? [];
    out.varint(names.length);
    for (const name of names) out.string(name);
    const spans = this.#spans;
    if (spans === undefined) return yield* this.#writeChangedCells(rows, out);
    yield* spans.collect(keyGroup);
    out.bytes(spans.cellsOf(keyGroup));
    yield spans.rowsOf(keyGroup);
  }

  *#writeChangedCells(rows: Uint32Array, out: ValueWriter['out']): Iterable<number> {
    const { format, pages } = this.#rows;
    const stride = strideOf(format);
    const width = stride + (format.hasNamespaces ? 1 : 0);
    const cells = new Float64Array(Math.min(ROWS_PER_STEP, rows.length) * width);
    for (let first = 0; first < rows.length; first += ROWS_PER_STEP) {
      let at = 0;
      for (const row of rows.subarray(first, first + ROWS_PER_STEP)) {
        const page = pageOf(pages, row);
        if (page.namespaces !== undefined) cells[at++] = page.namespaces[placeOf(row)] as number;
        const from = placeOf(row) * stride;
        for (let i = 0; i < stride; i++) cells[at++] = page.cells[from + i] as number;
      }
      out.bytes(new Uint8Array(cells.buffer, 0, at * 8));
      yield at * 8;
    }
  }

  *#writeRuns(
    rows: Uint32Array,
    expired: ReadonlySet<number>,
    block: BlockWriter,
  ): Iterable<number> {
    const { format, pages } = this.#rows;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      if (expired.has(row)) continue;
      const page = pageOf(pages, row);
      const at = placeOf(row);
      const stored = valueIn(page, at, format);
      const living = this.#writing.head.timed ? (this.#writing.alive(stored) ?? stored) : stored;
      this.#runs.add(page.namespaces?.[at], keyIn(page, at, format), living);
      if (this.#runs.isFull) yield this.#runs.write(block);
    }
    yield this.#runs.write(block);
  }

  *#writeValues(
    rows: Uint32Array,
    expired: ReadonlySet<number>,
    block: BlockWriter,
    values: ValueWriter,
  ): Iterable<number> {
    let written = block.size;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      if (expired.has(row)) continue;
      this.#writeId(pageOf(this.#rows.pages, row), row, values);
      this.#writing.writeValue(values, this.#living(row));
      // Values differ in size: a step is so many rows or so many bytes.
      if (block.size - written < ROWS_PER_STEP * 16 && i % ROWS_PER_STEP > 0) continue;
      yield block.size - written + 1;
      written = block.size;
    }
  }

  #writeId(page: Page, row: number, values: ValueWriter): void {
    const { format } = this.#rows;
    if (format.hasNamespaces) values.write(page.namespaces?.[placeOf(row)]);
    values.write(keyOfMapKey(keyIn(page, placeOf(row), format)));
  }

  /** Between the look at its time and now it may have ended. @throws what it could not be copied for. */
  #living(row: number): unknown {
    const stored = this.#stored(row);
    if (stored instanceof Unstorable) throw stored.cause;
    return this.#writing.alive(stored) ?? stored;
  }

  #stored(row: number): unknown {
    return valueIn(pageOf(this.#rows.pages, row), placeOf(row), this.#rows.format);
  }
}
