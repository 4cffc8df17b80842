// Reads what column-writer.ts wrote. Bytes that no writer wrote are CorruptData.

import { must } from './assert.ts';
import { type ByteReader, CorruptData } from './byte-buffer.ts';
import type { Layout } from './column-format.ts';
import * as column from './column-format.ts';
import { type ColumnKind, Lane } from './layout-code.ts';
import { expectSlices } from './own-string.ts';
import type { ValueReader } from './value-reader.ts';

/** By depth, shared by all readers of the thread: no value refers to them. */
const lanesAt: readonly Lane[][] = Array.from({ length: column.DEPTH_MAX }, () => []);

/** For what is put into an array at once. */
const lent = new Lane();

export class ColumnReader {
  readonly #in: ByteReader;
  readonly #values: ValueReader;
  #depth = 0;

  constructor(values: ValueReader) {
    this.#in = values.in;
    this.#values = values;
  }

  /** So many values. @throws CorruptData */
  read(count: number): unknown[] {
    const lane = new Lane();
    const kind = this.#readLane(lane, count);
    return valuesOf(lane, kind, count);
  }

  #readLane(lane: Lane, count: number, tag = this.#in.byte()): ColumnKind {
    switch (tag) {
      case column.INT32:
        this.#readNumbers(lane, 'i', count);
        return 'i';
      case column.FLOAT64:
        this.#readNumbers(lane, 'd', count);
        return 'd';
      case column.LATIN1:
      case column.UTF16:
        this.#readTexts(lane, count, tag === column.UTF16);
        return 's';
      default:
        lane.values = this.#readValues(tag, count);
        return 'a';
    }
  }

  #readNumbers(lane: Lane, kind: 'i' | 'd', count: number): void {
    lane.reserve(kind, count);
    this.#in.numbers(kind === 'i' ? lane.ints : lane.doubles, count);
  }

  /**
   * Each will be a piece of one long string, which costs a tenth of making them one by one; a long one (13 code
   * units and more) keeps the whole alive for as long as it lives: state copies what it keeps.
   */
  #readTexts(lane: Lane, count: number, isWide: boolean): void {
    this.#readNumbers(lane, 'i', count);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const length = lane.ints[i] as number;
      if (length < 0) throw new CorruptData(`a string of ${length} code units`);
      total += length;
    }
    lane.text = this.#in.codeUnits(total, isWide);
    expectSlices();
  }

  #readValues(tag: number, count: number): unknown[] {
    switch (tag) {
      case column.CONSTANT:
        return new Array<unknown>(count).fill(this.#values.read());
      case column.BOOLEAN:
        return this.#readBooleans(count);
      case column.OBJECT:
        return this.#readObjects(count);
      case column.TUPLE:
        return this.#readRecords(column.tupleLayout(this.#readWidth()), count);
      case column.VALUES:
        return Array.from({ length: count }, () => this.#values.read());
      case column.NULLABLE:
        return this.#readNullable(count);
      case column.LISTS:
        return this.#readLists(count);
      default:
        throw new CorruptData(`unknown column ${tag} at byte ${this.#in.position - 1}`);
    }
  }

  #readBooleans(count: number): boolean[] {
    const bytes = this.#in.subarray(count);
    const all: boolean[] = [];
    for (let i = 0; i < count; i++) all.push(bytes[i] !== 0);
    return all;
  }

  #readNullable(count: number): unknown[] {
    const presence = this.#in.subarray(count);
    const tag = this.#in.byte();
    if (tag === column.NULLABLE) throw new CorruptData('missing values among missing values');
    let there = 0;
    for (let i = 0; i < count; i++) if (presence[i] === column.IS_THERE) there++;
    const kind = this.#readLane(lent, there, tag);
    const values = columnOf(lent, kind, there);
    const all: unknown[] = [];
    let next = 0;
    for (let i = 0; i < count; i++) {
      const one = presence[i] as number;
      all.push(one === column.IS_THERE ? values[next++] : missing(one));
    }
    forget(lent);
    return all;
  }

  #readLists(count: number): unknown[][] {
    const lengths = new Int32Array(count);
    this.#in.numbers(lengths, count);
    let total = 0;
    for (const length of lengths) {
      total += length;
      if (length < 0 || total > column.ITEMS_MAX)
        throw new CorruptData(`a list of ${length} items, and ${total} of all`);
    }
    if (++this.#depth > column.DEPTH_MAX) throw new CorruptData(`columns at depth ${this.#depth}`);
    const items = this.read(total);
    this.#depth--;
    let end = 0;
    return Array.from(lengths, (length) => {
      end += length;
      return items.slice(end - length, end);
    });
  }

  #readObjects(count: number): unknown[] {
    const text = this.#in.string();
    const fields = this.#readWidth();
    const layout = column.knownLayout(text, fields) ?? layoutFrom(text, fields);
    if (fields !== layout.width)
      throw new CorruptData(`objects of ${fields} fields with ${layout.width} names`);
    return this.#readRecords(layout, count);
  }

  #readWidth(): number {
    const width = this.#in.byte();
    if (width > column.FIELDS_MAX) throw new CorruptData(`${width} columns side by side`);
    return width;
  }

  #readRecords(layout: Layout, count: number): unknown[] {
    const lanes = lanesAt[this.#depth++];
    if (lanes === undefined) throw new CorruptData(`columns at depth ${this.#depth}`);
    let kinds = '';
    for (let i = 0; i < layout.width; i++) {
      lanes[i] ??= new Lane();
      kinds += this.#readLane(lanes[i] as Lane, count);
    }
    this.#depth--;
    const all = joined(layout, kinds, lanes, count);
    for (let i = 0; i < layout.width; i++) forget(lanes[i] as Lane);
    return all;
  }
}

