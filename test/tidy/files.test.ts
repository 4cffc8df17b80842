// What every file of ours keeps to: STYLE, as far as a machine can tell.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesOfCheckout, ROOT, sourceFiles } from './source-files.ts';

const LINES_MAX = 400;
const ours = sourceFiles(/^(?:cli|engine|test)\/(?!.*fixtures\/).*\.(?:tsx?|cjs)$/);
const product = ours.filter(({ path }) => !path.startsWith('test/'));

const named = (files: readonly { readonly path: string }[]): readonly string[] =>
  files.map(({ path }) => path);

describe('every file', () => {
  test(`of the product has at most ${LINES_MAX} lines`, () => {
    const long = product
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > LINES_MAX);
    expect(long).toEqual([]);
  });

  test('opens with what it is for', () => {
    const bare = product.filter(({ text }) => !/^(?:#!.*\n)?\/[/*]/.test(text));
    // Plain declarations of a script's shape say it where they are used.
    expect(named(bare).filter((path) => !path.endsWith('.d.cts'))).toEqual([]);
  });

  test('has one of the names that are allowed', () => {
    const odd = ours.filter(
      ({ path }) =>
        !/\/(?:[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|test-d|config|d))?\.(?:ts|cjs|cts)|[A-Za-z][A-Za-z0-9-]*\.tsx)$/.test(
          path,
        ),
    );
    expect(named(odd)).toEqual([]);
  });
});

describe('time and chance', () => {
  const CLOCKS = /\b(?:Date\.now|performance\.now|process\.hrtime|Math\.random|new Date\(\))\b/;
  const isSystem = (path: string): boolean => /^engine\/core\/system-[a-z-]+\.ts$/.test(path);
  // What a program may see of the clock is replaced there.
  const SURROUNDINGS = 'engine/program/slot-surroundings.ts';

  test('come in as arguments: only core/system-* asks the machine', () => {
    const asks = product.filter(
      ({ path, text }) =>
        !isSystem(path) && path !== SURROUNDINGS && CLOCKS.test(withoutComments(text)),
    );
    expect(named(asks)).toEqual([]);
  });

  test('no test waits for time to pass, but those of whole processes', () => {
    const waits = sourceFiles(
      /^test\/(?!bench|chaos|e2e|notebooks|harness|program).*\.test\.tsx?$/,
    ).filter(({ text }) => /\bsetTimeout\(|timers\/promises/.test(withoutComments(text)));
    expect(named(waits)).toEqual([]);
  });
});

describe('the checkout', () => {
  test('has only the folders that it is to have', () => {
    const folders = filesOfCheckout()
      .filter((path) => path.includes('/') && !path.startsWith('.'))
      .map((path) => path.slice(0, path.indexOf('/')));
    expect(new Set(folders)).toEqual(new Set(['cli', 'engine', 'notebooks', 'test']));
  });

  test('speaks of the product, not of how and where it was made', () => {
    const PLACES =
      /(?:^|[\s"'`(])\/work\/|\.\.\/shared\/|\.library\b|\bissues? #?\d+\b|registry\.npm|farm-/i;
    const odd = sourceFiles(
      /\.(?:tsx?|cjs|md|json|snap|html|svg|yaml|yml)$|^\.ci\/|^\.[a-z]+$/,
    ).filter(({ path, text }) => path !== 'test/tidy/files.test.ts' && PLACES.test(text));
    expect(named(odd)).toEqual([]);
  });

  test('the lock file says nothing of where a package came from', () => {
    const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
    expect(lock).not.toContain('"resolved"');
  });

  test('no test is switched off, and none is alone', () => {
    const odd = ours.filter(({ text }) =>
      /\b(?:test|it|describe)\.(?:skip|only|todo)\(/.test(text),
    );
    expect(named(odd)).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm, '');
}
