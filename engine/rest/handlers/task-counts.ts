// How many subtasks of a job are in which state, as /jobs/overview has it.

import { countTaskStates } from '../../graph/execution-state.ts';
import type { JobDetails } from '../../runtime/jobmaster/job-details.ts';

export function taskCounts({ vertices }: JobDetails): Record<string, number> {
  const counts = countTaskStates(
    vertices.flatMap(({ subtasks }) => subtasks.map(({ current }) => current.state)),
  );
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const entries = Object.entries(counts).map(
    ([state, count]) => [state.toLowerCase(), count] as const,
  );
  return { ...Object.fromEntries(entries), total };
}
