// Reads the entries of a section, in whichever of the three ways they were written: as cells, in columns, or one
// after another.

import { CorruptData } from '../../core/byte-buffer.ts';
import { ColumnReader } from '../../core/column-reader.ts';
import type { ValueReader } from '../../core/value-reader.ts';
import type { Section } from '../keyed-snapshot.ts';
import { type MapKey, mapKeyOf } from '../map-key.ts';
import { ValueCopier } from '../value-copier.ts';
import { NO_NAMESPACE } from './entry-table.ts';
import type { TimerNamespace } from './heap-timer-queue.ts';
import { layoutOf } from './row-layout.ts';

type Put = (namespace: TimerNamespace, key: MapKey, stored: unknown) => void;

interface EntryReading {
  readonly hasNamespaces: boolean;
  /** Of an entry that stands by itself. */
  readonly readValue: (values: ValueReader) => unknown;
}

/** Of states of a user's, and of operators. */
export const NAMESPACED: EntryReading = {
  hasNamespaces: true,
  readValue: (values) => values.read(),
};

/** What is gone by a section of changes: this stands in front of its entries. */
export function* goneOf(
  { changes }: Section,
  values: ValueReader,
  hasNamespaces: boolean,
): Iterable<readonly [TimerNamespace, MapKey]> {
  for (let n = changes ? values.in.varint() : 0; n > 0; n--) {
    const namespace = hasNamespaces ? (values.read() as TimerNamespace) : NO_NAMESPACE;
    yield [namespace, mapKeyOf(values.read())];
  }
}

/** @throws CorruptData */
export function readEntries(
  section: Section,
  values: ValueReader,
  { hasNamespaces, readValue }: EntryReading,
  put: Put,
): void {
  if (section.typed) return readCells(section, values, hasNamespaces, put);
  if (section.columns === true) return readRuns(section, values, hasNamespaces, put);
  for (let i = 0; i < section.count; i++) {
    if (section.separate) values.resetShapes();
    const namespace = hasNamespaces ? (values.read() as TimerNamespace) : NO_NAMESPACE;
    const key = mapKeyOf(values.read());
    put(namespace, key, readValue(values));
  }
}

/** Keys are the numbers that tables find them by. */
function readCells(
  { count }: Section,
  values: ValueReader,
  hasNamespaces: boolean,
  put: Put,
): void {
  const input = values.in;
  const names = Array.from({ length: input.varint() }, () => input.string());
  const layout = layoutOf(names.length === 0 ? undefined : names);
  const keyAt = hasNamespaces ? 1 : 0;
  const width = keyAt + 1 + layout.width;
  if (input.remaining !== count * width * 8)
    throw new CorruptData(`${input.remaining} bytes of ${count} rows of ${width} numbers`);
  const cells = input.f64s(count * width);
  for (let at = 0; at < cells.length; at += width) {
    const namespace = hasNamespaces ? (cells[at] as number) : NO_NAMESPACE;
    put(namespace, cells[at + keyAt] as number, layout.read(cells, at + keyAt + 1));
  }
}

/** What entry-runs.ts wrote. Strings in values become their own: here they are parts of a run's text. */
function readRuns({ count }: Section, values: ValueReader, hasNamespaces: boolean, put: Put): void {
  const columns = new ColumnReader(values);
  const copier = new ValueCopier();
  for (let left = count; left > 0; ) {
    const length = values.in.varint();
    if (length === 0 || length > left)
      throw new CorruptData(`a run of ${length} entries where ${left} are left`);
    const namespaces = hasNamespaces ? columns.read(length) : [];
    const keys = columns.read(length);
    const stored = columns.read(length);
    for (let i = 0; i < length; i++) {
      const namespace = (namespaces[i] ?? NO_NAMESPACE) as TimerNamespace;
      put(namespace, mapKeyOf(keys[i]), copier.copy(stored[i]));
    }
    left -= length;
  }
}
