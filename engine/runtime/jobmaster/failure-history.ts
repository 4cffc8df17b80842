// The failures that a job has seen, newest first, bounded: what REST shows as its exceptions.

import { describeError, type ErrorInfo, errorInfo } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import type { StreamNode } from '../../graph/stream-graph.ts';
import type { TaskFailure } from '../../task/slot-messages.ts';

export interface RecordedFailure {
  readonly atMs: number;
  readonly error: ErrorInfo;
  /** `name (1/2)`; undefined for a failure of the job as a whole. */
  readonly task: string | undefined;
  readonly taskManager: string | undefined;
  /** Of the task, from 0. */
  readonly attempt: number | undefined;
}

export class FailureHistory {
  #failures: RecordedFailure[] = [];

  get failures(): readonly RecordedFailure[] {
    return this.#failures;
  }

  add(failure: RecordedFailure): void {
    this.#failures = [failure, ...this.#failures].slice(0, limits.exceptionsRememberedMax);
  }
}

/** The failure as an error whose message tells all that is known: operator, place, record. */
export function failureError({
  error,
  operator,
  place,
  record,
}: Omit<TaskFailure, 'cause'>): ErrorInfo {
  const facts = [
    operator === undefined ? undefined : `operator ${JSON.stringify(operator)}`,
    place,
    record === undefined ? undefined : `record ${record}`,
  ].filter((fact) => fact !== undefined);
  return facts.length === 0
    ? error
    : { ...error, message: `${error.message}\n  in ${facts.join(', ')}` };
}

/** The enumerator of a source cannot go on. */
export const sourceFailure = ({ name, origin }: StreamNode, error: unknown): ErrorInfo =>
  failureError({
    error: errorInfo(error),
    operator: name,
    record: undefined,
    place: origin && `cell "${origin.cell}", line ${origin.line}`,
  });

/** With the frames of the program. Our own stand only where nothing else tells what happened. */
export function errorText(error: ErrorInfo): string {
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  const users = frames.filter((line) => !/\b(?:file|node):/.test(line));
  const isUnexplained = users.length === 0 && UNEXPLAINED.has(error.name);
  return [describeError(error), ...(isUnexplained ? frames : users)].join('\n');
}

/** Nobody threw these on purpose: thrown by our code, they are a fault of it. */
const UNEXPLAINED = new Set(['AssertionError', 'TypeError', 'RangeError', 'ReferenceError']);
