import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { mergeSources } from '../../cli/compiler/merge-sources.ts';
import { compile, resultOf, stopBundlerAfterTests } from '../program/notebooks.ts';

stopBundlerAfterTests();

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-map-')));
const path = join(folder, 'flights.ts');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HELPER = `// a comment
export type Helper = (n: number) => void;

export class Checker {
  static check(n: number): never {
    throw new Error('in a file ' + n);
  }
}
`;

const NOTEBOOK = `const pre = () => { throw new Error('in the preamble'); }; import { Checker } from './lib/check';
interface Erased { readonly some: string; other?: number }
// %% Ünïcode title 🛫
type AlsoErased<T> = { [K in keyof T]: T[K] };
function outer(text: string): void {
  const inner = <T,>(value: T): T => { throw new Error('in a generic arrow'); };
  if (text as string) inner<string>(text!);
}
const ü = '🛫🛫'; const wide = () => { throw new Error('behind wide characters'); };
dropped.because(nobody, 'asked');

// %% Second
class Late<T> {
  readonly #by: T;
  constructor(by: T) { this.#by = by; }
  get by(): T { if (this.#by) throw new Error('in a getter'); return this.#by; }
}
const chain = () => [1]
  .map((x: number) => x + 1)
  .filter((x) => {
    throw new Error('in a chain');
  });
const later = async () => { await null; throw new Error('after an await'); };

// %% Third
/* a comment
   of lines */ const multi = \`
\${pre.name}\`; const behind = () => { throw new Error('behind a template'); };
const calls: (() => unknown)[] = [pre, () => outer('x'), wide, () => new Late(1).by, chain, later, behind, () => Checker.check(1)];
calls
`;

/** What is thrown, and the place of `new Error('…')` in the text. */
function thrownIn(text: string, file: string): [string, string][] {
  return text.split(/\r?\n/).flatMap((line, i): [string, string][] => {
    const match = /new Error\('([^']*)'/.exec(line);
    return match === null ? [] : [[match[1] ?? '', `${file}:${i + 1}:${match.index + 1}`]];
  });
}

async function placesOf(notebook: string): Promise<[string, string][]> {
  const calls = (await resultOf(notebook, { path })) as (() => unknown)[];
  const places: [string, string][] = [];
  for (const call of calls) {
    const error = (await Promise.resolve()
      .then(call)
      .catch((thrown: unknown) => thrown)) as Error;
    const frame = /\n {4}at (?:.*\()?([^()\n]*:\d+:\d+)\)?/.exec(error.stack ?? '')?.[1] ?? '';
    places.push([error.message.replace(/ \d+$/, ' '), frame]);
  }
  return places;
}

describe('an error’s stack', () => {
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'lib/check.ts'), HELPER);
  const inFile = thrownIn(HELPER, 'lib/check.ts');
  const byPlace = (places: [string, string][]) =>
    places.toSorted(([, a], [, b]) => (a < b ? -1 : 1));

  test('names the line and column of the notebook, and of files that it imports', async () => {
    const expected = [...thrownIn(NOTEBOOK, 'flights.ts'), ...inFile];
    expect(expected).toHaveLength(8);
    expect(byPlace(await placesOf(NOTEBOOK))).toEqual(byPlace(expected));
  });

  test('does so too for a file with a byte order mark and CRLF', async () => {
    const expected = [...thrownIn(NOTEBOOK, 'flights.ts'), ...inFile];
    const windows = `\ufeff${NOTEBOOK.replaceAll('\n', '\r\n')}`;
    expect(byPlace(await placesOf(windows))).toEqual(byPlace(expected));
  });

  test('names the last expression’s own place', async () => {
    await expect(resultOf('// %% A\nconst a = 1;\n// why\nnull.x;\n')).rejects.toThrow(
      expect.objectContaining({ stack: expect.stringMatching(/at flights\.ts:4:6\n/) }),
    );
    await expect(resultOf('// %% A\nnull.x\n')).rejects.toThrow(
      expect.objectContaining({ stack: expect.stringMatching(/at flights\.ts:2:6\n/) }),
    );
  });

  test('names the place in the cell that is behind statements that were dropped', async () => {
    const text =
      '// %% A\nfoo(); const f = () => { null.x; };\n(function () {})(); bar`\n`; const g = () => null.y\n// %% B\n[f, g];\n';
    const [f, g] = (await resultOf(text)) as (() => unknown)[];
    expect(() => f?.()).toThrow(
      expect.objectContaining({ stack: expect.stringContaining('flights.ts:2:31)') }),
    );
    expect(() => g?.()).toThrow(
      expect.objectContaining({ stack: expect.stringContaining('flights.ts:4:25)') }),
    );
  });
});

describe('the map of a bundle', () => {
  test('has the notebook once, under its file name', async () => {
    const { bundle } = await compile(NOTEBOOK, undefined, path);
    const { sources } = JSON.parse(bundle.map) as { sources: string[] };
    expect(sources.filter((source) => source === 'flights.ts')).toHaveLength(1);
    expect(sources).toContain('lib/check.ts');
    expect(sources.filter((source) => source.startsWith('cell:'))).toEqual([]);
  });

  const segment = fc.record({
    line: fc.nat(4),
    column: fc.nat(40),
    source: fc.nat(40),
    originalLine: fc.nat(100_000),
    originalColumn: fc.nat(300),
    name: fc.boolean(),
  });

  test('says the same of every position when its sources are merged', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(segment, {
          selector: ({ line, column }) => line * 100 + column,
          minLength: 1,
        }),
        fc.integer({ min: 1, max: 8 }),
        (segments, distinct) => {
          const map = mapOf(segments);
          const rename = (source: string): string => `to${Number(source) % distinct}`;
          const before = new SourceMap(JSON.parse(map));
          const after = new SourceMap(JSON.parse(mergeSources(map, rename)));
          for (const { line, column } of segments) {
            const was = before.findEntry(line, column) as SourceEntry;
            expect(after.findEntry(line, column)).toEqual({
              ...was,
              originalSource: rename(was.originalSource),
            });
          }
        },
      ),
    );
  });
});

type SourceEntry = { readonly originalSource: string };

interface Segment {
  readonly line: number;
  readonly column: number;
  readonly source: number;
  readonly originalLine: number;
  readonly originalColumn: number;
  readonly name: boolean;
}

/** A source map with 41 sources, `0` to `40`. */
function mapOf(segments: readonly Segment[]): string {
  const last = { source: 0, originalLine: 0, originalColumn: 0 };
  const lines = Array.from({ length: 5 }, (_, line) => {
    let column = 0;
    return segments
      .filter((one) => one.line === line)
      .toSorted((a, b) => a.column - b.column)
      .map((one) => {
        const steps = [one.column - column, one.source - last.source];
        steps.push(one.originalLine - last.originalLine, one.originalColumn - last.originalColumn);
        if (one.name) steps.push(0);
        column = one.column;
        Object.assign(last, one);
        return steps.map(vlq).join('');
      })
      .join(',');
  });
  const sources = Array.from({ length: 41 }, (_, i) => String(i));
  return JSON.stringify({ version: 3, sources, names: ['n'], mappings: lines.join(';') });
}

function vlq(step: number): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let rest = step < 0 ? -step * 2 + 1 : step * 2;
  let text = '';
  for (; rest > 31; rest = Math.floor(rest / 32)) text += digits[(rest % 32) + 32];
  return text + digits[rest];
}
