// Writes a run of values as columns: numbers as numbers, strings as one piece, objects of one shape field by
// field. What has no common kind is written value by value in the value format, so every column comes back
// exactly. Bounds and errors are the frame codec's to see to.

import type { ByteWriter } from '../core/byte-buffer.ts';
import type { ValueWriter } from '../core/value-writer.ts';
import type { Column, Shape } from './column-format.ts';
import * as column from './column-format.ts';

export class ColumnWriter {
  readonly #out: ByteWriter;
  readonly #values: ValueWriter;
  /** By depth and field: where a shape is taken apart; kept, so that their kinds stay what they are. */
  readonly #scratch = new Map<string, unknown[][]>();
  #depth = 0;

  constructor(values: ValueWriter) {
    this.#out = values.out;
    this.#values = values;
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
        return this.#writeValues(values, first, count);
    }
  }

  #writeConstant(value: unknown): void {
    this.#out.byte(column.CONSTANT);
    this.#values.write(value);
  }

  #writeNumbers(values: Column, first: number, count: number): void {
    if (areInts(values, first, count)) {
      this.#out.byte(column.INT32);
      this.#out.i32s(values as ArrayLike<number>, first, count);
    } else if (areOf('number', values, first, count)) {
      this.#out.byte(column.FLOAT64);
      this.#out.f64s(values as ArrayLike<number>, first, count);
    } else this.#writeValues(values, first, count);
  }

  #writeBooleans(values: Column, first: number, count: number): void {
    if (!areOf('boolean', values, first, count)) return this.#writeValues(values, first, count);
    this.#out.byte(column.BOOLEAN);
    for (let i = 0; i < count; i++) this.#out.byte(values[first + i] === true ? 1 : 0);
  }

  #writeStrings(values: Column, first: number, count: number): void {
    if (!areOf('string', values, first, count)) return this.#writeValues(values, first, count);
    const out = this.#out;
    const tagAt = out.length;
    out.byte(column.LATIN1);
    const all = out.lengths(values as ArrayLike<string>, first, count);
    if (out.codeUnits(all)) out.setByte(tagAt, column.UTF16);
  }

  #writeObjects(head: object | null, values: Column, first: number, count: number): void {
    if (this.#depth === column.DEPTH_MAX || head === null)
      return this.#writeValues(values, first, count);
    if (Array.isArray(head)) return this.#writeTuples(head.length, values, first, count);
    const shape = shapeOfValue(head);
    const columns = shape && this.#scratchFor(shape.text, shape.names.length);
    if (shape === undefined || columns === undefined || !shape.split(values, first, count, columns))
      return this.#writeValues(values, first, count);
    this.#out.byte(column.OBJECT);
    this.#out.string(shape.text);
    this.#out.byte(shape.names.length);
    this.#writeColumns(columns, count);
  }

  #writeTuples(length: number, values: Column, first: number, count: number): void {
    const columns = this.#scratchFor(`\u0000${length}`, length);
    if (length > column.FIELDS_MAX || !splitTuples(length, values, first, count, columns))
      return this.#writeValues(values, first, count);
    this.#out.byte(column.TUPLE);
    this.#out.byte(length);
    this.#writeColumns(columns, count);
  }

  #writeColumns(columns: readonly unknown[][], count: number): void {
    this.#depth++;
    try {
      for (const one of columns) this.write(one, 0, count);
    } finally {
      this.#depth--;
    }
  }

  #writeValues(values: Column, first: number, count: number): void {
    this.#out.byte(column.VALUES);
    for (let i = 0; i < count; i++) this.#values.write(values[first + i]);
  }

  #scratchFor(shape: string, length: number): unknown[][] {
    const name = `${this.#depth} ${shape}`;
    let scratch = this.#scratch.get(name);
    if (scratch === undefined) {
      if (this.#scratch.size >= SCRATCHES_MAX) this.#scratch.clear();
      scratch = Array.from({ length }, () => []);
      this.#scratch.set(name, scratch);
    }
    return scratch;
  }
}

const SCRATCHES_MAX = 100;

/** Undefined for what is no plain object, and for one that is more of a dictionary. */
function shapeOfValue(value: object): Shape | undefined {
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const names = Object.keys(value);
  if (names.length === 0 || names.length > column.FIELDS_MAX) return undefined;
  if (!names.every(column.isPlainName) || Object.getOwnPropertySymbols(value).length > 0)
    return undefined;
  return column.shapeOf(names.join('\u0000'));
}

function splitTuples(
  length: number,
  values: Column,
  first: number,
  count: number,
  columns: readonly unknown[][],
): boolean {
  for (let i = 0; i < count; i++) {
    const value = values[first + i];
    if (!Array.isArray(value) || value.length !== length) return false;
    if (Object.getPrototypeOf(value) !== Array.prototype || 'index' in value) return false;
    for (let j = 0; j < length; j++) {
      const element: unknown = value[j];
      if (element === undefined && !(j in value)) return false;
      (columns[j] as unknown[])[i] = element;
    }
  }
  return true;
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

function areInts(values: Column, first: number, count: number): boolean {
  for (let i = 0; i < count; i++) {
    const value = values[first + i];
    if (typeof value !== 'number') return false;
    if ((value | 0) !== value || (value === 0 && 1 / value < 0)) return false;
  }
  return true;
}

function areOf(type: string, values: Column, first: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (typeof values[first + i] !== type) return false;
  return true;
}
