// Requests for rows that are with the slots' threads: each is answered once, or fails when its task ends.

import { SluiceError } from '../../core/errors.ts';
import type { AttemptId, OperatorId } from '../../core/ids.ts';
import type { ResultsRequest, ResultsResponse } from '../../core/results.ts';
import type { ToSlot } from '../../task/slot-messages.ts';

interface Waiting {
  readonly attemptId: AttemptId;
  resolve(response: ResultsResponse): void;
  reject(error: Error): void;
}

export class WaitingResults {
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;

  /** `post`: to the thread of that task. */
  request(
    attemptId: AttemptId,
    operatorId: OperatorId,
    request: ResultsRequest,
    post: (message: ToSlot) => void,
  ): Promise<ResultsResponse> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { attemptId, resolve, reject });
      post({ kind: 'results', attemptId, operatorId, request, id });
    });
  }

  onResponse(id: number, response: ResultsResponse): void {
    this.#waiting.get(id)?.resolve(response);
    this.#waiting.delete(id);
  }

  onTaskEnded(attemptId: AttemptId): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.attemptId !== attemptId) continue;
      this.#waiting.delete(id);
      waiting.reject(new SluiceError('no-task', `task ${attemptId} has ended`));
    }
  }
}
