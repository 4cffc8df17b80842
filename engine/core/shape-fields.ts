// Writes the fields of objects of one shape. Once there are many of them a function is generated that reads the
// fields by their names: a loop over names looks each one up in each object anew. One for each shape, for all
// writers of the thread.

import type { ByteWriter } from './byte-buffer.ts';
import { STRING } from './value-format.ts';

/** Writes any value, at this depth. */
export type WriteValue = (value: unknown, depth: number) => void;

type WriteFields = (value: object, out: ByteWriter, write: WriteValue, depth: number) => void;

/** Objects from which on generating a function pays. */
const GENERATED_FROM = 256;
/** Fields up to which it does. */
const FIELDS_MAX = 64;
const SHAPES_MAX = 1_000;

export class ShapeFields {
  readonly keys: readonly string[];
  #written = 0;
  #generated: WriteFields | undefined;

  constructor(keys: readonly string[]) {
    this.keys = keys;
  }

  /** `write` gets what is no string. */
  write(value: object, out: ByteWriter, write: WriteValue, depth: number): void {
    if (this.#generated !== undefined) return this.#generated(value, out, write, depth);
    if (++this.#written === GENERATED_FROM && this.keys.length <= FIELDS_MAX)
      this.#generated = generate(this.keys);
    for (const key of this.keys) write((value as Record<string, unknown>)[key], depth);
  }
}

const shapes = new Map<string, ShapeFields>();

/** `name`: of these keys and no others. */
export function shapeFields(name: string, keys: readonly string[]): ShapeFields {
  const known = shapes.get(name);
  if (known !== undefined) return known;
  if (shapes.size === SHAPES_MAX) shapes.clear();
  const fields = new ShapeFields(keys);
  shapes.set(name, fields);
  return fields;
}

function generate(keys: readonly string[]): WriteFields {
  const fields = keys.map((key, i) => {
    const text = `{ out.byte(${STRING}); out.string(f${i}); }`;
    return `const f${i} = v[${JSON.stringify(key)}]; if (typeof f${i} === 'string') ${text} else write(f${i}, depth);`;
  });
  return new Function('v', 'out', 'write', 'depth', fields.join('\n')) as WriteFields;
}
