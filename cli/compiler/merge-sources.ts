// A source map whose sources are renamed, and become one where their new names are the same: the cells, each
// a module to esbuild, are one notebook again. Of a segment only the step from source to source changes:
// lines and columns are steps from one segment to the next, whatever the source.

interface SourceMap {
  readonly sources: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/** @param map JSON text of a source map, version 3. */
export function mergeSources(map: string, rename: (source: string) => string): string {
  const { sources, names, mappings } = JSON.parse(map) as SourceMap;
  const renamed = sources.map(rename);
  const merged = [...new Set(renamed)];
  const indexes = renamed.map((source) => merged.indexOf(source));
  let source = 0;
  const rewritten = mappings.replace(SOURCE_STEP, (step) => {
    const before = indexes[source] ?? 0;
    source += decode(step);
    return encode((indexes[source] ?? 0) - before);
  });
  return JSON.stringify({ version: 3, sources: merged, names, mappings: rewritten });
}

/**
 * The second number of a segment, but for `A`: no step is none in both maps. In base 64, a number ends with
 * the first digit below 32, which is A to f.
 */
const SOURCE_STEP = /(?<=(?:^|[,;])[g-z0-9+/]*[A-Za-f])(?:[g-z0-9+/]+[A-Za-f]|[B-Za-f])/g;

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Five bits a digit, the lowest first; the very lowest bit is the sign. */
function decode(text: string): number {
  let bits = 0;
  for (let i = text.length - 1; i >= 0; i--) {
    bits = bits * 32 + (DIGITS.indexOf(text[i] ?? '') & 31);
  }
  return bits & 1 ? -(bits >>> 1) : bits >>> 1;
}

function encode(value: number): string {
  let bits = value < 0 ? -value * 2 + 1 : value * 2;
  let text = '';
  do {
    const digit = bits & 31;
    bits >>>= 5;
    text += DIGITS[bits > 0 ? digit | 32 : digit];
  } while (bits > 0);
  return text;
}
