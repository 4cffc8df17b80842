// Writes a run of values as columns: numbers as numbers, strings as one piece, objects of one layout field by
// field. What has no common kind is written value by value in the value format, so every column comes back
// exactly. Bounds and errors are the frame codec's to see to.

import { must } from './assert.ts';
import type { ByteWriter } from './byte-buffer.ts';
import type { Column, Layout } from './column-format.ts';
import * as column from './column-format.ts';
import { Lane, type LaneKind, OTHER_LAYOUT, SCANNED, type Scan } from './layout-code.ts';
import type { ValueWriter } from './value-writer.ts';

/** How records of a layout are taken apart: by the kinds that their fields have had so far. */
interface Apart {
  /** What of it travels. */
  readonly sent: Layout;
  kinds: string;
  scan: Scan;
  readonly lanes: readonly Lane[];
}

export class ColumnWriter {
  readonly #out: ByteWriter;
  readonly #values: ValueWriter;
  /** By depth: one inside another has lanes of its own. */
  readonly #apart: readonly Map<Layout, Apart>[] = Array.from(
    { length: column.DEPTH_MAX },
    () => new Map(),
  );
  /** Of values that are no field of a layout. */
  readonly #lane = new Lane();
  /** Of the values themselves, not of what is in them; undefined: all travel. */
  #fields: ReadonlySet<string> | undefined;
  #depth = 0;

  constructor(values: ValueWriter) {
    this.#out = values.out;
    this.#values = values;
  }

  setFields(fields: readonly string[] | undefined): void {
    this.#fields = fields && new Set(fields);
  }

  /** @throws UnsupportedValue; the path in it begins at one of the values, and bytes may have been written. */
  write(values: Column, first: number, count: number): void {
    const head = values[first];
    if (isConstant(values, first, count)) return this.#writeConstant(head);
    switch (typeof head) {
      case 'number':
        return this.#writeNumbers(values, first, count);
      case 'string':
        return this.#writeStrings(values, first, count);
      case 'boolean':
        return this.#writeBooleans(values, first, count);
      case 'object':
        return this.#writeObjects(head, values, first, count);
      default:
        return this.#writeMixed(values, first, count);
    }
  }

  #writeConstant(value: unknown): void {
    this.#out.byte(column.CONSTANT);
    this.#values.write(value);
  }

  #writeNumbers(values: Column, first: number, count: number): void {
    const lane = this.#lane;
    const kind = numberKind(values, first, count);
    if (kind === undefined) return this.#writeMixed(values, first, count);
    lane.reserve(kind, count);
    const target = kind === 'i' ? lane.ints : lane.doubles;
    for (let i = 0; i < count; i++) target[i] = values[first + i] as number;
    this.#out.byte(kind === 'i' ? column.INT32 : column.FLOAT64);
    this.#out.numbers(target, count);
  }

  #writeBooleans(values: Column, first: number, count: number): void {
    if (!areOf('boolean', values, first, count)) return this.#writeMixed(values, first, count);
    this.#out.byte(column.BOOLEAN);
    for (let i = 0; i < count; i++) this.#out.byte(values[first + i] === true ? 1 : 0);
  }

  #writeStrings(values: Column, first: number, count: number): void {
    if (!areOf('string', values, first, count)) return this.#writeMixed(values, first, count);
    const lane = this.#lane;
    lane.reserve('s', count);
    lane.text = '';
    for (let i = 0; i < count; i++) {
      const text = values[first + i] as string;
      lane.ints[i] = text.length;
      lane.text += text;
    }
    this.#writeTexts(lane, count);
  }

  #writeTexts(lane: Lane, count: number): void {
    const out = this.#out;
    const tagAt = out.length;
    out.byte(column.LATIN1);
    out.numbers(lane.ints, count);
    if (out.codeUnits(lane.text)) out.setByte(tagAt, column.UTF16);
    lane.text = '';
  }

  #writeObjects(head: object | null, values: Column, first: number, count: number): void {
    const layout = this.#depth === column.DEPTH_MAX || head === null ? undefined : layoutOf(head);
    const apart = layout && this.#takeApart(layout, head as object, values, first, count);
    if (layout === undefined || apart === undefined)
      return Array.isArray(head)
        ? this.#writeLists(values, first, count)
        : this.#writeMixed(values, first, count);
    const { text, names, width } = apart.sent;
    this.#out.byte(names === undefined ? column.TUPLE : column.OBJECT);
    if (names !== undefined) this.#out.string(text);
    this.#out.byte(width);
    this.#writeLanes(apart, count);
  }

  /** With the items of all of them side by side. */
  #writeLists(values: Column, first: number, count: number): void {
    const items = this.#depth === column.DEPTH_MAX ? undefined : itemsOf(values, first, count);
    if (items === undefined) return this.#writeMixed(values, first, count);
    const lengths = Int32Array.from(
      { length: count },
      (_, i) => (values[first + i] as Column).length,
    );
    this.#out.byte(column.LISTS);
    this.#out.numbers(lengths, count);
    this.#depth++;
    try {
      this.write(items, 0, items.length);
    } finally {
      this.#depth--;
    }
  }

  /** Into lanes; undefined when not all values are of the layout. */
  #takeApart(
    layout: Layout,
    head: object,
    values: Column,
    first: number,
    count: number,
  ): Apart | undefined {
    const apart = this.#apartOf(layout, head);
    for (;;) {
      for (let j = 0; j < layout.width; j++)
        apart.lanes[j]?.reserve(apart.kinds[j] as LaneKind, count);
      const end = apart.scan(values, first, count, apart.lanes);
      if (end === SCANNED) return apart;
      if (end === OTHER_LAYOUT) return undefined;
      use(apart, layout, widened(apart.kinds, end));
    }
  }

  #apartOf(layout: Layout, head: object): Apart {
    const known = this.#apart[this.#depth] as Map<Layout, Apart>;
    let apart = known.get(layout);
    if (apart === undefined) {
      if (known.size >= APART_MAX) known.clear();
      const fields: unknown[] = Array.isArray(head) ? Array.from(head) : Object.values(head);
      const lanes = Array.from({ length: layout.width }, () => new Lane());
      const travels = this.#depth === 0 ? this.#fields : undefined;
      const sent = travels === undefined ? layout : projected(layout, travels);
      apart = { sent, kinds: '', scan: () => OTHER_LAYOUT, lanes };
      const isSent = (j: number): boolean =>
        sent === layout || travels?.has(layout.names?.[j] ?? '') === true;
      use(apart, layout, fields.map((field, j) => (isSent(j) ? kindOf(field) : '-')).join(''));
      known.set(layout, apart);
    }
    return apart;
  }

  #writeLanes({ kinds, lanes }: Apart, count: number): void {
    this.#depth++;
    try {
      for (let j = 0; j < lanes.length; j++)
        this.#writeLane(lanes[j] as Lane, kinds[j] as LaneKind, count);
    } finally {
      this.#depth--;
    }
  }

  #writeLane(lane: Lane, kind: LaneKind, count: number): void {
    switch (kind) {
      case 'i':
        return this.#writeLaneNumbers(column.INT32, lane.ints, count);
      case 'd':
        return this.#writeLaneNumbers(column.FLOAT64, lane.doubles, count);
      case 's':
        if (!lane.isSame || count === 1) return this.#writeTexts(lane, count);
        this.#writeConstant(lane.text.slice(0, lane.ints[0]));
        lane.text = '';
        return;
      case 'a':
        return this.write(lane.values, 0, count);
      case '-':
    }
  }

  #writeLaneNumbers(tag: number, numbers: Int32Array | Float64Array, count: number): void {
    if (count > 1 && isConstant(numbers, 0, count)) return this.#writeConstant(numbers[0]);
    this.#out.byte(tag);
    this.#out.numbers(numbers, count);
  }

  /** Where some are missing, the others may be of one kind. */
  #writeMixed(values: Column, first: number, count: number): void {
    const there = presentOf(values, first, count);
    if (there.length === 0 || there.length === count)
      return this.#writeValues(values, first, count);
    const out = this.#out;
    out.byte(column.NULLABLE);
    for (let i = 0; i < count; i++) out.byte(presenceOf(values[first + i]));
    this.write(there, 0, there.length);
  }

  #writeValues(values: Column, first: number, count: number): void {
    this.#out.byte(column.VALUES);
    for (let i = 0; i < count; i++) this.#values.write(values[first + i]);
  }
}

