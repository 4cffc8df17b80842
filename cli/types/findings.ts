// TypeScript's diagnostics as findings: each at its place, in words for people, and said once.

import type { Diagnostic, Program, SourceFile } from 'typescript';
import { hintFor } from './hints.ts';
import { typescript as ts } from './installation.ts';
import { messageOf } from './messages.ts';
import { promisesIn } from './promises.ts';
import type { Finding } from './type-messages.ts';

/** @param file The notebook, of whose program the diagnostics are. */
export function findingsOf(
  file: SourceFile,
  diagnostics: readonly Diagnostic[],
  program: Program,
): readonly Finding[] {
  const promises = promisesIn(file, program);
  const spans = diagnostics.map(spanOf);
  const said = diagnostics.filter((one) => {
    const span = spanOf(one);
    if (asksForAwait(one)) return !promises.some((promise) => areInOneStatement(promise, span));
    const isExplained =
      spans.some((other) => isInside(other, span) && !isInside(span, other)) ||
      promises.some((promise) => isInside(span, promise));
    return !(isExplained && DOES_NOT_FIT.has(one.code)) && !isConsequence(one, diagnostics);
  });
  return [
    ...promises.map(({ start, message }) => findingOf({ file, start, code: 0 }, message, 'error')),
    ...said.map((one) => {
      const message = messageOf(one);
      return findingOf(one, hintFor(message, one, program) ?? message, 'error');
    }),
  ];
}

/** Good advice for a program, and none for what is done with the records of a stream of promises. */
const asksForAwait = ({ relatedInformation = [] }: Diagnostic): boolean =>
  relatedInformation.some(({ code }) => code === 2773);

const areInOneStatement = (a: Span, b: Span): boolean =>
  a.file === b.file &&
  a.file?.statements.some(
    ({ pos, end }) => Math.min(a.start, b.start) >= pos && Math.max(a.start, b.start) < end,
  ) === true;

/** Where a call does not fit, what the rest of its statement works on is not known. */
const isConsequence = (one: Diagnostic, all: readonly Diagnostic[]): boolean =>
  isOfUnknown(one) &&
  all.some((other) => {
    const [cause, span] = [spanOf(other), spanOf(one)];
    return !isOfUnknown(other) && cause.start < span.start && areInOneStatement(cause, span);
  });

const isOfUnknown = (one: Diagnostic): boolean =>
  /(?:given|on type|of type) 'unknown'/.test(messageOf(one));

/** What an argument or a result is, is not what is wanted: something inside it may say why. */
const DOES_NOT_FIT = new Set([2322, 2345, 2769]);

/**
 * Warnings: the notebook is not to blame, and a newer TypeScript may know better.
 * @param file The tsconfig.json.
 */
export function findingsOfConfiguration(
  file: string,
  diagnostics: readonly Diagnostic[],
): readonly Finding[] {
  return diagnostics.map((one) => {
    const message = `${messageOf(one)}; cells are checked as if there were no tsconfig.json`;
    const finding = findingOf(one, message, 'warning');
    return finding.line === undefined ? { ...finding, file } : finding;
  });
}

function findingOf(
  { file, start, code }: Pick<Diagnostic, 'file' | 'start' | 'code'>,
  message: string,
  severity: Finding['severity'],
): Finding {
  if (file === undefined || start === undefined) {
    const nowhere = { file: '', line: undefined, column: undefined, text: undefined };
    return { ...nowhere, message, severity, code };
  }
  const { line, character } = ts.getLineAndCharacterOfPosition(file, start);
  const text = file.text.split(/\r?\n/, line + 1)[line];
  const place = { file: file.fileName, line: line + 1, column: character + 1 };
  return { ...place, text, message, severity, code };
}

interface Span {
  readonly file: SourceFile | undefined;
  readonly start: number;
  readonly end: number;
}

const spanOf = ({ file, start = 0, length = 0 }: Diagnostic): Span => ({
  file,
  start,
  end: start + length,
});

const isInside = (inner: Span, outer: Span): boolean =>
  inner.file === outer.file && inner.start >= outer.start && inner.end <= outer.end;
