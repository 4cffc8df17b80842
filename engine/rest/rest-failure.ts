// What a client of the door is told when it does not get what it asked for.

import { SluiceError } from '../core/errors.ts';

/**
 * `unreachable`: nobody answers. `refused`: an answer that is no 2xx, or one that cannot be believed.
 * `read-only`: not asked, for the context says that this cluster is only looked at.
 */
type Reason = 'unreachable' | 'refused' | 'read-only';

export class RestFailure extends SluiceError<Reason> {
  /** Of the answer, where there was one. */
  readonly status: number | undefined;

  constructor(reason: Reason, message: string, status?: number) {
    super(reason, message);
    this.name = 'RestFailure';
    this.status = status;
  }
}