const APART_MAX = 100;

function use(apart: Apart, layout: Layout, kinds: string): void {
  const scan = layout.scan(kinds);
  const any = kinds.replace(/[^-]/g, 'a');
  apart.kinds = scan === undefined ? any : kinds;
  apart.scan = scan ?? must(layout.scan(any), 'a way for anything');
}

/** Arrays are sent whole. */
function projected(layout: Layout, fields: ReadonlySet<string>): Layout {
  if (layout.names === undefined) return layout;
  return column.objectLayout(layout.names.filter((name) => fields.has(name)));
}

/** Undefined when one of them is no plain array, has a hole, or there are too many. */
function itemsOf(lists: Column, first: number, count: number): readonly unknown[] | undefined {
  const items: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const list = lists[first + i];
    if (!isPlainArray(list) || items.length + list.length > column.ITEMS_MAX) return undefined;
    for (let j = 0; j < list.length; j++) {
      const item: unknown = list[j];
      if (item === undefined && !(j in list)) return undefined;
      items.push(item);
    }
  }
  return items;
}

const isPlainArray = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && Object.getPrototypeOf(value) === Array.prototype && !('index' in value);

/** Undefined for what is no plain object or array, and for one that is more of a dictionary. */
function layoutOf(value: object): Layout | undefined {
  if (Array.isArray(value))
    return value.length > column.FIELDS_MAX ? undefined : column.tupleLayout(value.length);
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const names = Object.keys(value);
  if (names.length === 0 || names.length > column.FIELDS_MAX) return undefined;
  if (!names.every(column.isPlainName) || Object.getOwnPropertySymbols(value).length > 0)
    return undefined;
  return column.objectLayout(names);
}

