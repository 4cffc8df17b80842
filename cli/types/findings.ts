// TypeScript's diagnostics as findings: each at its place, in words for people, and said once.

import type { Diagnostic, Program, SourceFile } from 'typescript';
import { hintFor } from './hints.ts';
import { typescript as ts } from './installation.ts';
import { messageOf } from './messages.ts';
import { promisesIn } from './promises.ts';
import type { Finding } from './type-messages.ts';

/** @param file The notebook. */
export function findingsOf(
  file: SourceFile,
  diagnostics: readonly Diagnostic[],
  program: Program,
): readonly Finding[] {
  const promises = promisesIn(file, program);
  const ruled = new Set(promises.map(({ start }) => start));
  const others = diagnostics
    .filter((one) => !isExplained(one, diagnostics))
    .filter((one) => one.file !== file || !ruled.has(one.start ?? -1));
  return [
    ...promises.map(({ start, message }) => findingOf({ file, start, code: 0 }, message, 'error')),
    ...others.map((one) => {
      const message = messageOf(one);
      return findingOf(one, hintFor(message, one, program) ?? message, 'error');
    }),
  ];
}

/** Of a tsconfig.json: that of a newer TypeScript may be right, and the notebook is not to blame. */
export function findingsOfConfiguration(diagnostics: readonly Diagnostic[]): readonly Finding[] {
  return diagnostics.map((diagnostic) => {
    const message = `${messageOf(diagnostic)}; cells are checked as if there were no tsconfig.json`;
    return {
      ...findingOf(diagnostic, message, 'warning'),
      ...(diagnostic.file === undefined ? { file: TSCONFIG } : {}),
    };
  });
}

function findingOf(
  { file, start, code }: Pick<Diagnostic, 'file' | 'start' | 'code'>,
  message: string,
  severity: Finding['severity'],
): Finding {
  if (file === undefined || start === undefined) {
    const place = { file: file?.fileName ?? '', line: undefined, column: undefined };
    return { ...place, text: undefined, message, severity, code };
  }
  const { line, character } = ts.getLineAndCharacterOfPosition(file, start);
  const text = file.text.split(/\r?\n/, line + 1)[line];
  const place = { file: file.fileName, line: line + 1, column: character + 1 };
  return { ...place, text, message, severity, code };
}

/** The argument does not fit, and another diagnostic says what is wrong inside it. */
function isExplained(
  { code, file, start = 0, length = 0 }: Diagnostic,
  all: readonly Diagnostic[],
): boolean {
  return (
    DOES_NOT_FIT.has(code) &&
    all.some(
      ({ file: otherFile, start: from = 0, length: size = 0 }) =>
        otherFile === file && from >= start && from + size <= start + length && size < length,
    )
  );
}

const DOES_NOT_FIT = new Set([2322, 2345, 2769]);
