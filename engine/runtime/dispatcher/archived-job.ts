// A job that has ended: what REST tells of it, and the rows that its client may not have taken. Plain data, so
// that it outlives the JobManager under which the job ended.

import type { OperatorId } from '../../core/ids.ts';
import type { NumberedMessage } from '../../core/job-message.ts';
import type { LaneCounts } from '../../core/results.ts';
import type { JobDetails } from '../jobmaster/job-details.ts';
import { jobDetails } from '../jobmaster/job-details.ts';
import type { JobMaster } from '../jobmaster/job-master.ts';
import { finalAnswer, type KeptResults } from '../jobmaster/job-results.ts';
import type { JobSubmission } from '../jobmaster/job-submission.ts';

/** What is asked of a job, whether it runs or has ended. */
export type KnownJob = Pick<JobMaster, 'jobId' | 'state' | 'requestResults'> & {
  readonly messages: Pick<JobMaster['messages'], 'since'>;
  readonly submission: Pick<JobSubmission, 'bundle' | 'plan'>;
};

export interface ArchivedJob {
  readonly details: JobDetails;
  readonly rows: KeptResults;
  readonly messages: readonly NumberedMessage[];
  readonly submission: Pick<JobSubmission, 'bundle' | 'plan'>;
}

export function archivedJob(master: JobMaster, nowMs: number): ArchivedJob {
  const { bundle, plan } = master.submission;
  return {
    // As it will be known when this is durable.
    details: jobDetails(master, nowMs, master.graph.state),
    rows: master.results.kept,
    messages: master.messages.kept,
    submission: { bundle, plan },
  };
}

/** It answers as its JobMaster did. */
export function knownJob({ details, rows, messages, submission }: ArchivedJob): KnownJob {
  const next = (messages.at(-1)?.number ?? -1) + 1;
  return {
    jobId: details.jobId,
    state: details.state,
    submission,
    requestResults: (operatorId, lane, request) =>
      Promise.resolve(finalAnswer(rows, lanesOf(details, operatorId), operatorId, lane, request)),
    messages: {
      since: (number) =>
        Promise.resolve({
          messages: messages.filter((message) => message.number >= number),
          next,
          isLast: true,
        }),
    },
  };
}

const lanesOf = ({ results }: JobDetails, operatorId: OperatorId): LaneCounts =>
  results.find((stream) => stream.operatorId === operatorId)?.lanes ?? [];
