// What went wrong, as Flink writes it into an answer: for people, and for its Java clients, who read it back.

import { describeError, type ErrorInfo, errorInfo } from '../../core/errors.ts';
import { errorText } from '../../runtime/jobmaster/failure-history.ts';
import { serializedThrowable } from '../serialized-throwable.ts';

/** Of an operation. */
export const failureCause = (error: unknown): Readonly<Record<string, unknown>> => {
  const info = errorInfo(error);
  return causeJson(info.name, describeError(info));
};

/** The same of what a job failed with, with the frames of its program. */
export const failureOf = (error: ErrorInfo | undefined): Readonly<Record<string, unknown>> =>
  error === undefined
    ? causeJson('Error', 'no cause is known')
    : causeJson(error.name, errorText(error));

const causeJson = (name: string, text: string): Readonly<Record<string, unknown>> => ({
  class: name,
  'stack-trace': text,
  'serialized-throwable': serializedThrowable(name, text.split('\n')[0] ?? '', text),
});
