// Takes what a job says beside its rows, from its beginning to its end.

import type { NumberedMessage } from '../../engine/core/job-message.ts';
import type { RestClient } from '../../engine/rest/rest-client.ts';
import { RestFailure } from '../../engine/rest/rest-failure.ts';

const WAIT_MS = 2_000;

/**
 * Resolves when the job has ended and all is said. Rejects as `readResults` does.
 * @param onMessages Those that are new, and how many before them were not kept.
 */
export async function readMessages(
  client: RestClient,
  jobId: string,
  onMessages: (messages: readonly NumberedMessage[], lost: number) => void,
  signal: AbortSignal,
  again?: () => Promise<void>,
): Promise<void> {
  let since = 0;
  for (;;) {
    try {
      const { messages, next, isLast } = await client.messages(jobId, since, WAIT_MS, signal);
      const lost = (messages[0]?.number ?? next) - since;
      if (messages.length > 0 || lost > 0) onMessages(messages, lost);
      if (isLast && next >= since) return;
      since = following(since, next);
    } catch (error) {
      signal.throwIfAborted();
      const isUnreachable = error instanceof RestFailure && error.reason === 'unreachable';
      if (again === undefined || !isUnreachable) throw error;
      await again();
    }
  }
}

/** Less than before: another JobManager leads, who has counted from its own beginning. */
const following = (since: number, next: number): number => (next < since ? 0 : next);