function kindOf(value: unknown): LaneKind {
  if (typeof value === 'number') return (value | 0) === value ? 'i' : 'd';
  return typeof value === 'string' ? 's' : 'a';
}

/** Field `at` is of more kinds than it was taken for. */
const widened = (kinds: string, at: number): string =>
  `${kinds.slice(0, at)}${kinds[at] === 'i' ? 'd' : 'a'}${kinds.slice(at + 1)}`;

function presenceOf(value: unknown): number {
  if (value === null) return column.IS_NULL;
  return value === undefined ? column.IS_UNDEFINED : column.IS_THERE;
}

function presentOf(values: Column, first: number, count: number): readonly unknown[] {
  const there: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const value = values[first + i];
    if (value !== null && value !== undefined) there.push(value);
  }
  return there;
}

function isConstant(values: Column, first: number, count: number): boolean {
  const head = values[first];
  // The last one first: where values differ, it mostly does.
  if (values[first + count - 1] !== head || (typeof head === 'object' && head !== null))
    return false;
  if (head === 0 || typeof head === 'function' || typeof head === 'symbol') return false;
  for (let i = 1; i < count; i++) if (values[first + i] !== head) return false;
  return true;
}

function numberKind(values: Column, first: number, count: number): 'i' | 'd' | undefined {
  let areInts = true;
  for (let i = 0; i < count; i++) {
    const value = values[first + i];
    if (typeof value !== 'number') return undefined;
    areInts &&= (value | 0) === value && !Object.is(value, -0);
  }
  return areInts ? 'i' : 'd';
}

function areOf(type: string, values: Column, first: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (typeof values[first + i] !== type) return false;
  return true;
}
