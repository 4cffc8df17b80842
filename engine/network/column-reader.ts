// Reads what column-writer.ts wrote. Bytes that no writer wrote are CorruptData.

import { type ByteReader, CorruptData } from '../core/byte-buffer.ts';
import { expectSlices } from '../core/own-string.ts';
import type { ValueReader } from '../core/value-reader.ts';
import type { Column } from './column-format.ts';
import * as column from './column-format.ts';

export class ColumnReader {
  readonly #in: ByteReader;
  readonly #values: ValueReader;
  #depth = 0;

  constructor(values: ValueReader) {
    this.#in = values.in;
    this.#values = values;
  }

  /** So many values. Numbers may come as a typed array. @throws CorruptData */
  read(count: number): Column {
    const tag = this.#in.byte();
    switch (tag) {
      case column.CONSTANT:
        return new Array<unknown>(count).fill(this.#values.read());
      case column.INT32:
        return this.#in.i32s(count);
      case column.FLOAT64:
        return this.#in.f64s(count);
      case column.BOOLEAN:
        return Array.from(this.#in.subarray(count), (byte) => byte !== 0);
      case column.LATIN1:
      case column.UTF16:
        return this.#readStrings(count, tag === column.UTF16);
      case column.OBJECT:
        return this.#readObjects(count);
      case column.TUPLE:
        return this.#readTuples(count);
      case column.VALUES:
        return Array.from({ length: count }, () => this.#values.read());
      default:
        throw new CorruptData(`unknown column ${tag} at byte ${this.#in.position - 1}`);
    }
  }

  /**
   * Each is a piece of one long string, which costs a tenth of making them one by one; a long one (13 code
   * units and more) keeps the whole alive for as long as it lives: state copies what it keeps.
   */
  #readStrings(count: number, isWide: boolean): readonly string[] {
    const lengths = this.#in.i32s(count);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const length = lengths[i] as number;
      if (length < 0) throw new CorruptData(`a string of ${length} code units`);
      total += length;
    }
    const all = this.#in.codeUnits(total, isWide);
    expectSlices();
    const texts: string[] = [];
    let at = 0;
    for (let i = 0; i < count; i++) {
      const end = at + (lengths[i] as number);
      texts.push(all.substring(at, end));
      at = end;
    }
    return texts;
  }

  #readObjects(count: number): object[] {
    const text = this.#in.string();
    const fields = this.#in.byte();
    const shape = column.knownShape(text) ?? shapeFrom(text, fields);
    if (fields !== shape.names.length)
      throw new CorruptData(`objects of ${fields} fields with ${shape.names.length} names`);
    return shape.join(count, this.#readColumns(fields, count));
  }

  #readTuples(count: number): readonly unknown[] {
    const length = this.#in.byte();
    const columns = this.#readColumns(length, count);
    return column.tupleJoin(length)(count, columns);
  }

  #readColumns(length: number, count: number): readonly Column[] {
    if (this.#depth++ > column.DEPTH_MAX || length > column.FIELDS_MAX)
      throw new CorruptData(`${length} columns at depth ${this.#depth}`);
    const columns = Array.from({ length }, () => this.read(count));
    this.#depth--;
    return columns;
  }
}

/** One that this thread has not met. */
function shapeFrom(text: string, fields: number): column.Shape {
  const names = text.split('\u0000');
  if (fields !== names.length || fields > column.FIELDS_MAX || names.includes('__proto__'))
    throw new CorruptData(`objects of ${fields} fields with ${names.length} names`);
  if (new Set(names).size !== fields) throw new CorruptData('objects with a name twice');
  return column.shapeOf(text);
}
