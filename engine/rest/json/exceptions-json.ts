// Why a job failed, as Flink's REST API tells it.

import { errorText, type RecordedFailure } from '../../runtime/jobmaster/failure-history.ts';
import type { JobDetails } from '../../runtime/jobmaster/job-details.ts';

type Json = Readonly<Record<string, unknown>>;

/** At most `max`, newest first; `truncated` says that there are more. */
export function exceptionsJson({ failures }: JobDetails, max: number): Json {
  return {
    exceptionHistory: {
      entries: failures.slice(0, max).map(entryJson),
      truncated: failures.length > max,
    },
  };
}

/** Task and place are left out for a failure of the job as a whole. */
function entryJson({ atMs, error, task, taskManager, attempt }: RecordedFailure): Json {
  return {
    exceptionName: error.name,
    stacktrace: errorText(error),
    timestamp: atMs,
    failureLabels: {},
    ...(task === undefined ? {} : { taskName: `${task} - execution #${attempt ?? 0}` }),
    ...(taskManager === undefined ? {} : { endpoint: taskManager, taskManagerId: taskManager }),
    concurrentExceptions: [],
  };
}
