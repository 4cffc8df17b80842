// What tsc says when it refuses a program: each @ts-expect-error in rejections.test-d.ts names the first
// words, and they are for people.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const file = fileURLToPath(new URL('rejections.test-d.ts', import.meta.url));

interface Expectation {
  /** From 0. */
  readonly line: number;
  readonly words: string;
}

const EXPECTED = /\/\/ @ts-expect-error (.*)/;
const text = readFileSync(file, 'utf8');
const expectations = text.split('\n').flatMap((content, line): readonly Expectation[] => {
  const words = EXPECTED.exec(content)?.[1];
  return words === undefined ? [] : [{ line, words }];
});

/** The messages of tsc by line, with nothing expected. */
function messagesByLine(): ReadonlyMap<number, string> {
  const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const read = host.readFile;
  host.readFile = (path) =>
    path === file ? text.replaceAll('@ts-expect-error', 'expected:') : read(path);
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`no ${file}`);
  const messages = new Map<number, string>();
  for (const { start = 0, messageText } of program.getSemanticDiagnostics(source)) {
    const { line } = source.getLineAndCharacterOfPosition(start);
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    messages.set(line, `${messages.get(line) ?? ''}${message}\n`);
  }
  return messages;
}

const messages = messagesByLine();

describe('tsc refuses, in these words', () => {
  test.each(expectations)('$words (line $line)', ({ line, words }) => {
    expect(messages.get(line + 1)).toContain(words);
  });

  test('and nothing else', () => {
    const expected = expectations.map((expectation) => expectation.line + 1);
    expect([...messages.keys()].toSorted((a, b) => a - b)).toEqual(expected);
  });
});
