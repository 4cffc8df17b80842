// How Flink answers when the outcome of an operation is asked for.

import type { AsyncOperation } from './async-operations.ts';
import { ok, type RestAnswer } from './router.ts';

/** A failure is an outcome like another: the operation is COMPLETED, and says why. */
export function operationStatus<T>(
  operation: AsyncOperation<T>,
  result: (value: T) => unknown,
  failure: (error: unknown) => unknown,
): RestAnswer {
  switch (operation.status) {
    case 'in-progress':
      return ok({ status: { id: 'IN_PROGRESS' }, operation: null });
    case 'completed':
      return ok({ status: { id: 'COMPLETED' }, operation: result(operation.result) });
    case 'failed':
      return ok({ status: { id: 'COMPLETED' }, operation: failure(operation.error) });
  }
}