function joined(layout: Layout, kinds: string, lanes: readonly Lane[], count: number): unknown[] {
  const join = layout.join(kinds);
  if (join !== undefined) return join(count, lanes);
  for (let i = 0; i < layout.width; i++) {
    const lane = lanes[i] as Lane;
    lane.values = valuesOf(lane, kinds[i] as ColumnKind, count);
  }
  return must(layout.join('a'.repeat(layout.width)), 'a way for anything')(count, lanes);
}

function valuesOf(lane: Lane, kind: ColumnKind, count: number): unknown[] {
  const values = columnOf(lane, kind, count);
  return Array.isArray(values) ? values : Array.from(values);
}

function columnOf(lane: Lane, kind: ColumnKind, count: number): ArrayLike<unknown> {
  switch (kind) {
    case 'i':
      return lane.ints.subarray(0, count);
    case 'd':
      return lane.doubles.subarray(0, count);
    case 's':
      return textsOf(lane, count);
    case 'a':
      return lane.values;
  }
}

function missing(presence: number): null | undefined {
  if (presence === column.IS_NULL) return null;
  if (presence === column.IS_UNDEFINED) return undefined;
  throw new CorruptData(`a value that is missing in way ${presence}`);
}

function textsOf({ text, ints }: Lane, count: number): string[] {
  const texts: string[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const start = at;
    at += ints[i] as number;
    texts.push(text.substring(start, at));
  }
  return texts;
}

/** So that nothing is kept alive until the next frame. */
function forget(lane: Lane): void {
  lane.text = '';
  lane.values = NOTHING;
}

const NOTHING: unknown[] = [];

/** One that this thread has not met. */
function layoutFrom(text: string, fields: number): Layout {
  const names = fields === 0 ? [] : text.split('\u0000');
  if (fields !== names.length || names.includes('__proto__'))
    throw new CorruptData(`objects of ${fields} fields with ${names.length} names`);
  if (new Set(names).size !== fields) throw new CorruptData('objects with a name twice');
  return column.objectLayout(names);
}
