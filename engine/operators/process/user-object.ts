// Functions of the program as operators want them: an object with the methods of its kind, whether the user
// wrote an object or a plain function.

import type { Lifecycle } from '../functions.ts';
import type { OperatorContext } from '../stream-operator.ts';

/**
 * The object in a slot; a plain function becomes `{ [method]: function }`.
 * @throws TypeError when a required method is missing.
 */
export function userObject<T extends object>(
  context: OperatorContext,
  slot: string,
  methods: readonly (keyof T & string)[],
): T {
  const given: unknown = context.function(slot);
  const [first] = methods;
  if (typeof given === 'function' && methods.length === 1 && first !== undefined) {
    return { [first]: given } as unknown as T;
  }
  for (const method of methods) {
    if (typeof (given as Record<string, unknown>)[method] !== 'function') {
      throw new TypeError(
        `the ${slot} function of operator ${JSON.stringify(context.name)} has no method ${method}`,
      );
    }
  }
  return given as T;
}

/** What every operator with a user's object does for that object's lifecycle. */
export class UserObjectOperator<T extends Lifecycle<never>> {
  protected readonly context: OperatorContext;
  protected readonly object: T;

  constructor(context: OperatorContext, object: T) {
    this.context = context;
    this.object = object;
  }

  snapshot(checkpointId: number): void {
    this.object.snapshotState?.(checkpointId);
  }

  onCheckpointComplete(checkpointId: number): undefined {
    this.object.notifyCheckpointComplete?.(checkpointId);
  }

  close(): void {
    this.object.close?.();
  }
}
