// What a jar is to Flink: one cell and everything it refers to, as a script, with its source map and an
// index of the notebook's names. Content-addressed; made by the compiler (cli/compiler), read wherever the
// program is evaluated: in the program process and in every slot.

export interface Bundle {
  readonly version: 1;
  /** The notebook's file name, without its folder. */
  readonly notebook: string;
  /** The cell that was asked for: its sinks are the job's, those of others are not. */
  readonly cell: { readonly index: number; readonly title: string };
  /**
   * The body of `async function (__require, __cell)`: no import, no export. Library modules come through
   * `__require('sluice')`, `__require('node:fs')`; `__cell(2)` marks where the code of cell 2 begins. Returns
   * the value of the cell's last statement, when that is an expression.
   */
  readonly code: string;
  /** Source map (version 3, JSON text) from `code` to the notebook and its imports; notebook lines are the file's. */
  readonly map: string;
  /** The source in `map` that is the notebook. */
  readonly source: string;
  readonly cells: readonly BundledCell[];
}

export interface BundledCell {
  readonly index: number;
  readonly title: string;
  /** Top-level declarations, each with the lines of the notebook that it covers (from 1, inclusive). */
  readonly declarations: readonly {
    readonly names: readonly string[];
    readonly from: number;
    readonly to: number;
    /** Where on line `from` it begins, from 1: two may share a line. */
    readonly column?: number;
  }[];
  /** Options in the marker, e.g. `parallelism: '4'`. */
  readonly options: Readonly<Record<string, string>>;
  /** Lines of the whole cell, its marker not among them. */
  readonly from?: number;
  readonly to?: number;
}

export const encodeBundle = (bundle: Bundle): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(bundle));

/** @throws Error when the bytes are not a bundle of this version. */
export function decodeBundle(bytes: Uint8Array): Bundle {
  const bundle = JSON.parse(new TextDecoder().decode(bytes)) as Bundle;
  if (bundle.version !== 1)
    throw new Error(`a bundle of version ${String(bundle.version)}, this sluice reads version 1`);
  return bundle;
}
