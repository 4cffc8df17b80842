// The script that an evaluated bundle became, as its stack frames know it: by file name. From a line and
// column of the script it finds the user's own. Kept for as long as a function of the program lives, and no
// longer: thousands of evaluations in one process leave nothing behind.

import { createHash } from 'node:crypto';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { type Bundle, encodeBundle } from './bundle.ts';

export interface SourcePlace {
  /** As in the bundle's map: the notebook's file name, or a path from its folder. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export class BundleScript {
  /** What stack frames call the file. */
  readonly name: string;
  readonly bundle: Bundle;
  #map: SourceMap | undefined;

  constructor(name: string, bundle: Bundle) {
    this.name = name;
    this.bundle = bundle;
  }

  /** Undefined for code that nobody wrote: the glue between modules. */
  placeOf(line: number, column: number): SourcePlace | undefined {
    // Parsed when the first place is asked for. The map was made by our compiler.
    this.#map ??= new SourceMap(JSON.parse(this.bundle.map) as SourceMapPayload);
    const entry = this.#map.findEntry(line - 1, column - 1);
    if (!('originalSource' in entry) || isGlue(entry.originalSource)) return undefined;
    return {
      file: entry.originalSource,
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    };
  }
}

/** Modules of the compiler's own making have names that no file has: `library:node:fs`. */
const isGlue = (source: string): boolean => /^(?:entry|start|library|here):/.test(source);

const scripts = new Map<string, WeakRef<BundleScript>>();
const scriptOfFunction = new WeakMap<object, BundleScript>();
const collected = new FinalizationRegistry<string>((name) => {
  if (scripts.get(name)?.deref() === undefined) scripts.delete(name);
});

/** The script of a bundle: one for all evaluations of the same content. */
export function scriptOf(bundle: Bundle): BundleScript {
  // All of it: a cell's new title changes nothing in the code, but the identity of its operators.
  const key = createHash('sha256').update(encodeBundle(bundle)).digest('hex');
  const name = `bundle-${key.slice(0, 16)}/${bundle.notebook}`;
  const known = scripts.get(name)?.deref();
  if (known !== undefined) return known;
  const script = new BundleScript(name, bundle);
  scripts.set(name, new WeakRef(script));
  collected.register(script, name);
  return script;
}

/** The script stays known for as long as one of these lives. */
export function keepWith(script: BundleScript, functions: Iterable<object>): void {
  for (const one of functions) scriptOfFunction.set(one, script);
}

/** How many scripts are kept. */
export const knownScripts = (): number => scripts.size;

export function findScript(fileName: string): BundleScript | undefined {
  return scripts.get(fileName)?.deref();
}
